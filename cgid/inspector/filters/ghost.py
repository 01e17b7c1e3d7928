"""JPEG ghosts: recompressed at its earlier quality, a part changes less than at neighbouring qualities."""

from __future__ import annotations

from functools import cache

import numpy as np

from cgid.features.signals.jpeg_ghosts import requantisation_error
from cgid.features.signals.shared import dct_of_blocks
from cgid.imaging.display import normalise_contrast
from cgid.inspector import coefficients
from cgid.inspector.filter import Choice, Filter, FilterResult, Slider
from cgid.inspector.overlays import blocks_to_pixels, hatch
from cgid.inspector.view import View

REFERENCE_QUALITIES = (30, 40, 50, 60, 70, 80, 90, 100)  # qualities that normalise the difference
QUALITIES = range(30, 98)
QUALITY_OFFSET = 6  # qualities between a ghost and those it is compared with
DIP_RATIO = 0.6  # change relative to nearby qualities below which a block counts as compressed so before
MIN_CHANGE = 0.5  # levels² per pixel: blocks that change less are too flat to evaluate
MIN_FRACTION = 0.25  # fraction of blocks from which a quality is reported; images never compressed so reach 0.14
MAX_SAMPLED_BLOCKS = 2500  # blocks used for the chart
MIN_BLOCKS = 16  # blocks with detail, and a twentieth of all, that a fraction needs


@cache
def dct_on_grid(down: int, across: int):
    """Function view -> float32 (64, rows, columns): DCT of the luma blocks on the grid with this offset."""

    def make(view: View) -> np.ndarray:
        part = view.stored_luma[down:, across:]
        rows, columns = part.shape[0] // 8, part.shape[1] // 8
        return dct_of_blocks(part).reshape(64, rows, columns) if rows and columns else np.empty((64, 0, 0), np.float32)

    return make


def pixel_change(dct: np.ndarray, quality: int) -> np.ndarray:
    """float32, without the first axis: mean squared change of a block's pixels by compression at that quality, levels².

    dct: (64, …).
    """
    return requantisation_error(dct, quality, range(64))


@cache
def _reference_changes(down: int, across: int):
    def make(view: View) -> np.ndarray:
        dct = view.cached(dct_on_grid(down, across))
        return np.stack([pixel_change(dct, quality) for quality in REFERENCE_QUALITIES])

    return make


