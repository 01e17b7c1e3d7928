"""Median filter traces: streaks of equal neighbouring pixels (streaking artefacts)."""

from __future__ import annotations

import numpy as np

from cgid.imaging.display import colormap, normalise_contrast
from cgid.inspector.filter import Choice, Filter, FilterResult, Slider
from cgid.inspector.overlays import blocks_to_pixels, hatch, split_blocks
from cgid.inspector.view import View

CHANNELS = {"green": 1, "red": 0, "blue": 2}
# reached by 0 to 19 % of the blocks of four unaltered photographs, and by 59 to 98 % after a 3 x 3 median
DETECTION_RATIO = 2.2
MIN_CONTRAST = 2.0  # levels: mean step between neighbours; in smoother blocks equal pixels are normal
MIN_FRACTION = 0.25  # of a block's pairs that must be neither black nor white


def streaking(values: np.ndarray, side: int) -> np.ndarray:
    """float32 (rows, columns): ratio of equal neighbours to neighbours one level apart; NaN where it cannot be estimated.

    values: uint8 (h, w). side: px of a block. About 1 in an image with noise: a step of +1 is as frequent as none.
    """
    pairs = [(values[:, :-1], values[:, 1:]), (values[:-1], values[1:])]
    equal, one_level, step, counted = (np.zeros(values.shape, np.float32) for _ in range(4))
    for one, two in pairs:
        size = np.abs(one.astype(np.int16) - two)
        clipped = ((one == 0) & (two == 0)) | ((one == 255) & (two == 255))
        where = np.s_[: size.shape[0], : size.shape[1]]
        equal[where] += (size == 0) & ~clipped
        one_level[where] += size == 1
        step[where] += size
        counted[where] += ~clipped
    equal, one_level, step, counted = (
        split_blocks(each, side).mean(axis=-1) for each in (equal, one_level, step, counted)
    )
    is_textured = (counted > 2 * MIN_FRACTION) & (step > MIN_CONTRAST * counted)
    ratio = equal / (one_level / 2 + np.float32(0.005))
    return np.where(is_textured, ratio, np.float32(np.nan))


def _apply(view: View, channel: str, side: int) -> FilterResult:
    values = np.ascontiguousarray(view.rgb[..., CHANNELS[channel]])
    ratios = streaking(values, side)
    known = ~np.isnan(ratios)
    shape = values.shape
    unknown = blocks_to_pixels(~known, side, shape)
    if not known.any():
        return FilterResult("No part has enough noise for an estimate.", hatch(np.zeros(shape, np.uint8), unknown))
    coloured = colormap(
        blocks_to_pixels(normalise_contrast(np.log2(np.maximum(np.nan_to_num(ratios), 0.5)), -0.5, 2.5), side, shape)
    )
    lines = hatch(coloured[..., 0], unknown)
    picture = np.where(unknown[..., None], lines[..., None], coloured)
    fraction = float((ratios[known] >= DETECTION_RATIO).mean())
    finding = (
        f"Neighbours are equal {np.median(ratios[known]):.1f} times as often as one level apart each way; "
        f"{100 * fraction:.0f} % of the blocks with noise look median-filtered ({DETECTION_RATIO:g} times and more)."
    )
    return FilterResult(finding, picture)


FILTER = Filter(
    name="median_filter_traces",
    title="Median filter traces",
    category="Copies and repairs",
    shows="How often neighbouring pixels are exactly equal, against how often they are one level apart: bright where a "
    "median filter (dust and scratch removal, skin smoothing, hiding of other traces) left its streaks. Hatched: too "
    "smooth or clipped to evaluate.",
    read="A bright area with a clear outline was smoothed locally. All bright: the whole image was filtered, or has few "
    "levels. Scattered bright blocks, up to one in five, are normal.",
    cannot="JPEG removes the streaks, even at quality 95: it works on PNG, TIFF and other lossless formats. Graphics, and "
    "images stretched from few levels, are naturally bright.",
    apply=_apply,
    parameters=(
        Choice("channel", "Channel", tuple(CHANNELS), "green"),
        Slider("side", "Block size", 16, 96, 32, 8, "px"),
    ),
    cite="Kirchner and Fridrich, On detection of median filtering in digital images, Media Forensics and Security, 2010",
)
