"""Texture: whether textured and smooth patches both contain the fine structure that a camera leaves.

Rich against poor patches: Zhong et al., PatchCraft, 2023, arXiv:2311.12397
(`features/signals/local_binary_patterns.py`); what is set side by side are the fine residuals of both (the 3 x 3 square
of the spatial rich model, `features/signals/srm.py`). Local binary patterns of eight neighbours: Ojala et al., IEEE
TPAMI 2002 (`features/signals/local_binary_patterns.py`).

Central crop of at most 512 px a side at native resolution, whole grey levels of luma.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from cgid.features.group import Feature, FeatureGroup, Map
from cgid.features.signals import local_binary_patterns, srm
from cgid.features.signals.histograms import counts, entropies, luma_levels
from cgid.imaging.display import thumbnail

if TYPE_CHECKING:
    from cgid.imaging.image_file import ImageFile

MIN_SIDE = 8
MAP_SIDE = 1024


def compute(image: ImageFile) -> dict[str, float]:
    level = image.cached(luma_levels)
    if min(level.shape) < MIN_SIDE:
        return {}
    values = {**pattern_values(level)}
    if min(level.shape) >= 2 * local_binary_patterns.PATCH_SIDE:
        values |= patch_values(level, image.cached(srm.square_residual), image.cached(srm.square_codes))
    return {name: float(value) for name, value in values.items()}


def patch_values(level: np.ndarray, residual: np.ndarray, codes: np.ndarray) -> dict[str, float]:
    """Textured third of the patches against the smooth third. residual, codes: the 3 x 3 square, one pixel less on every side."""
    richness = local_binary_patterns.texture_strength(level)
    poor, rich = local_binary_patterns.smooth_and_textured(richness)
    rich_diversity, poor_diversity = (
        float(richness.flat[k].mean()) / local_binary_patterns.PAIRS_PER_PATCH for k in (rich, poor)
    )
    mean = float(richness.mean())
    strength = local_binary_patterns.patch_sums(_pad_border(np.abs(residual)))
    signed = _pad_border(codes.view(np.int8) - np.int8(srm.TRUNCATION))
    power = local_binary_patterns.patch_sums(signed * signed)
    shared = np.zeros_like(signed)
    np.multiply(signed[:, 1:], signed[:, :-1], out=shared[:, :-1])
    product = local_binary_patterns.patch_sums(shared)
    active, valid = local_binary_patterns.patch_sums(signed != 0), _valid(level.shape)
    return {
        "rich_diversity": rich_diversity,
        "poor_diversity": poor_diversity,
        "diversity_ratio": _ratio(poor_diversity, rich_diversity),
        "diversity_spread": _ratio(float(richness.std()), mean),
        "residual_ratio": _ratio(_mean(strength, valid, poor), _mean(strength, valid, rich)),
        "rich_active": _mean(active, valid, rich),
        "poor_active": _mean(active, valid, poor),
        "rich_neighbours": _mean(product, power, rich),
        "poor_neighbours": _mean(product, power, poor),
    }


def _pad_border(inner: np.ndarray) -> np.ndarray:
    """Zero border for the outermost pixels, where the residual is undefined."""
    framed = np.zeros((inner.shape[0] + 2, inner.shape[1] + 2), inner.dtype)
    framed[1:-1, 1:-1] = inner
    return framed


@lru_cache(maxsize=8)
def _valid(shape: tuple[int, int]) -> np.ndarray:
    """int64: pixels of each patch that have a residual."""
    return local_binary_patterns.patch_sums(_pad_border(np.ones((shape[0] - 2, shape[1] - 2), bool)))


def _mean(over: np.ndarray, under: np.ndarray, chosen: np.ndarray) -> float:
    return _ratio(float(over.flat[chosen].sum()), float(under.flat[chosen].sum()))


def _ratio(over: float, under: float) -> float:
    return over / under if under > 0 else np.nan


def pattern_values(level: np.ndarray) -> dict[str, float]:
    """Summaries of the histogram of local binary patterns; `flat` also requires equality, which a pattern does not encode."""
    import cv2

    histogram = counts(local_binary_patterns.patterns(level))
    pixels = histogram.sum()
    box = _box()
    flat = (cv2.dilate(level, box) == cv2.erode(level, box)).reshape(level.shape)[1:-1, 1:-1]
    edge, straight, uniform = _edge_patterns()
    edges = float(histogram @ edge)
    return {
        "lbp_entropy": entropies(histogram[None])[0],
        "lbp_uniform": histogram @ uniform / pixels,
        "lbp_flat": np.count_nonzero(flat) / flat.size,
        "lbp_peak": histogram[0] / pixels,
        "lbp_edge": edges / pixels,
        "lbp_straight": _ratio(float(histogram @ straight), edges),
    }


@lru_cache(maxsize=1)
def _box() -> np.ndarray:
    return np.ones((3, 3), np.uint8)


@lru_cache(maxsize=1)
def _edge_patterns() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """float (256,) of 0 and 1: patterns of an edge, of an edge along rows or columns, uniform patterns.

    An edge: three to five brighter neighbours in one run. Along rows or columns: the centre of the run lies above, below,
    left or right of the pixel, which is possible for runs of three or five, not of four.
    """
    uniform = local_binary_patterns.transitions() <= 2
    edge = (
        uniform
        & (local_binary_patterns.brighter_neighbours() >= 3)
        & (local_binary_patterns.brighter_neighbours() <= 5)
    )
    straight = np.zeros(256, bool)
    for first in (0, 2, 4, 6):  # highest bit first, the even indices of NEIGHBOURS are horizontal and vertical
        for reach in (1, 2):
            straight[sum(1 << (7 - (first + k) % 8) for k in range(-reach, reach + 1))] = True
    return edge.astype(float), straight.astype(float), uniform.astype(float)


def draw(image: ImageFile) -> np.ndarray:
    level = (image.luma_crop(MAP_SIDE) + np.float32(0.5)).astype(np.uint8)
    shown = np.repeat((level // 2 + 64)[..., None], 3, axis=2)
    if min(level.shape) >= 2 * local_binary_patterns.PATCH_SIDE:
        richness = local_binary_patterns.texture_strength(level)
        poor, rich = local_binary_patterns.smooth_and_textured(richness)
        for chosen, tint in ((poor, (0, 114, 178)), (rich, (230, 159, 0))):
            patches = np.zeros(richness.size, bool)
            patches[chosen] = True
            mask: np.ndarray = np.kron(
                patches.reshape(richness.shape),
                np.ones((local_binary_patterns.PATCH_SIDE, local_binary_patterns.PATCH_SIDE), bool),
            )
            area = shown[: mask.shape[0], : mask.shape[1]]
            area[mask] = (area[mask].astype(np.uint16) + np.array(tint, np.uint16)) // 2
    return thumbnail(shown)


GROUP = FeatureGroup(
    key="texture",
    title="Texture",
    family="content",
    prefix="texture",
    version=1,
    meaning="Textured against smooth patches: camera noise is in both, synthesis often leaves the smooth ones empty.",
    features=(
        Feature(
            "rich_diversity",
            "Textured patches",
            "Mean step between pixels in the most textured third",
            "levels of 0..255",
        ),
        Feature(
            "poor_diversity", "Smooth patches", "Mean step between pixels in the smoothest third", "levels of 0..255"
        ),
        Feature(
            "diversity_ratio",
            "Smooth to textured",
            "Diversity of the smoothest third over the most textured",
            "share 0..1",
        ),
        Feature(
            "diversity_spread", "Variation", "Standard deviation of the patches' diversity divided by its mean", "ratio"
        ),
        Feature(
            "residual_ratio",
            "Residual, smooth to textured",
            "Fine residual of the smoothest third over the most textured",
            "ratio",
        ),
        Feature(
            "rich_active",
            "Detail, textured",
            "Fraction of pixels in textured patches not predicted by neighbours",
            "share 0..1",
        ),
        Feature(
            "poor_active",
            "Detail, smooth",
            "Fraction of pixels in smooth patches not predicted by neighbours",
            "share 0..1",
        ),
        Feature(
            "rich_neighbours",
            "Neighbours, textured",
            "Correlation of neighbouring residuals in textured patches",
            "-1..1",
        ),
        Feature(
            "poor_neighbours", "Neighbours, smooth", "Correlation of neighbouring residuals in smooth patches", "-1..1"
        ),
        Feature("lbp_entropy", "Pattern entropy", "Entropy of the 256 local binary patterns", "bits"),
        Feature(
            "lbp_uniform", "Simple patterns", "Fraction of pixels on a plain edge, corner, spot or area", "share 0..1"
        ),
        Feature("lbp_flat", "Flat pixels", "Fraction of pixels equal to all eight neighbours", "share 0..1"),
        Feature("lbp_peak", "Bright specks", "Fraction of pixels brighter than all eight neighbours", "share 0..1"),
        Feature(
            "lbp_edge", "Edges", "Fraction of pixels with three to five brighter neighbours in one run", "share 0..1"
        ),
        Feature("lbp_straight", "Straight edges", "Fraction of the edges that lie along rows or columns", "share 0..1"),
    ),
    compute=compute,
    cite="Zhong et al., PatchCraft, 2023, arXiv:2311.12397; Ojala et al., IEEE TPAMI 2002",
    maps=(
        Map(
            "patches",
            "Textured and smooth patches",
            draw,
            legend="Orange: the third of 16 px patches with the most texture. Blue: the smoothest third.",
            caution="It shows which parts were compared, not which part is authentic.",
        ),
    ),
    weakness="Blur, denoising, strong JPEG and flat scenes empty smooth patches just as synthesis does; small images have few patches.",
    not_applicable="Under 8 px a side; patches under 32 px; ratios also if the denominator is 0.",
)