@cache
def dip_curve(down: int, across: int):
    """Function view -> (QUALITIES,): fraction of blocks with detail that dip at each quality; NaN if too few."""

    def make(view: View) -> np.ndarray:
        dct = view.cached(dct_on_grid(down, across)).reshape(64, -1)
        dct = dct[:, :: max(1, dct.shape[1] // MAX_SAMPLED_BLOCKS)]
        first, last = QUALITIES[0] - QUALITY_OFFSET, min(100, QUALITIES[-1] + QUALITY_OFFSET)
        changes = np.stack([pixel_change(dct, q) for q in range(first, last + 1)])
        fractions = []
        for quality in QUALITIES:
            at = quality - first
            ratio = change_ratio(
                changes[at], changes[at - QUALITY_OFFSET], changes[min(at + QUALITY_OFFSET, len(changes) - 1)]
            )
            textured = ~np.isnan(ratio)
            enough = np.count_nonzero(textured) >= max(MIN_BLOCKS, textured.size / 20)
            fractions.append((ratio[textured] < DIP_RATIO).mean() if enough else np.nan)
        return np.array(fractions)

    return make


def change_ratio(own: np.ndarray, below: np.ndarray, above: np.ndarray) -> np.ndarray:
    """Ratio of the change at a quality to the geometric mean of those below and above; NaN where a block is too flat.

    About 1, or towards 0 where the block was compressed with that quality before.
    """
    around = np.sqrt(below * above)
    out = np.full(own.shape, np.nan, np.float32)
    return np.divide(own, around, out=out, where=around > MIN_CHANGE)


def _box_mean(values: np.ndarray, blocks: int) -> np.ndarray:
    import cv2

    return cv2.blur(values, (blocks, blocks), borderType=cv2.BORDER_REPLICATE).reshape(values.shape)


def _apply(view: View, quality: int, down: int, across: int, window: int, show: str) -> FilterResult:
    dct = view.cached(dct_on_grid(down, across))
    if not dct.size:
        return FilterResult("The view is smaller than a block of 8 x 8 px.", np.zeros(view.rgb.shape[:2], np.uint8))
    own, below, above = (
        _box_mean(pixel_change(dct, q), window)
        for q in (quality, max(1, quality - QUALITY_OFFSET), min(100, quality + QUALITY_OFFSET))
    )
    ratio = change_ratio(own, below, above)
    if show == "dip":
        tones = normalise_contrast(np.nan_to_num(1 - ratio, nan=0.0), 0.0, 1.0)
    else:
        all_changes = np.stack(
            [*(_box_mean(each, window) for each in view.cached(_reference_changes(down, across))), own]
        )
        low, high = all_changes.min(axis=0), all_changes.max(axis=0)
        tones = 255 - normalise_contrast((own - low) / np.maximum(high - low, 1e-6), 0.0, 1.0)
    columns = {}
    dips = view.cached(dip_curve(down, across))
    if not np.isnan(dips).all():
        columns = {"quality": np.array(QUALITIES), "share": dips, "chosen": np.array(QUALITIES) == quality}
    shape = view.stored.shape[:2]
    picture = blocks_to_pixels(tones, 8, shape, down, across)
    if show == "dip":
        picture = hatch(picture, blocks_to_pixels(np.isnan(ratio), 8, shape, down, across))
    return FilterResult(
        _finding(ratio, quality, dips, view.cached(coefficients.own_quality)), view.upright(picture), columns
    )


def _finding(ratio: np.ndarray, quality: int, dips: np.ndarray, own: int) -> str:
    textured = ~np.isnan(ratio)
    if np.count_nonzero(textured) < MIN_BLOCKS:
        return f"There is too little detail to detect a ghost at quality {quality}."
    text = (
        f"At quality {quality}, {100 * float((ratio[textured] < DIP_RATIO).mean()):.0f} % of the blocks with detail dip"
    )
    note = f" (the file itself has a quality of about {own})" if own else ""
    other_dips = np.where(_expected_dips(own), np.nan, dips)
    if np.isnan(other_dips).all() or np.nanmax(other_dips) < MIN_FRACTION:
        return f"{text}{note}; no {'other ' if own else ''}quality stands out."
    best = int(np.nanargmax(other_dips))
    return f"{text}{note}; {'otherwise ' if own else ''}most dip at {QUALITIES[best]} ({100 * other_dips[best]:.0f} %)."


def _expected_dips(own: int) -> np.ndarray:
    """bool (QUALITIES,): where a file of quality `own` is expected to dip: there, and where the steps are a half or a third."""
    qualities = np.array(QUALITIES)
    if not own:
        return np.zeros(len(qualities), bool)
    coarse = 200 - 2 * own if own >= 50 else 5000 / own  # the reference encoder's scale of its steps, in per cent
    near = [np.abs(qualities - own) <= QUALITY_OFFSET]
    near += [np.abs(qualities - (100 - coarse / part / 2)) <= QUALITY_OFFSET / 2 for part in (2, 3)]
    return np.logical_or.reduce(near)


FILTER = Filter(
    name="ghost",
    title="JPEG ghost",
    category="Compression",
    shows="Bright blocks change little when recompressed at the chosen quality. The dip map compares this with "
    "qualities a little below and above; the plot shows at which qualities blocks dip.",
    read="Move the quality to a peak of the plot. Bright everywhere: the whole image was compressed so before. Bright, or "
    "dark, in one patch only: that part has a different history. For a patch with a shifted grid, move the grid.",
    cannot="Earlier compression is common, and every JPEG dips at its own quality. Finer qualities whose steps divide "
    "the true ones dip too. Flat parts are not evaluated (hatched); a coarser last compression removes a ghost. Only "
    "brightness is used.",
    apply=_apply,
    parameters=(
        Slider("quality", "JPEG quality", 30, 97, 75, 1),
        Slider("down", "Vertical grid offset", 0, 7, 0, 1, "px"),
        Slider("across", "Horizontal grid offset", 0, 7, 0, 1, "px"),
        Slider("window", "Averaging window", 1, 8, 2, 1, "blocks a side"),
        Choice("show", "Show", ("dip", "normalised difference"), "dip"),
    ),
    chart="ghost_curve",
    cite="Farid, Exposing digital forgeries from JPEG ghosts, IEEE TIFS 2009",
)
