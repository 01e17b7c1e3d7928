"""JPEG ghosts: saved again at the quality it had before, a part changes less than at any quality beside it."""

from __future__ import annotations

from functools import cache

import numpy as np

from cgid.features.signals.jpeg_ghosts import requantisation_error
from cgid.features.signals.shared import dct_of_blocks
from cgid.imaging.display import stretch
from cgid.inspector import coefficients
from cgid.inspector.filter import Choice, Drawn, Filter, Slider
from cgid.inspector.overlays import hatched, over_pixels
from cgid.inspector.view import View

COARSE = (30, 40, 50, 60, 70, 80, 90, 100)  # qualities that the normalised difference is set among
QUALITIES = range(30, 98)
APART = 6  # qualities between a ghost and those it is held against
DIP = 0.6  # of the change a little beside it: below it a block counts as saved so before
LEAST_CHANGE = 0.5  # levels² a pixel: a block that changes less is too flat to judge
CLEAR = 0.25  # share of blocks from which a quality is named; pictures never saved so reach 0.14
SAMPLE = 2500  # blocks that the chart looks at
FEWEST = 16  # blocks with detail, and a twentieth of all: below, a share says nothing


@cache
def blocks_at(down: int, across: int):
    """What makes float32 (64, rows, columns) of a view: DCT of the luma's blocks on the grid that starts there."""

    def make(view: View) -> np.ndarray:
        part = view.stored_luma[down:, across:]
        rows, columns = part.shape[0] // 8, part.shape[1] // 8
        return dct_of_blocks(part).reshape(64, rows, columns) if rows and columns else np.empty((64, 0, 0), np.float32)

    return make


def pixel_change(dct: np.ndarray, quality: int) -> np.ndarray:
    """float32, without the first axis: mean squared change of a block's pixels by saving at that quality, levels².

    dct: (64, …).
    """
    return requantisation_error(dct, quality, range(64))


@cache
def _coarse_at(down: int, across: int):
    def make(view: View) -> np.ndarray:
        dct = view.once(blocks_at(down, across))
        return np.stack([pixel_change(dct, quality) for quality in COARSE])

    return make


