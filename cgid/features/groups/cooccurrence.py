"""Co-occurrence: which fine differences and which colours stand side by side, where synthesis departs from a camera.

Residuals of the spatial rich model, truncated at T = 2, each counted with its right and its lower neighbour (Fridrich
and Kodovsky, IEEE TIFS 2012; `features/srm.py`), and the same residuals of red, green and blue counted together (after
Goljan et al., Rich model for steganalysis of color images, WIFS 2014). Grey levels of neighbouring pixels per channel:
Nataraj et al., Detecting GAN generated Fake Images using Co-occurrence Matrices, 2019, arXiv:1903.06836. Levels of
two channels at one pixel: Barni et al., WIFS 2020, arXiv:2007.12909. The papers hand the matrices to a classifier;
kept here are summaries of them, so that a table can hold them and a person can read them.

Central crop of at most 512 px a side at native resolution, whole grey levels.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from cgid.features import srm
from cgid.features.display import fit, heat, stretch
from cgid.features.group import Feature, FeatureGroup, Map
from cgid.features.levels import counts, entropy, joint_counts, planes

if TYPE_CHECKING:
    from cgid.features.image import ImageFile

SMALLEST = 8
BINS = 16  # steps of brightness for two channels together: 256 cells can be filled by a thousand pixels
DRAWN = 1024
STEP = np.arange(srm.VALUES) - float(srm.T)


def compute(image: ImageFile) -> dict[str, float]:
    colours = image.once(planes)
    if min(colours[0].shape) < SMALLEST:
        return {}
    first, second, square = residual_triples(image)
    return {
        **_summary("first", first),
        **_summary("second", second),
        "square_entropy": entropy(square),
        "square_energy": float(np.square(square / square.sum()).sum()),
        "square_zero": _zero(square),
        "square_neighbours": correlation(square.sum(axis=2)),
        "colour_agreement": _agreement(colours),
        **{f"{name}_homogeneity": homogeneity(p) for name, p in zip(("red", "green", "blue"), colours)},
        "red_green_information": shared_information(joint_counts(colours[0], colours[1], BINS)),
        "green_blue_information": shared_information(joint_counts(colours[1], colours[2], BINS)),
    }


def residual_triples(image: ImageFile) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """float64 (5, 5, 5) each, of the first-order, second-order and square residual: [here, along, across].

    Along: the neighbour in the direction in which the residual was taken; rows and columns are added up. The square
    residual has no direction: its right and lower neighbours are added both ways round.
    """
    level = image.once(srm.signed_levels)
    right, down = srm.first_order(level)
    first = _both_ways(srm.truncated(right, 1), srm.truncated(down, 1))
    down = srm.second_difference(level, 0)
    second = _both_ways(srm.truncated(image.once(srm.across_rows), 2), srm.truncated(down, 2))
    square = srm.neighbours(image.once(srm.square_codes))
    return first, second, square + square.swapaxes(1, 2)


def _both_ways(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    return srm.neighbours(rows) + srm.neighbours(columns).swapaxes(1, 2)


def _summary(name: str, triples: np.ndarray) -> dict[str, float]:
    return {
        f"{name}_entropy": entropy(triples),
        f"{name}_zero": _zero(triples),
        f"{name}_along": correlation(triples.sum(axis=2)),
        f"{name}_across": correlation(triples.sum(axis=1)),
    }


def _zero(triples: np.ndarray) -> float:
    return float(triples[srm.T].sum() / triples.sum())


def correlation(pairs: np.ndarray) -> float:
    """Correlation of the two truncated residuals counted in float64 (5, 5); NaN where one of them never varies."""
    total, here, there = pairs.sum(), pairs.sum(axis=1), pairs.sum(axis=0)
    mean_here, mean_there = here @ STEP / total, there @ STEP / total
    power = (here @ STEP**2 / total - mean_here**2) * (there @ STEP**2 / total - mean_there**2)
    return float((STEP @ pairs @ STEP / total - mean_here * mean_there) / np.sqrt(power)) if power > 1e-12 else np.nan


def _agreement(colours: tuple[np.ndarray, ...]) -> float:
    """Share of pixels whose truncated second-order residual along rows is the same in red, green and blue."""
    codes = (srm.truncated(srm.second_difference(plane.astype(np.int16), 1), 2) for plane in colours)
    triples = srm.triples(*codes)
    return float(np.einsum("iii->", triples) / triples.sum())


def homogeneity(plane: np.ndarray) -> float:
    """Sum of p(i, j) / (1 + (i - j)²) over the 256 x 256 co-occurrence of each pixel and its right neighbour.

    Depends on |i - j| alone, so the differences are counted instead of the matrix. plane: uint8 (h, w), w at least 2.
    """
    import cv2

    difference = counts(cv2.absdiff(plane[:, 1:], plane[:, :-1]))
    return float(difference @ _closeness() / difference.sum())


@lru_cache(maxsize=1)
def _closeness() -> np.ndarray:
    return 1 / (1 + np.arange(256.0) ** 2)


def shared_information(joint: np.ndarray) -> float:
    """Mutual information over the smaller of the two entropies, 0..1; NaN where one side never varies.

    Few counts feign information: (cells - rows - columns + 1) / 2n nats of it are taken off (Miller's correction).
    """
    first, second = joint.sum(axis=1), joint.sum(axis=0)
    smaller = min(entropy(first), entropy(second))
    if not smaller > 1e-9:
        return np.nan
    excess = np.count_nonzero(joint) - np.count_nonzero(first) - np.count_nonzero(second) + 1
    found = entropy(first) + entropy(second) - entropy(joint) - excess / (2 * joint.sum() * np.log(2))
    return float(min(1.0, max(0.0, found / smaller)))


def draw(image: ImageFile) -> np.ndarray:
    gray = image.crop(DRAWN)
    if min(gray.shape) < 3:
        return np.zeros(gray.shape, np.uint8)
    level = (gray + np.float32(0.5)).astype(np.int16)
    residual = np.abs(srm.second_difference(srm.second_difference(level, 1), 0))
    return heat(fit(stretch(residual, 0, max(8.0, float(np.percentile(residual, 99))))))


def _directed(name: str, words: str) -> tuple[Feature, ...]:
    title = words.capitalize()
    return (
        Feature(f"{name}_entropy", f"{title}: variety", f"How unforeseeable three neighbouring {words}s are", "bits"),
        Feature(f"{name}_zero", f"{title}: none", f"Share of {words}s that round to nothing", "share 0..1"),
        Feature(
            f"{name}_along", f"{title}: along", f"Correlation of a {words} with the next in its direction", "-1..1"
        ),
        Feature(f"{name}_across", f"{title}: across", f"Correlation of a {words} with the one beside it", "-1..1"),
    )


def _close(colour: str) -> Feature:
    words = f"How often neighbouring pixels have nearly the same {colour}: 1 for one even colour"
    return Feature(f"{colour}_homogeneity", f"Even {colour}", words, "share 0..1")


def _informed(first: str, second: str) -> Feature:
    words = f"How much the {first} of a pixel tells about its {second}: 1 where either fixes the other"
    return Feature(f"{first}_{second}_information", f"{first.capitalize()} tells {second}", words, "share 0..1")


GROUP = FeatureGroup(
    key="cooccurrence",
    title="Co-occurrence",
    family="content",
    prefix="cooccurrence",
    version=1,
    meaning="Which tiny differences, and which colours, stand next to each other: sensors and synthesis have habits.",
    features=(
        *_directed("first", "step between pixels"),
        *_directed("second", "bend between pixels"),
        Feature("square_entropy", "Fine detail: variety", "How unforeseeable neighbouring 3 x 3 residuals are", "bits"),
        Feature(
            "square_energy", "Fine detail: sameness", "How much few combinations of residuals prevail", "share 0..1"
        ),
        Feature("square_zero", "Fine detail: none", "Share of pixels that their surroundings foretell", "share 0..1"),
        Feature(
            "square_neighbours",
            "Fine detail: neighbours",
            "Correlation of the 3 x 3 residual with its neighbours; about -0.6 for pure noise, nearer 0 once smoothed",
            "-1..1",
        ),
        Feature(
            "colour_agreement",
            "Colours agree",
            "Share of pixels whose fine detail is the same in red, green and blue; 1 for grey pictures",
            "share 0..1",
        ),
        *map(_close, ("red", "green", "blue")),
        _informed("red", "green"),
        _informed("green", "blue"),
    ),
    compute=compute,
    cite="Fridrich and Kodovsky, IEEE TIFS 2012; Nataraj et al. 2019, arXiv:1903.06836; Barni et al., WIFS 2020, arXiv:2007.12909",
    maps=(
        Map(
            "residual",
            "Fine residual",
            draw,
            legend="Bright: pixels that their eight neighbours do not foretell. Dark: pixels that follow from them.",
            caution="Edges and texture are bright in every picture; JPEG darkens blocks. It points at no forgery by itself.",
        ),
    ),
    weakness="Sharpness, JPEG quality and resizing move these values more than the origin of a picture does.",
    not_applicable="Under 8 px a side; correlations and shared information also where nothing varies.",
)
