"""Colour: exposure, saturation and histograms, which generators and editing shape differently from cameras.

Over- and under-exposed shares: McCloskey and Albright, Detecting GAN-generated Imagery using Saturation Cues, ICIP 2019
(a network's normalisation avoids both). Gaps and combs: Stamm and Liu, ICIP 2008 (`features/signals/histograms.py`).
Gray-world distance: after Buchsbaum, A spatial processor model for object colour perception, 1980. Hue, saturation:
Smith, SIGGRAPH 1978 (`features/signals/histograms.py`).

Central crop of at most 512 px a side at native resolution. Histograms count each of its pixels; all else looks at every
k-th row and column so that about 256 a side remain (nothing is averaged), and distinct colours at about 4,000 of those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cgid.features.group import Feature, FeatureGroup, Map
from cgid.features.signals import shared
from cgid.features.signals.histograms import (
    chroma,
    counts,
    entropies,
    histogram_combs,
    histogram_gaps,
    hue_counts,
    luma_levels,
    rgb_planes,
)
from cgid.imaging.display import colormap, thumbnail

if TYPE_CHECKING:
    from cgid.imaging.image_file import ImageFile

SAMPLED_SIDE = 256  # rows and columns
MIN_CHROMA = 16  # chroma in levels from which hue is not dominated by rounding
MIN_COLOURED_PIXELS = 32  # coloured pixels
DARK, BRIGHT = 5, 250
HIGHLIGHT_FRACTION = 0.05  # share of the pixels
MAX_COUNTED_COLOURS = 4096  # pixels among which distinct colours are counted
MAP_SIDE = 1024


def compute(image: ImageFile) -> dict[str, float]:
    sample = sample_channels(image.cached(shared.pixels))
    strength, largest = chroma(*sample)
    values = {
        **_saturation(strength, largest),
        **_exposure(sample, strength, largest),
        **_channels(sample),
        **_hues(sample),
        **_histograms(image),
        "highlight_chroma": _highlight_chroma(image.cached(luma_levels), strength),
        "distinct_share": distinct_fraction(sample),
    }
    return {name: float(value) for name, value in values.items()}


def sampling_step(shape: tuple[int, ...]) -> int:
    """Stride of the sampled rows and columns: 2 for a crop of 512 px."""
    return max(1, max(shape[:2]) // SAMPLED_SIDE)


def sample_channels(pixels: np.ndarray) -> np.ndarray:
    """uint8 (3, h', w'), contiguous: red, green and blue of every k-th row and column."""
    k = sampling_step(pixels.shape)
    return np.ascontiguousarray(pixels[::k, ::k].transpose(2, 0, 1))


def _saturation(strength: np.ndarray, largest: np.ndarray) -> dict[str, float]:
    """Chroma over value; black counts as 0."""
    saturation = strength / np.maximum(largest, 1).astype(np.float32)
    mean = saturation.mean(dtype=np.float64)
    saturation -= np.float32(mean)
    return {
        "saturation_mean": mean,
        "saturation_spread": np.sqrt(np.square(saturation).mean(dtype=np.float64)),
        "chroma_mean": strength.mean(dtype=np.float64) / 255,
    }


def _exposure(sample: np.ndarray, strength: np.ndarray, largest: np.ndarray) -> dict[str, float]:
    ends = (sample + np.uint8(1)) <= 1  # 255 wraps round to 0: a channel at either end
    number = ends.view(np.uint8).sum(axis=0, dtype=np.uint8)
    return {
        "over_share": _fraction(largest - strength >= BRIGHT),
        "under_share": _fraction(largest <= DARK),
        "corner_share": _fraction(number == 3),
        "edge_share": _fraction((number > 0) & (number < 3)),
    }


def _fraction(true: np.ndarray) -> float:
    return np.count_nonzero(true) / true.size


def _channels(sample: np.ndarray) -> dict[str, float]:
    """Correlations of the channels, and the distance of their means from grey. Sums of whole numbers: exact."""
    rows = sample.reshape(3, -1).astype(np.float64)
    n = rows.shape[1]
    mean = rows.sum(axis=1) / n
    gray = mean.sum() / 3
    variance = [max(0.0, _product(row, row) / n - m * m) for row, m in zip(rows, mean)]

    def correlation(i: int, j: int) -> float:
        power = np.sqrt(variance[i] * variance[j])
        covariance = _product(rows[i], rows[j]) / n - mean[i] * mean[j]
        return min(1.0, max(-1.0, covariance / power)) if power > 1e-6 else np.nan

    return {
        "red_green": correlation(0, 1),
        "green_blue": correlation(1, 2),
        "red_blue": correlation(0, 2),
        "cast": np.sqrt(np.square(mean - gray).sum()) / gray if gray > 0 else np.nan,
    }


def _product(first: np.ndarray, second: np.ndarray) -> float:
    """Sum of products without BLAS, whose threads would block one another where they are not pinned."""
    return float(np.einsum("i,i->", first, second))


def _hues(sample: np.ndarray) -> dict[str, float]:
    occurrences = hue_counts(sample[0], sample[1], sample[2], MIN_CHROMA)
    number, of = occurrences.sum(), sample[0].size
    if number < MIN_COLOURED_PIXELS:
        return {"coloured_share": number / of}
    return {
        "coloured_share": number / of,
        "hue_entropy": entropies(occurrences[None])[0],
        "hue_main_share": occurrences.max() / number,
    }


def _histograms(image: ImageFile) -> dict[str, float]:
    """Means over the channels with valid values."""
    histograms = np.stack([counts(plane) for plane in image.cached(rgb_planes)])
    return {"gap_share": _known_mean(histogram_gaps(histograms)), "comb": _known_mean(histogram_combs(histograms))}


def _known_mean(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return known.mean() if known.size else np.nan


def _highlight_chroma(level: np.ndarray, strength: np.ndarray) -> float:
    k = sampling_step(level.shape)
    light = np.ascontiguousarray(level[::k, ::k])
    brighter = counts(light)[::-1].cumsum()
    threshold = 255 - int(np.searchsorted(brighter, HIGHLIGHT_FRACTION * light.size))
    return strength[light >= threshold].mean(dtype=np.float64) / 255


def distinct_fraction(sample: np.ndarray) -> float:
    """Distinct colours among at most COLOURS pixels spread evenly over uint8 (3, h, w), divided by their number."""
    flat = sample.reshape(3, -1)
    every = -(-flat.shape[1] // MAX_COUNTED_COLOURS) | 1  # odd, so that rows sample different columns
    chosen = flat[:, ::every].astype(np.uint32)
    codes = np.sort((chosen[0] << 16) | (chosen[1] << 8) | chosen[2])
    return (1 + np.count_nonzero(codes[1:] != codes[:-1])) / codes.size


def draw(image: ImageFile) -> np.ndarray:
    strength, largest = chroma(*np.moveaxis(image.centre_crop(MAP_SIDE), 2, 0))
    saturation = strength.astype(np.uint16) * 255 // np.maximum(largest, 1)
    return colormap(thumbnail(saturation.astype(np.uint8)))


def _correlation(first: str, second: str) -> Feature:
    meaning = f"Correlation of {first} with {second} over the pixels; 1 for grey images"
    return Feature(f"{first}_{second}", f"{first.capitalize()} with {second}", meaning, "-1..1")


GROUP = FeatureGroup(
    key="colour",
    title="Colour and exposure",
    family="content",
    prefix="colour",
    version=1,
    meaning="Saturation, clipping and distribution of colours, which differ between cameras, editing and generators.",
    features=(
        Feature("saturation_mean", "Saturation", "Mean saturation; black counts as none", "share 0..1"),
        Feature("saturation_spread", "Variation of saturation", "Standard deviation of the saturation", "share 0..1"),
        Feature(
            "chroma_mean", "Colourfulness", "Mean distance of the strongest from the weakest channel", "share 0..1"
        ),
        Feature("over_share", "Over-exposed", "Fraction of pixels with every channel at 250 or more", "share 0..1"),
        Feature("under_share", "Under-exposed", "Fraction of pixels with every channel at 5 or less", "share 0..1"),
        Feature("corner_share", "Gamut corners", "Fraction of pixels with every channel at 0 or 255", "share 0..1"),
        Feature(
            "edge_share", "Clipped colours", "Fraction of pixels with one or two channels at 0 or 255", "share 0..1"
        ),
        _correlation("red", "green"),
        _correlation("green", "blue"),
        _correlation("red", "blue"),
        Feature("cast", "Colour cast", "Distance of the mean colour from grey, over its brightness", "ratio"),
        Feature(
            "coloured_share", "Coloured pixels", "Fraction of pixels whose chroma is 16 levels or more", "share 0..1"
        ),
        Feature("hue_entropy", "Variety of hues", "How evenly coloured pixels are distributed over 36 hues", "bits"),
        Feature(
            "hue_main_share", "Main hue", "Fraction of coloured pixels in the most frequent ten degrees", "share 0..1"
        ),
        Feature(
            "gap_share",
            "Histogram gaps",
            "Fraction of empty levels between filled ones, as stretching leaves",
            "share 0..1",
        ),
        Feature("comb", "Histogram comb", "How jagged the histograms are beyond chance; 0 smooth", "ratio"),
        Feature("highlight_chroma", "Colour of highlights", "Mean chroma of the brightest twentieth", "share 0..1"),
        Feature(
            "distinct_share", "Distinct colours", "Distinct colours among about 4,000 pixels, over these", "share 0..1"
        ),
    ),
    compute=compute,
    cite="McCloskey and Albright, ICIP 2019; Stamm and Liu, ICIP 2008; Buchsbaum 1980; Smith, SIGGRAPH 1978",
    maps=(
        Map(
            "saturation",
            "Saturation",
            draw,
            legend="Bright: strong colours. Dark: grey, white or black.",
            caution="Saturation depends on style and subject; a phone filter changes it everywhere at once.",
        ),
    ),
    weakness="Depends mainly on subject and style: art and photographs differ here regardless of their origin.",
    not_applicable="Hues in grey images; correlations and histogram values where a channel hardly varies.",
)