@cache
def dips_at(down: int, across: int):
    """What makes (QUALITIES,) of a view: share of its blocks with detail that dip at each quality; NaN where too few."""

    def make(view: View) -> np.ndarray:
        dct = view.once(blocks_at(down, across)).reshape(64, -1)
        dct = dct[:, :: max(1, dct.shape[1] // SAMPLE)]
        first, last = QUALITIES[0] - APART, min(100, QUALITIES[-1] + APART)
        changes = np.stack([pixel_change(dct, q) for q in range(first, last + 1)])
        found = []
        for quality in QUALITIES:
            at = quality - first
            share = dipping(changes[at], changes[at - APART], changes[min(at + APART, len(changes) - 1)])
            judged = ~np.isnan(share)
            enough = np.count_nonzero(judged) >= max(FEWEST, judged.size / 20)
            found.append((share[judged] < DIP).mean() if enough else np.nan)
        return np.array(found)

    return make


def dipping(own: np.ndarray, below: np.ndarray, above: np.ndarray) -> np.ndarray:
    """Change at a quality over the geometric mean of that below and above it; NaN where a block is too flat.

    About 1, or towards 0 where the block was saved with that quality before.
    """
    around = np.sqrt(below * above)
    out = np.full(own.shape, np.nan, np.float32)
    return np.divide(own, around, out=out, where=around > LEAST_CHANGE)


def _smooth(values: np.ndarray, blocks: int) -> np.ndarray:
    import cv2

    return cv2.blur(values, (blocks, blocks), borderType=cv2.BORDER_REPLICATE).reshape(values.shape)


def _draw(view: View, quality: int, down: int, across: int, window: int, show: str) -> Drawn:
    dct = view.once(blocks_at(down, across))
    if not dct.size:
        return Drawn("The picture is too small for a block of 8 x 8 px.", np.zeros(view.rgb.shape[:2], np.uint8))
    own, below, above = (
        _smooth(pixel_change(dct, q), window) for q in (quality, max(1, quality - APART), min(100, quality + APART))
    )
    share = dipping(own, below, above)
    if show == "dip":
        drawn = stretch(np.nan_to_num(1 - share, nan=0.0), 0.0, 1.0)
    else:
        among = np.stack([*(_smooth(each, window) for each in view.once(_coarse_at(down, across))), own])
        low, high = among.min(axis=0), among.max(axis=0)
        drawn = 255 - stretch((own - low) / np.maximum(high - low, 1e-6), 0.0, 1.0)
    columns = {}
    dips = view.once(dips_at(down, across))
    if not np.isnan(dips).all():
        columns = {"quality": np.array(QUALITIES), "share": dips, "chosen": np.array(QUALITIES) == quality}
    shape = view.stored.shape[:2]
    picture = over_pixels(drawn, 8, shape, down, across)
    if show == "dip":
        picture = hatched(picture, over_pixels(np.isnan(share), 8, shape, down, across))
    return Drawn(_finding(share, quality, dips, view.once(coefficients.own_quality)), view.upright(picture), columns)


def _finding(share: np.ndarray, quality: int, dips: np.ndarray, own: int) -> str:
    judged = ~np.isnan(share)
    if np.count_nonzero(judged) < FEWEST:
        return f"There is too little detail to see a ghost at quality {quality}."
    said = f"At quality {quality}, {100 * float((share[judged] < DIP).mean()):.0f} % of the blocks with detail dip"
    of_itself = f" (the file itself is saved at about {own})" if own else ""
    apart = np.where(_follows(own), np.nan, dips)
    if np.isnan(apart).all() or np.nanmax(apart) < CLEAR:
        return f"{said}{of_itself}; no {'other ' if own else ''}quality stands out."
    most = int(np.nanargmax(apart))
    return f"{said}{of_itself}; {'otherwise ' if own else ''}most dip at {QUALITIES[most]} ({100 * apart[most]:.0f} %)."


def _follows(own: int) -> np.ndarray:
    """bool (QUALITIES,): where a file saved at `own` dips of itself: there, and where the steps are a half or a third."""
    qualities = np.array(QUALITIES)
    if not own:
        return np.zeros(len(qualities), bool)
    coarse = 200 - 2 * own if own >= 50 else 5000 / own  # the reference encoder's scale of its steps, in per cent
    near = [np.abs(qualities - own) <= APART]
    near += [np.abs(qualities - (100 - coarse / part / 2)) <= APART / 2 for part in (2, 3)]
    return np.logical_or.reduce(near)


FILTER = Filter(
    name="ghost",
    title="JPEG ghost",
    shelf="Compression",
    shows="Bright blocks change little when they are saved again at the chosen quality. The dip map compares that with "
    "qualities a little below and above; the plot shows at which qualities blocks dip.",
    read="Move the quality to a peak of the plot. Bright everywhere: the whole picture was saved so before. Bright, or "
    "dark, in one patch alone: that part has a history of its own. For a patch from a shifted picture move the grid.",
    cannot="Being saved before is ordinary, and every JPEG dips at its own quality. Finer qualities whose steps divide "
    "the true ones dip too. Flat parts are not judged (hatched); a coarser last save wipes a ghost out. It looks at "
    "brightness only.",
    draw=_draw,
    parameters=(
        Slider("quality", "JPEG quality", 30, 97, 75, 1),
        Slider("down", "Grid moved down", 0, 7, 0, 1, "px"),
        Slider("across", "Grid moved right", 0, 7, 0, 1, "px"),
        Slider("window", "Averaged over", 1, 8, 2, 1, "blocks a side"),
        Choice("show", "Show", ("dip", "normalised difference"), "dip"),
    ),
    chart="ghost_curve",
    cite="Farid, Exposing digital forgeries from JPEG ghosts, IEEE TIFS 2009",
)
