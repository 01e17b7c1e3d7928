"""Co-occurrence: which fine differences and which colours stand side by side, where synthesis departs from a camera.

Residuals of the spatial rich model, truncated at T = 2, each counted with its right and its lower neighbour (Fridrich
and Kodovsky, IEEE TIFS 2012; `features/signals/srm.py`), and the same residuals of red, green and blue counted together (after
Goljan et al., Rich model for steganalysis of color images, WIFS 2014). Grey levels of neighbouring pixels per channel:
Nataraj et al., Detecting GAN generated Fake Images using Co-occurrence Matrices, 2019, arXiv:1903.06836. Levels of
two channels at one pixel: Barni et al., WIFS 2020, arXiv:2007.12909. The papers hand the matrices to a classifier;
kept here are summaries of them, so that a table can hold them and a person can read them.

Central crop of at most 512 px a side at native resolution, whole grey levels; from 250 rows on every third is counted.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from cgid.features.group import Feature, FeatureGroup, Map
from cgid.features.signals import srm
from cgid.features.signals.histograms import counts, entropies, joint_counts, planes
from cgid.imaging.display import fit, heat, stretch

if TYPE_CHECKING:
    from cgid.imaging.image_file import ImageFile

SMALLEST = 8
BINS = 16  # steps of brightness for two channels together: 256 cells can be filled by a thousand pixels
DRAWN = 1024
CODES = np.arange(srm.VALUES) - float(srm.T)
RESIDUALS = ("first", "second", "square")


def compute(image: ImageFile) -> dict[str, float]:
    colours = image.once(planes)
    if min(colours[0].shape) < SMALLEST:
        return {}
    triples = residual_triples(image)
    along, across = triples.sum(axis=3), triples.sum(axis=2)
    share = triples.reshape(3, -1) / along.sum(axis=(1, 2))[:, None]
    variety = entropies(share)
    zero = share.reshape(3, srm.VALUES, -1)[:, srm.T].sum(axis=1)
    along, across = correlations(np.stack([along, across]).reshape(6, srm.VALUES, srm.VALUES)).reshape(2, 3)
    step = srm.row_step(colours[0])
    colours = np.ascontiguousarray(colours[:, ::step])
    red_green, green_blue = shared_information(
        np.stack([joint_counts(colours[0], colours[1], BINS), joint_counts(colours[1], colours[2], BINS)])
    )
    found = {
        **{f"{name}_entropy": variety[k] for k, name in enumerate(RESIDUALS)},
        **{f"{name}_zero": zero[k] for k, name in enumerate(RESIDUALS)},
        **{f"{name}_along": along[k] for k, name in enumerate(RESIDUALS[:2])},
        **{f"{name}_across": across[k] for k, name in enumerate(RESIDUALS[:2])},
        "square_energy": np.square(share[2]).sum(),
        "square_neighbours": along[2],
        "colour_agreement": _agreement(colours),
        **{f"{name}_homogeneity": homogeneity(plane) for name, plane in zip(("red", "green", "blue"), colours)},
        "red_green_information": red_green,
        "green_blue_information": green_blue,
    }
    return {name: float(value) for name, value in found.items()}


def residual_triples(image: ImageFile) -> np.ndarray:
    """float64 (3, 5, 5, 5): counts of RESIDUALS as [here, along, across].

    Along: the neighbour in the direction in which the residual was taken; rows and columns are added up. The square
    residual has no direction: its right and lower neighbours are added both ways round.
    """
    level = image.once(srm.signed_levels)
    right, down = srm.first_order(level)
    first = _both_ways(srm.truncated(right, 1), srm.truncated(down, 1))
    down = srm.second_difference(level, 0)
    second = _both_ways(srm.truncated(image.once(srm.across_rows), 2), srm.truncated(down, 2))
    square = srm.neighbours(image.once(srm.square_codes))
    return np.stack([first, second, square + square.swapaxes(1, 2)])


def _both_ways(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    return srm.neighbours(rows) + srm.neighbours(columns).swapaxes(1, 2)


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
    """Share of pixels whose truncated second-order residual along rows is the same in all of uint8 (3, h, w)."""
    rows = colours.reshape(-1, colours.shape[2]).astype(np.int16)  # one under the other: one call for three
    codes = srm.truncated(srm.second_difference(rows, 1), 2)
    triples = srm.triples(*codes.reshape(3, colours.shape[1], -1))
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


def shared_information(joint: np.ndarray) -> np.ndarray:
    """float64 (n,), 0..1: mutual information over the smaller entropy of counts (n, i, j); NaN where one never varies.

    Few counts feign information: (cells - rows - columns + 1) / 2n nats of it are taken off (Miller's correction).
    """
    first, second, cells = joint.sum(axis=2), joint.sum(axis=1), joint.reshape(len(joint), -1)
    of_first, of_second = entropies(np.concatenate([first, second])).reshape(2, -1)
    smaller = np.minimum(of_first, of_second)
    filled = [np.count_nonzero(each, axis=1) for each in (cells, first, second)]
    excess = (filled[0] - filled[1] - filled[2] + 1) / (2 * np.log(2) * cells.sum(axis=1))
    found = of_first + of_second - entropies(cells) - excess
    return np.divide(found, smaller, out=np.full(len(joint), np.nan), where=smaller > 1e-9).clip(0, 1)


def draw(image: ImageFile) -> np.ndarray:
    gray = image.crop(DRAWN)
    if min(gray.shape) < 3:
        return np.zeros(gray.shape, np.uint8)
    level = (gray + np.float32(0.5)).astype(np.int16)
    residual = np.pad(np.abs(srm.second_difference(srm.second_difference(level, 1), 0)), 1, mode="edge")
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
            "Correlation of the 3 x 3 residual with its neighbours; -0.5 for strong noise, nearer 0 if smoothed",
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
    weakness="Sharpness, JPEG quality and resizing move these values more than origin does; strong noise lowers variety too.",
    not_applicable="Under 8 px a side; correlations and shared information also where nothing varies.",
)
