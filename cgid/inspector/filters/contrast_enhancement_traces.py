"""Peaks and gaps in the histograms, in the whole view and block by block: a change of contrast leaves them."""

from __future__ import annotations

import numpy as np

from cgid.features.signals.histograms import combs
from cgid.imaging.display import heat, stretch
from cgid.inspector.filter import Choice, Drawn, Filter, Slider
from cgid.inspector.overlays import hatched, over_pixels
from cgid.inspector.view import View

CHANNELS = {"red": 0, "green": 1, "blue": 2}
ALL = "all three"
SEEN = 0.12  # of a view's comb; four photographs stay at 0.09 as PNG and JPEG 90, and pass it at a gamma of 0.9
SEEN_IN_BLOCK = 0.25
FEWEST_LEVELS = 24  # filled levels of a block: fewer make no histogram
FEWEST_PIXELS = 4000  # of a view
APART = 0.4  # by which a level must differ from the mean of its neighbours to be marked


def histograms(plane: np.ndarray, side: int) -> np.ndarray:
    """int (rows, columns, 256) of each block of a uint8 plane; the last row and column of blocks may be smaller."""
    rows, columns = (-(-length // side) for length in plane.shape)
    block = (np.arange(plane.shape[0]) // side * columns)[:, None] + np.arange(plane.shape[1]) // side
    return np.bincount((block * 256 + plane).ravel(), minlength=rows * columns * 256).reshape(rows, columns, 256)


def _combs(counts: np.ndarray) -> np.ndarray:
    """float64 of the leading axes: comb of each histogram, NaN where too few levels are filled."""
    found = combs(counts.reshape(-1, 256).astype(np.float64)).reshape(counts.shape[:-1])
    return np.where((counts > 0).sum(axis=-1) >= FEWEST_LEVELS, found, np.nan)


def _draw(view: View, channel: str, side: int) -> Drawn:
    chosen = CHANNELS if channel == ALL else {channel: CHANNELS[channel]}
    each = {name: histograms(view.rgb[..., k], side) for name, k in chosen.items()}
    whole = {name: found.sum(axis=(0, 1)) for name, found in each.items()}
    local = np.stack([_combs(found) for found in each.values()])
    known = ~np.isnan(local)
    block = np.where(
        known.any(axis=0), np.where(known, local, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1), np.nan
    )
    shape = view.rgb.shape[:2]
    doubt = over_pixels(np.isnan(block), side, shape)
    drawn = heat(over_pixels(stretch(np.nan_to_num(block), 0, 2 * SEEN_IN_BLOCK), side, shape))
    picture = np.where(doubt[..., None], hatched(drawn[..., 0], doubt)[..., None], drawn)
    return Drawn(_finding(whole, block), picture, _columns(whole))


def _finding(whole: dict[str, np.ndarray], block: np.ndarray) -> str:
    counts = np.stack(list(whole.values()))
    if counts[0].sum() < FEWEST_PIXELS:
        return "The view has too few pixels for a histogram."
    found = _combs(counts)
    if np.isnan(found).all():
        return "The view has too few levels for a histogram."
    said = ", ".join(f"{name} {value:.2f}" for name, value in zip(whole, found))
    told = block[~np.isnan(block)]
    share = f"; {100 * (told >= SEEN_IN_BLOCK).mean():.0f} % of the blocks have them" if len(told) else ""
    if np.nanmax(found) >= SEEN:
        why = "the contrast was changed, levels were few, or a coarse JPEG save rounded them"
        return f"Peaks and gaps stand in the histograms ({said}): {why}{share}."
    return f"The histograms are smooth ({said}): no change of contrast shows{share}."


def _columns(whole: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    marks = []
    for counts in whole.values():
        around = np.convolve(np.pad(counts, 1, mode="edge"), [0.5, 0, 0.5], mode="valid")
        differs = np.abs(counts - around) > np.maximum(APART * (counts + around), 4 * np.sqrt(counts + around))
        inside = (np.arange(256) > 1) & (np.arange(256) < 254)
        marks.append(np.where(differs & inside, np.where(counts > around, "peak", "gap"), ""))
    return {
        "channel": np.repeat(list(whole), 256),
        "level": np.tile(np.arange(256), len(whole)),
        "pixels": np.concatenate(list(whole.values())),
        "mark": np.concatenate(marks),
    }


FILTER = Filter(
    name="contrast_enhancement_traces",
    title="Contrast change traces",
    shelf="Copies and repairs",
    shows="Peaks and gaps in the histograms: a change of contrast, brightness or gamma sends some levels to the same "
    "place and leaves others empty. Bright blocks have them; hatched ones have too few levels to tell.",
    read="A smooth histogram in the plot is untouched or was smoothed since. A comb tells of a change of the whole "
    "picture, which is ordinary; a bright patch in a dark map tells of a change there alone.",
    cannot="JPEG, resizing and added grain fill the gaps again, and JPEG of low quality makes combs of its own. Cameras and phones change the contrast before they round, "
    "which leaves no trace. GIFs and graphics have few levels to begin with.",
    draw=_draw,
    parameters=(
        Choice("channel", "Channel", (ALL, *CHANNELS), ALL),
        Slider("side", "Block size", 64, 256, 128, 32, "px"),
    ),
    chart="level_marks",
    cite="Stamm and Liu, Forensic detection of image manipulation using statistical intrinsic fingerprints, IEEE TIFS 2010",
)
