"""Maps the two-pixel rhythm of a camera's colour mosaic: it stops, or falls out of step, where something was pasted."""

from __future__ import annotations

import numpy as np

from cgid.features.groups.cfa import residual
from cgid.imaging.display import stretch
from cgid.inspector.filter import Drawn, Filter, Slider
from cgid.inspector.overlays import in_blocks, over_pixels
from cgid.inspector.view import View

LEAST_DETAIL = 1.0  # mean residual of a block (4 x pixel - neighbours): below it a block is too flat to judge
CLEAR = 0.4  # log2 ratio of a block from which it counts as having the rhythm
SEEN = 0.1  # of the whole view, as in the feature group
LEAST_BLOCKS = 16


def _green(view: View) -> np.ndarray:
    """float32 (h, w) as stored: how far each green pixel lies from its four neighbours; the rim repeats its neighbour."""
    return np.pad(residual(np.ascontiguousarray(view.stored[..., 1])), 1, mode="edge").astype(np.float32)


def ratios(view: View, side: int) -> np.ndarray:
    """float32 (rows, columns), as stored: log2 of the residual on one lattice of green over the other; NaN where flat.

    side: px of a block, even. The lattice is that of the block's own upper left pixel.
    """
    blocks = in_blocks(view.once(_green), side)
    here = np.add.outer(np.arange(side), np.arange(side)).ravel() % 2 == 0
    measured, computed = (blocks[..., which].mean(axis=-1) for which in (here, ~here))
    found = np.log2((measured + 0.25) / (computed + 0.25))
    return np.where(measured + computed > 2 * LEAST_DETAIL, found, np.float32(np.nan))


def _draw(view: View, side: int, reach: float) -> Drawn:
    grey = np.full(view.rgb.shape[:2], 128, np.uint8)
    if min(view.stored.shape[:2]) < 16:
        return Drawn("The picture is too small to have a rhythm.", grey)
    found = ratios(view, side)
    judged = ~np.isnan(found)
    if np.count_nonzero(judged) < LEAST_BLOCKS:
        return Drawn("There is too little detail for the colour mosaic to show.", grey)
    usual = float(np.median(found[judged]))
    found = found * np.float32(1 if usual >= 0 else -1)
    drawn = over_pixels(stretch(np.nan_to_num(found), -reach, reach), side, view.stored.shape[:2])
    with_it, against = (float((s * found[judged] > CLEAR).mean()) for s in (1, -1))
    if abs(usual) < SEEN:
        said = "No rhythm of a colour mosaic runs through the view"
    else:
        said = f"The rhythm of a colour mosaic shows (strength {abs(usual):.2f})"
    finding = f"{said}: {100 * with_it:.0f} % of the blocks with detail have it, {100 * against:.0f} % are out of step."
    return Drawn(finding, view.upright(drawn))


FILTER = Filter(
    name="cfa",
    title="Colour mosaic (CFA)",
    shelf="Noise",
    shows="A camera measures green at every second pixel and computes it at the others, which come out smoother. "
    "Bright blocks keep the rhythm of the whole view, dark ones have it the other way round, grey ones have none.",
    read="In an untouched full-size camera picture most of the detail is bright. Grey or dark patches with an outline "
    "were pasted, resized, repainted or shifted by an odd number of pixels.",
    cannot="Resizing and JPEG below about quality 95 remove the rhythm from the whole picture, so grey everywhere says "
    "little. Flat parts are grey in any case.",
    draw=_draw,
    parameters=(
        Slider("side", "Block size", 8, 64, 16, 8, "px"),
        Slider("reach", "Range", 0.25, 3.0, 1.5, 0.25, "doublings"),
    ),
    cite="Gallagher and Chen, Image authentication by detecting traces of demosaicing, CVPR Workshops 2008; Ferrara et "
    "al., Image forgery localization via fine-grained analysis of CFA artifacts, IEEE TIFS 2012",
)
