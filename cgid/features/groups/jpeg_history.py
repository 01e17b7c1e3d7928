"""What the picture's values tell about JPEG compressions before the present file: how often, how strong, on which grid.

Each trace has its file beside `groups`: former quality, ghosts, periods in the histograms, block grid, first digits,
dimples. All but the ghost map look at luma on the file's own grid, central crop of at most 512 px, never resized.
A PNG or WebP that was a JPEG shows the same traces, so the values exist for every format. Family `content`, since it is
pixels that are read; yet histograms follow the steps of a JPEG's own tables, so Model B's headline leaves all columns
that start with `jpeg_` out.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cgid.features.group import Feature, FeatureGroup, Map
from cgid.features.signals import benford, block_grid, dct_histogram, double_quantisation, jpeg_ghosts
from cgid.features.signals.shared import block_dct
from cgid.imaging.display import fit, heat, stretch

if TYPE_CHECKING:
    from cgid.imaging.image_file import ImageFile

TILE = 4  # blocks a side: 32 px
LEAST_TILES = 4
GHOST = 0.6  # contrast under which a part counts as saved with the former quality


def compute(image: ImageFile) -> dict[str, float]:
    dct = image.once(block_dct)
    values = {**_grid(image.once(block_grid.of)), "dimples": block_grid.strength(dct)}
    if dct.shape[2] * dct.shape[3] >= block_grid.LEAST_BLOCKS:
        values |= {**_former(image), **_digits(image)}
    return values


def _former(image: ImageFile) -> dict[str, float]:
    found = image.once(dct_histogram.histograms)
    if not found:
        return {}
    evidence = double_quantisation.evidence(found)
    quality, strongest = int(evidence.argmax()) + 1, float(evidence.max())
    curve, usual = jpeg_ghosts.curve(found)
    values = {
        "former_quality": float(quality) if strongest >= double_quantisation.SEEN else math.nan,
        "former_evidence": strongest,
        "ghost_depth": max(0.0, 1 - float(np.nanmin(curve))) if not np.isnan(curve).all() else math.nan,
    }
    contrast = jpeg_ghosts.contrast(image.once(dct_histogram.aligned_dct), quality, usual, TILE)
    contrast = contrast[~np.isnan(contrast)]
    if len(contrast) >= LEAST_TILES:
        values["ghost_share"] = float((contrast < GHOST).mean())
        # Above 1 is texture that happens to fit the quality badly: no trace, however much of it.
        values["ghost_unevenness"] = float(np.minimum(contrast, 1).std(dtype=np.float64))
    return values


def _grid(grid: block_grid.Grid | None) -> dict[str, float]:
    if grid is None:
        return {}
    across, down = grid.across, grid.down
    values = {
        "blockiness": float(across.excess[0] + down.excess[0]) / max(across.step + down.step, 0.01),
        "grid_strength": grid.strength,
        "foreign_grid": max(across.foreign, down.foreign),
    }
    for name, direction in (("grid_row", down), ("grid_column", across)):
        if direction.start is not None:
            values[name] = float(direction.start)
    return values


def _digits(image: ImageFile) -> dict[str, float]:
    shares = benford.first_digits(image.once(dct_histogram.counts).sum(axis=0))
    if np.isnan(shares).any():
        return {}
    law, exponent, _ = benford.fit(shares)
    return {
        "benford_divergence": benford.divergence(shares, law),
        "benford_exponent": exponent,
        "benford_first": float(shares[0]),
    }


def draw_ghost(image: ImageFile) -> np.ndarray:
    found = image.once(dct_histogram.histograms)
    dct = image.once(dct_histogram.aligned_dct)
    if not found or min(dct.shape[2:]) < 1:
        return np.zeros((8, 8, 3), np.uint8)
    quality = int(double_quantisation.evidence(found).argmax()) + 1
    contrast = jpeg_ghosts.contrast(dct, quality, jpeg_ghosts.curve(found)[1], 1)
    known = ~np.isnan(contrast)
    # Blocks with nothing to change are left as dark as those that were never saved so; each is drawn 8 px wide.
    shown = stretch(np.where(known, 1 - contrast, 0), 0, 1)
    return fit(heat(np.repeat(np.repeat(shown, 8, axis=0), 8, axis=1)))


def draw_dimples(image: ImageFile) -> np.ndarray:
    dct = image.once(block_dct)
    if dct.shape[2] * dct.shape[3] < block_grid.LEAST_BLOCKS:
        return np.zeros((8, 8), np.uint8)
    block = block_grid.mean_block(dct)
    reach = max(float(np.abs(block).max()), 0.5)
    return np.repeat(np.repeat(stretch(block, -reach, reach), 32, axis=0), 32, axis=1)


_ERRORS = "standard errors"
GROUP = FeatureGroup(
    key="jpeg_history",
    title="JPEG history",
    family="content",
    prefix="jpeg",
    version=2,
    meaning="Traces of JPEG compressions that the picture went through before it was stored as it is now.",
    cite="Farid, IEEE TIFS 2009; Popescu and Farid, IH 2004; Fan and de Queiroz, IEEE TIP 2003; Bonettini et al., "
    "ICPR 2020, arXiv:2004.07682; Agarwal and Farid, WIFS 2017.",
    weakness="Editing, uploading and messaging compress again: such a history does not say who made the picture.",
    not_applicable="Under 16 blocks of 8 x 8 px or without detail.",
    compute=compute,
    features=(
        Feature(
            "former_quality",
            "Former quality",
            "Quality of an earlier JPEG compression that explains the values best; missing where none shows",
            "1..100",
        ),
        Feature(
            "former_evidence",
            "Evidence for it",
            "How clearly the values show it: from 7 on it is taken as seen, which one picture in 200 reaches by chance",
            _ERRORS,
        ),
        Feature(
            "ghost_depth",
            "Ghost depth",
            "How much less the picture changes at one quality than a picture without history would",
            "share 0..1",
        ),
        Feature(
            "ghost_share",
            "Ghost area",
            "Share of 32 px tiles that look saved with the former quality: 0 none, 1 all, between them a part",
            "share 0..1",
        ),
        Feature(
            "ghost_unevenness",
            "Ghost unevenness",
            "Spread of the ghost over tiles: high where only a part of the picture has that history",
            "ratio",
        ),
        Feature(
            "blockiness",
            "Blockiness",
            "Steps at the edges of 8 x 8 blocks above those beside them, as a share of all steps",
            "ratio",
        ),
        Feature("grid_strength", "Block grid", "How clearly the strongest of 64 block grids stands out", _ERRORS),
        Feature(
            "grid_column",
            "Grid column",
            "How far right the grid starts, where it shows; 0 unless cropped since",
            "pixels 0..7",
        ),
        Feature(
            "grid_row",
            "Grid row",
            "How far down the grid starts, where it shows; 0 unless cropped since",
            "pixels 0..7",
        ),
        Feature(
            "foreign_grid",
            "Foreign grid",
            "How clearly a grid that does not start at the corner shows: a JPEG that was cropped and saved again",
            _ERRORS,
        ),
        Feature(
            "benford_divergence",
            "First digits",
            "Divergence of the coefficients' first digits from the nearest generalised Benford law",
            "bits",
        ),
        Feature("benford_exponent", "Benford exponent", "Exponent of that law; 1 for the plain law", "number"),
        Feature("benford_first", "Share of ones", "Share of coefficients whose first digit is 1", "share 0..1"),
        Feature(
            "dimples",
            "Dimples",
            "How far the first pixel of the mean block stands out: below 0 darker, above 0 brighter",
            "spreads",
        ),
    ),
    maps=(
        Map(
            "ghost",
            "JPEG ghost",
            draw_ghost,
            legend="Bright: changes least when saved with the most likely former quality. Dark: was never saved so.",
            caution="All bright means that the whole picture was saved before, which is common. Flat areas stay dark.",
        ),
        Map(
            "dimples",
            "Mean block",
            draw_dimples,
            legend="The mean 8 x 8 block, enlarged. A first pixel (upper left) apart from the rest is a dimple.",
            caution="Only some cameras leave it; its absence says nothing.",
        ),
    ),
)
