"""Traces of earlier JPEG compression in the pixels: earlier quality, ghosts, double quantisation, grid, digits, dimples.

Each trace has its module in `signals`. All but the ghost map use luma on the file's own grid, central crop of at most
512 px, never resized. A PNG or WebP that was a JPEG shows the same traces, so the values exist for every format. Family
`content`, since pixels are read; but histograms depend on the steps of a JPEG's own tables, so Model B's headline
metrics exclude all columns that start with `jpeg_`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cgid.features.group import Feature, FeatureGroup, Map
from cgid.features.signals import benford, block_grid, dct_histogram, double_quantisation, jpeg_ghosts
from cgid.features.signals.shared import block_dct
from cgid.imaging.display import colormap, normalise_contrast, thumbnail

if TYPE_CHECKING:
    from cgid.imaging.image_file import ImageFile

TILE = 4  # blocks a side: 32 px
MIN_TILES = 4
GHOST_CONTRAST = 0.6  # contrast below which a part counts as compressed with the earlier quality


def compute(image: ImageFile) -> dict[str, float]:
    dct = image.cached(block_dct)
    values = {**_grid(image.cached(block_grid.from_image)), "dimples": block_grid.dimple_strength(dct)}
    if dct.shape[2] * dct.shape[3] >= block_grid.MIN_BLOCKS:
        values |= {**_earlier_compression(image), **_digits(image)}
    return values


def _earlier_compression(image: ImageFile) -> dict[str, float]:
    histograms = image.cached(dct_histogram.histograms)
    if not histograms:
        return {}
    evidence = double_quantisation.evidence(histograms)
    quality, strongest = int(evidence.argmax()) + 1, float(evidence.max())
    curve, usual = jpeg_ghosts.ghost_curve(histograms)
    values = {
        "former_quality": float(quality) if strongest >= double_quantisation.DETECTION_THRESHOLD else math.nan,
        "former_evidence": strongest,
        "ghost_depth": max(0.0, 1 - float(np.nanmin(curve))) if not np.isnan(curve).all() else math.nan,
    }
    contrast = jpeg_ghosts.ghost_contrast(image.cached(dct_histogram.aligned_dct), quality, usual, TILE)
    contrast = contrast[~np.isnan(contrast)]
    if len(contrast) >= MIN_TILES:
        values["ghost_share"] = float((contrast < GHOST_CONTRAST).mean())
        # Values above 1 are texture that fits the quality badly by chance, not a trace.
        values["ghost_unevenness"] = float(np.minimum(contrast, 1).std(dtype=np.float64))
    return values


def _grid(grid: block_grid.Grid | None) -> dict[str, float]:
    if grid is None:
        return {}
    columns, rows = grid.columns, grid.rows
    values = {
        "blockiness": float(columns.excess[0] + rows.excess[0]) / max(columns.step + rows.step, 0.01),
        "grid_strength": grid.strength,
        "foreign_grid": max(columns.other_grid, rows.other_grid),
    }
    for name, direction in (("grid_row", rows), ("grid_column", columns)):
        if direction.start is not None:
            values[name] = float(direction.start)
    return values


def _digits(image: ImageFile) -> dict[str, float]:
    shares = benford.first_digits(image.cached(dct_histogram.level_counts).sum(axis=0))
    if np.isnan(shares).any():
        return {}
    law, exponent, _ = benford.fit_law(shares)
    return {
        "benford_divergence": benford.divergence(shares, law),
        "benford_exponent": exponent,
        "benford_first": float(shares[0]),
    }


def draw_ghost(image: ImageFile) -> np.ndarray:
    histograms = image.cached(dct_histogram.histograms)
    dct = image.cached(dct_histogram.aligned_dct)
    if not histograms or min(dct.shape[2:]) < 1:
        return np.zeros((8, 8, 3), np.uint8)
    quality = int(double_quantisation.evidence(histograms).argmax()) + 1
    contrast = jpeg_ghosts.ghost_contrast(dct, quality, jpeg_ghosts.ghost_curve(histograms)[1], 1)
    known = ~np.isnan(contrast)
    # Blocks without detail stay as dark as those never compressed so; each is shown 8 px wide.
    shown = normalise_contrast(np.where(known, 1 - contrast, 0), 0, 1)
    return thumbnail(colormap(np.repeat(np.repeat(shown, 8, axis=0), 8, axis=1)))


def draw_dimples(image: ImageFile) -> np.ndarray:
    dct = image.cached(block_dct)
    if dct.shape[2] * dct.shape[3] < block_grid.MIN_BLOCKS:
        return np.zeros((8, 8), np.uint8)
    block = block_grid.mean_block(dct)
    limit = max(float(np.abs(block).max()), 0.5)
    return np.repeat(np.repeat(normalise_contrast(block, -limit, limit), 32, axis=0), 32, axis=1)


_ERRORS = "standard errors"
GROUP = FeatureGroup(
    key="jpeg_history",
    title="JPEG history",
    family="content",
    prefix="jpeg",
    version=2,
    meaning="Traces of JPEG compressions before the present file was written.",
    cite="Farid, IEEE TIFS 2009; Popescu and Farid, IH 2004; Fan and de Queiroz, IEEE TIP 2003; Bonettini et al., "
    "ICPR 2020, arXiv:2004.07682; Agarwal and Farid, WIFS 2017.",
    weakness="Editing, uploading and messaging recompress: such a history does not reveal the origin of the image.",
    not_applicable="Under 16 blocks of 8 x 8 px or without detail.",
    compute=compute,
    features=(
        Feature(
            "former_quality",
            "Earlier quality",
            "Quality of an earlier JPEG compression that explains the values best; missing if none is detected",
            "1..100",
        ),
        Feature(
            "former_evidence",
            "Evidence for it",
            "Strength of the evidence: 7 or more counts as detected, which one image in 200 reaches by chance",
            _ERRORS,
        ),
        Feature(
            "ghost_depth",
            "Ghost depth",
            "How much less the image changes at one quality than expected without earlier compression",
            "share 0..1",
        ),
        Feature(
            "ghost_share",
            "Ghost area",
            "Fraction of 32 px tiles that appear compressed with the earlier quality: 0 none, 1 all",
            "share 0..1",
        ),
        Feature(
            "ghost_unevenness",
            "Ghost variation",
            "Standard deviation of the ghost over tiles: high if only a part of the image has that history",
            "ratio",
        ),
        Feature(
            "blockiness",
            "Blockiness",
            "Steps at the edges of 8 x 8 blocks above adjacent steps, relative to all steps",
            "ratio",
        ),
        Feature("grid_strength", "Block grid", "How clearly the strongest of 64 block grids stands out", _ERRORS),
        Feature(
            "grid_column",
            "Grid column",
            "Horizontal offset of the grid, if detected; 0 unless cropped afterwards",
            "pixels 0..7",
        ),
        Feature(
            "grid_row",
            "Grid row",
            "Vertical offset of the grid, if detected; 0 unless cropped afterwards",
            "pixels 0..7",
        ),
        Feature(
            "foreign_grid",
            "Second grid",
            "Strength of a grid that does not start at the corner: a JPEG that was cropped and recompressed",
            _ERRORS,
        ),
        Feature(
            "benford_divergence",
            "First digits",
            "Divergence of the coefficients' first digits from the nearest generalised Benford law",
            "bits",
        ),
        Feature("benford_exponent", "Benford exponent", "Exponent of that law; 1 for the plain law", "number"),
        Feature("benford_first", "Fraction of ones", "Fraction of coefficients whose first digit is 1", "share 0..1"),
        Feature(
            "dimples",
            "Dimples",
            "Deviation of the first pixel of the mean block: below 0 darker, above 0 brighter",
            "spreads",
        ),
    ),
    maps=(
        Map(
            "ghost",
            "JPEG ghost",
            draw_ghost,
            legend="Bright: changes least when compressed with the most likely earlier quality. Dark: never compressed so.",
            caution="All bright means that the whole image was compressed before, which is common. Flat areas stay dark.",
        ),
        Map(
            "dimples",
            "Mean block",
            draw_dimples,
            legend="The mean 8 x 8 block, enlarged. A first pixel (upper left) that differs from the rest is a dimple.",
            caution="Only some cameras leave it; its absence means nothing.",
        ),
    ),
)
