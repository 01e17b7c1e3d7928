"""Peaks and gaps in the histograms of the view and of its blocks: traces of contrast enhancement."""

from __future__ import annotations

import numpy as np

from cgid.features.signals.histograms import histogram_combs
from cgid.imaging.display import colormap, normalise_contrast
from cgid.inspector.filter import Choice, Filter, FilterResult, Slider
from cgid.inspector.overlays import blocks_to_pixels, hatch
from cgid.inspector.view import View

CHANNELS = {"red": 0, "green": 1, "blue": 2}
ALL_CHANNELS = "all three"
# comb strength of a view; four photographs reach 0.09 as PNG and JPEG 90, and exceed it at a gamma of 0.9
DETECTION_THRESHOLD = 0.12
BLOCK_THRESHOLD = 0.25
MIN_LEVELS = 24  # filled levels of a block that a histogram needs
MIN_PIXELS = 4000  # of a view
MIN_LEVEL_CONTRAST = 0.4  # relative difference of a level from its neighbours' mean from which it is marked


def histograms(plane: np.ndarray, side: int) -> np.ndarray:
    """int (rows, columns, 256) of each block of a uint8 plane; the last row and column of blocks may be smaller."""
    rows, columns = (-(-length // side) for length in plane.shape)
    block = (np.arange(plane.shape[0]) // side * columns)[:, None] + np.arange(plane.shape[1]) // side
    return np.bincount((block * 256 + plane).ravel(), minlength=rows * columns * 256).reshape(rows, columns, 256)


def _comb_strength(counts: np.ndarray) -> np.ndarray:
    """float64 of the leading axes: comb strength of each histogram, NaN where too few levels are filled."""
    strength = histogram_combs(counts.reshape(-1, 256).astype(np.float64)).reshape(counts.shape[:-1])
    return np.where((counts > 0).sum(axis=-1) >= MIN_LEVELS, strength, np.nan)


def _apply(view: View, channel: str, side: int) -> FilterResult:
    chosen = CHANNELS if channel == ALL_CHANNELS else {channel: CHANNELS[channel]}
    local_counts = {name: histograms(view.rgb[..., k], side) for name, k in chosen.items()}
    whole = {name: counts.sum(axis=(0, 1)) for name, counts in local_counts.items()}
    local = np.stack([_comb_strength(counts) for counts in local_counts.values()])
    known = ~np.isnan(local)
    block = np.where(
        known.any(axis=0), np.where(known, local, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1), np.nan
    )
    shape = view.rgb.shape[:2]
    unknown = blocks_to_pixels(np.isnan(block), side, shape)
    coloured = colormap(blocks_to_pixels(normalise_contrast(np.nan_to_num(block), 0, 2 * BLOCK_THRESHOLD), side, shape))
    picture = np.where(unknown[..., None], hatch(coloured[..., 0], unknown)[..., None], coloured)
    return FilterResult(_finding(whole, block), picture, _columns(whole))


def _finding(whole: dict[str, np.ndarray], block: np.ndarray) -> str:
    counts = np.stack(list(whole.values()))
    if counts[0].sum() < MIN_PIXELS:
        return "The view has too few pixels for a histogram."
    strengths = _comb_strength(counts)
    if np.isnan(strengths).all():
        return "The view has too few levels for a histogram."
    values = ", ".join(f"{name} {value:.2f}" for name, value in zip(whole, strengths))
    known = block[~np.isnan(block)]
    fraction = f"; {100 * (known >= BLOCK_THRESHOLD).mean():.0f} % of the blocks have them" if len(known) else ""
    if np.nanmax(strengths) >= DETECTION_THRESHOLD:
        why = "the contrast was changed, levels were few, or a coarse JPEG save rounded them"
        return f"Peaks and gaps stand out in the histograms ({values}): {why}{fraction}."
    return f"The histograms are smooth ({values}): no change of contrast is visible{fraction}."


def _columns(whole: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    marks = []
    for counts in whole.values():
        around = np.convolve(np.pad(counts, 1, mode="edge"), [0.5, 0, 0.5], mode="valid")
        differs = np.abs(counts - around) > np.maximum(
            MIN_LEVEL_CONTRAST * (counts + around), 4 * np.sqrt(counts + around)
        )
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
    category="Copies and repairs",
    shows="Peaks and gaps in the histograms: a change of contrast, brightness or gamma maps some levels to the same "
    "value and leaves others empty. Bright blocks have them; hatched ones have too few levels.",
    read="A smooth histogram in the plot is unedited or was smoothed since. A comb indicates a change of the whole "
    "image, which is common; a bright patch in a dark map indicates a local change.",
    cannot="JPEG, resizing and added noise fill the gaps again, and low-quality JPEG creates combs itself. Cameras and phones change the contrast before they round, "
    "which leaves no trace. GIFs and graphics have few levels to begin with.",
    apply=_apply,
    parameters=(
        Choice("channel", "Channel", (ALL_CHANNELS, *CHANNELS), ALL_CHANNELS),
        Slider("side", "Block size", 64, 256, 128, 32, "px"),
    ),
    chart="level_marks",
    cite="Stamm and Liu, Forensic detection of image manipulation using statistical intrinsic fingerprints, IEEE TIFS 2010",
)
