"""Co-occurrence of fine residuals and of colours, in which synthesis differs from cameras.

Residuals of the spatial rich model, truncated at T = 2, each counted with its right and its lower neighbour (Fridrich
and Kodovsky, IEEE TIFS 2012; `features/signals/srm.py`), and the same residuals of red, green and blue counted together
(after Goljan et al., Rich model for steganalysis of color images, WIFS 2014). Grey levels of neighbouring pixels per
channel: Nataraj et al., Detecting GAN generated Fake Images using Co-occurrence Matrices, 2019, arXiv:1903.06836.
Levels of two channels at one pixel: Barni et al., WIFS 2020, arXiv:2007.12909. The papers feed the matrices to a
classifier; here they are summarised by readable features.

Central crop of at most 512 px a side at native resolution, whole grey levels; from 250 rows on every third is counted.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from cgid.features.group import Feature, FeatureGroup, Map
from cgid.features.signals import srm
from cgid.features.signals.histograms import counts, entropies, joint_counts, rgb_planes
from cgid.imaging.display import colormap, normalise_contrast, thumbnail

if TYPE_CHECKING:
    from cgid.imaging.image_file import ImageFile

MIN_SIDE = 8
BINS = 16  # brightness bins of two channels: a thousand pixels fill 256 cells
MAP_SIDE = 1024
CODES = np.arange(srm.VALUES) - float(srm.TRUNCATION)
RESIDUALS = ("first", "second", "square")


def compute(image: ImageFile) -> dict[str, float]:
    colours = image.cached(rgb_planes)
    if min(colours[0].shape) < MIN_SIDE:
        return {}
    triples = residual_triples(image)
    along, across = triples.sum(axis=3), triples.sum(axis=2)
    fractions = triples.reshape(3, -1) / along.sum(axis=(1, 2))[:, None]
    variety = entropies(fractions)
    zero = fractions.reshape(3, srm.VALUES, -1)[:, srm.TRUNCATION].sum(axis=1)
    along, across = correlations(np.stack([along, across]).reshape(6, srm.VALUES, srm.VALUES)).reshape(2, 3)
    step = srm.row_step(colours[0])
    colours = np.ascontiguousarray(colours[:, ::step])
    red_green, green_blue = normalised_mutual_information(
        np.stack([joint_counts(colours[0], colours[1], BINS), joint_counts(colours[1], colours[2], BINS)])
    )
    values = {
        **{f"{name}_entropy": variety[k] for k, name in enumerate(RESIDUALS)},
        **{f"{name}_zero": zero[k] for k, name in enumerate(RESIDUALS)},
        **{f"{name}_along": along[k] for k, name in enumerate(RESIDUALS[:2])},
        **{f"{name}_across": across[k] for k, name in enumerate(RESIDUALS[:2])},
        "square_energy": np.square(fractions[2]).sum(),
        "square_neighbours": along[2],
        "colour_agreement": _agreement(colours),
        **{f"{name}_homogeneity": homogeneity(plane) for name, plane in zip(("red", "green", "blue"), colours)},
        "red_green_information": red_green,
        "green_blue_information": green_blue,
    }
    return {name: float(value) for name, value in values.items()}


def residual_triples(image: ImageFile) -> np.ndarray:
    """float64 (3, 5, 5, 5): counts of RESIDUALS as [here, along, across].

    Along: the neighbour in the direction in which the residual was taken; rows and columns are added up. The square
    residual has no direction: its right and lower neighbours are added both ways round.
    """
    level = image.cached(srm.signed_levels)
    right, down = srm.first_order(level)
    first = _both_ways(srm.truncate(right, 1), srm.truncate(down, 1))
    down = srm.second_difference(level, 0)
    second = _both_ways(srm.truncate(image.cached(srm.row_residual), 2), srm.truncate(down, 2))
    square = srm.neighbour_counts(image.cached(srm.square_codes))
    return np.stack([first, second, square + square.swapaxes(1, 2)])


def _both_ways(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    return srm.neighbour_counts(rows) + srm.neighbour_counts(columns).swapaxes(1, 2)


def correlations(pairs: np.ndarray) -> np.ndarray:
    """float64 (n,): of the two truncated residuals counted in (n, 5, 5); NaN where one of them never varies."""
    total = pairs.sum(axis=(1, 2))
    here, there = pairs.sum(axis=2), pairs.sum(axis=1)
    # Sums of whole numbers, exact in any order, before anything is divided.
    mean_here, mean_there = here @ CODES / total, there @ CODES / total
    power = (here @ CODES**2 / total - mean_here**2) * (there @ CODES**2 / total - mean_there**2)
    product = pairs @ CODES @ CODES / total - mean_here * mean_there
    return np.divide(product, np.sqrt(power), out=np.full(len(pairs), np.nan), where=power > 1e-12)


def _agreement(colours: np.ndarray) -> float:
    """Fraction of pixels whose truncated second-order residual along rows is the same in all of uint8 (3, h, w)."""
    rows = colours.reshape(-1, colours.shape[2]).astype(np.int16)  # one under the other: one call for three
    codes = srm.truncate(srm.second_difference(rows, 1), 2)
    triples = srm.triple_counts(*codes.reshape(3, colours.shape[1], -1))
    return float(np.einsum("iii->", triples) / triples.sum())


def homogeneity(plane: np.ndarray) -> float:
    """Sum of p(i, j) / (1 + (i - j)²) over the 256 x 256 co-occurrence of each pixel and its right neighbour.

    Depends on |i - j| alone, so the differences are counted instead of the matrix. plane: uint8 (h, w), w at least 2.
    """
    import cv2

    difference = counts(cv2.absdiff(plane[:, 1:], plane[:, :-1]))
    return float((difference * _closeness()).sum() / difference.sum())


@lru_cache(maxsize=1)
def _closeness() -> np.ndarray:
    return 1 / (1 + np.arange(256.0) ** 2)


def normalised_mutual_information(joint: np.ndarray) -> np.ndarray:
    """float64 (n,), 0..1: mutual information over the smaller entropy of counts (n, i, j); NaN where one never varies.

    Small counts bias it upwards: (cells - rows - columns + 1) / 2n nats are subtracted (Miller's correction).
    """
    first, second, cells = joint.sum(axis=2), joint.sum(axis=1), joint.reshape(len(joint), -1)
    of_first, of_second = entropies(np.concatenate([first, second])).reshape(2, -1)
    smaller = np.minimum(of_first, of_second)
    filled = [np.count_nonzero(each, axis=1) for each in (cells, first, second)]
    excess = (filled[0] - filled[1] - filled[2] + 1) / (2 * np.log(2) * cells.sum(axis=1))
    information = of_first + of_second - entropies(cells) - excess
    return np.divide(information, smaller, out=np.full(len(joint), np.nan), where=smaller > 1e-9).clip(0, 1)


def draw(image: ImageFile) -> np.ndarray:
    gray = image.luma_crop(MAP_SIDE)
    if min(gray.shape) < 3:
        return np.zeros(gray.shape, np.uint8)
    level = (gray + np.float32(0.5)).astype(np.int16)
    residual = np.pad(np.abs(srm.second_difference(srm.second_difference(level, 1), 0)), 1, mode="edge")
    return colormap(thumbnail(normalise_contrast(residual, 0, max(8.0, float(np.percentile(residual, 99))))))


def _directional_features(name: str, quantity: str) -> tuple[Feature, ...]:
    title = quantity.capitalize()
    return (
        Feature(f"{name}_entropy", f"{title}: entropy", f"Entropy of three neighbouring {quantity}s", "bits"),
        Feature(f"{name}_zero", f"{title}: zeros", f"Fraction of {quantity}s that round to zero", "share 0..1"),
        Feature(
            f"{name}_along", f"{title}: along", f"Correlation of a {quantity} with the next in its direction", "-1..1"
        ),
        Feature(f"{name}_across", f"{title}: across", f"Correlation of a {quantity} with the adjacent one", "-1..1"),
    )


def _homogeneity_feature(colour: str) -> Feature:
    meaning = f"How often neighbouring pixels have nearly the same {colour}: 1 for one even colour"
    return Feature(f"{colour}_homogeneity", f"Even {colour}", meaning, "share 0..1")


def _information_feature(first: str, second: str) -> Feature:
    meaning = f"How much the {first} of a pixel reveals about its {second}: 1 if one determines the other"
    return Feature(f"{first}_{second}_information", f"{first.capitalize()} predicts {second}", meaning, "share 0..1")


GROUP = FeatureGroup(
    key="cooccurrence",
    title="Co-occurrence",
    family="content",
    prefix="cooccurrence",
    version=1,
    meaning="Which small differences and which colours are adjacent: sensors and synthesis differ in this.",
    features=(
        *_directional_features("first", "step between pixels"),
        *_directional_features("second", "bend between pixels"),
        Feature("square_entropy", "Fine detail: entropy", "Entropy of neighbouring 3 x 3 residuals", "bits"),
        Feature("square_energy", "Fine detail: energy", "Dominance of few combinations of residuals", "share 0..1"),
        Feature("square_zero", "Fine detail: zeros", "Fraction of pixels predicted by their neighbours", "share 0..1"),
        Feature(
            "square_neighbours",
            "Fine detail: neighbours",
            "Correlation of the 3 x 3 residual with its neighbours; -0.5 for strong noise, nearer 0 if smoothed",
            "-1..1",
        ),
        Feature(
            "colour_agreement",
            "Colours agree",
            "Fraction of pixels whose fine detail is the same in red, green and blue; 1 for grey images",
            "share 0..1",
        ),
        *map(_homogeneity_feature, ("red", "green", "blue")),
        _information_feature("red", "green"),
        _information_feature("green", "blue"),
    ),
    compute=compute,
    cite="Fridrich and Kodovsky, IEEE TIFS 2012; Nataraj et al. 2019, arXiv:1903.06836; Barni et al., WIFS 2020, arXiv:2007.12909",
    maps=(
        Map(
            "residual",
            "Fine residual",
            draw,
            legend="Bright: pixels not predicted by their eight neighbours. Dark: predictable pixels.",
            caution="Edges and texture are bright in every image; JPEG darkens blocks. It is no sign of forgery on its own.",
        ),
    ),
    weakness="Sharpness, JPEG quality and resizing affect these values more than origin does; strong noise also lowers entropy.",
    not_applicable="Under 8 px a side; correlations and shared information also where nothing varies.",
)
