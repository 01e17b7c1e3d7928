"""Maps the traces of demosaicing (CFA): the two-pixel period is missing or out of phase where something was pasted."""

from __future__ import annotations

import numpy as np

from cgid.features.groups.cfa import residual
from cgid.imaging.display import normalise_contrast
from cgid.inspector.filter import Filter, FilterResult, Slider
from cgid.inspector.overlays import blocks_to_pixels, split_blocks
from cgid.inspector.view import View

MIN_DETAIL = 1.0  # mean residual of a block (4 x pixel - neighbours): flatter blocks are not evaluated
MIN_BLOCK_RATIO = 0.4  # log2 ratio from which a block counts as showing the trace
MIN_VIEW_RATIO = 0.1  # of the whole view, as in the feature group
MIN_BLOCKS = 16


def _green(view: View) -> np.ndarray:
    """float32 (h, w) as stored: difference of each green pixel from its four neighbours; the border repeats the nearest value."""
    return np.pad(residual(np.ascontiguousarray(view.stored[..., 1])), 1, mode="edge").astype(np.float32)


def ratios(view: View, side: int) -> np.ndarray:
    """float32 (rows, columns), as stored: log2 of the residual on one lattice of green over the other; NaN where flat.

    side: px of a block, even. The first lattice contains the block's upper left pixel.
    """
    blocks = split_blocks(view.cached(_green), side)
    here = np.add.outer(np.arange(side), np.arange(side)).ravel() % 2 == 0
    measured, computed = (blocks[..., which].mean(axis=-1) for which in (here, ~here))
    ratio = np.log2((measured + 0.25) / (computed + 0.25))
    return np.where(measured + computed > 2 * MIN_DETAIL, ratio, np.float32(np.nan))


def _apply(view: View, side: int, reach: float) -> FilterResult:
    grey = np.full(view.rgb.shape[:2], 128, np.uint8)
    if min(view.stored.shape[:2]) < 16:
        return FilterResult("The view is too small to show a demosaicing trace.", grey)
    ratio = ratios(view, side)
    textured = ~np.isnan(ratio)
    if np.count_nonzero(textured) < MIN_BLOCKS:
        return FilterResult("There is too little detail to show a demosaicing trace.", grey)
    usual = float(np.median(ratio[textured]))
    ratio = ratio * np.float32(1 if usual >= 0 else -1)
    tones = blocks_to_pixels(normalise_contrast(np.nan_to_num(ratio), -reach, reach), side, view.stored.shape[:2])
    in_phase, out_of_phase = (float((s * ratio[textured] > MIN_BLOCK_RATIO).mean()) for s in (1, -1))
    if abs(usual) < MIN_VIEW_RATIO:
        trace = "No demosaicing trace runs through the view"
    else:
        trace = f"A demosaicing trace is present (strength {abs(usual):.2f})"
    finding = f"{trace}: {100 * in_phase:.0f} % of the blocks with detail have it, {100 * out_of_phase:.0f} % are out of phase."
    return FilterResult(finding, view.upright(tones))


FILTER = Filter(
    name="cfa",
    title="Demosaicing traces (CFA)",
    category="Noise",
    shows="A camera measures green at every second pixel and interpolates it at the others, which are smoother. "
    "Bright blocks match the pattern of the whole view, dark ones are out of phase, grey ones show none.",
    read="In an unedited full-size photo most of the detail is bright. Grey or dark patches with a clear outline "
    "were pasted, resized, repainted or shifted by an odd number of pixels.",
    cannot="Resizing and JPEG below about quality 95 remove the trace from the whole image, so uniform grey says "
    "little. Flat areas are always grey.",
    apply=_apply,
    parameters=(
        Slider("side", "Block size", 8, 64, 16, 8, "px"),
        Slider("reach", "Range", 0.25, 3.0, 1.5, 0.25, "doublings"),
    ),
    cite="Gallagher and Chen, Image authentication by detecting traces of demosaicing, CVPR Workshops 2008; Ferrara et "
    "al., Image forgery localization via fine-grained analysis of CFA artifacts, IEEE TIFS 2012",
)
