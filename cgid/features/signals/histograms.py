"""Histograms of 8-bit levels: exact counts, gaps and combs left by contrast changes, entropy, chroma and hue.

Gaps and combs: Stamm and Liu, Blind forensics of contrast enhancement in digital images, ICIP 2008: a camera's histogram
is smooth; mapping 256 levels to 256 others leaves some empty and doubles others. Hue and chroma follow the hexagonal
HSV model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cgid.features.signals import shared

if TYPE_CHECKING:
    from cgid.imaging.image_file import ImageFile

GAP_RADIUS = 3  # levels on either side in which a gap needs filled levels: stretches up to fourfold
MIN_FILLED = 8  # pixels; a level between two such levels is empty by chance in one of thousands


def histogram_gaps(histograms: np.ndarray) -> np.ndarray:
    """float64 (n,): fraction of empty levels between the darkest and the brightest filled one, of (n, 256) counts.

    An empty level counts only if both sides have a level of at least MIN_FILLED pixels within GAP_RADIUS, so that neither
    small images nor scenes with two separate tones appear stretched. NaN if fewer than three levels are spanned.
    """
    filled = histograms > 0
    span = 256.0 - filled.argmax(axis=1) - filled[:, ::-1].argmax(axis=1)
    dense = np.zeros((len(histograms), 256 + 2 * GAP_RADIUS), bool)
    dense[:, GAP_RADIUS:-GAP_RADIUS] = histograms >= MIN_FILLED
    below = dense[:, 2:258] | dense[:, 1:257] | dense[:, :256]
    above = dense[:, 4:260] | dense[:, 5:261] | dense[:, 6:262]
    gaps = np.count_nonzero(~filled & below & above, axis=1)
    return np.where((span > 2) & filled.any(axis=1), gaps / span, np.nan)


def histogram_combs(histograms: np.ndarray) -> np.ndarray:
    """float64 (n,): relative difference of levels from the mean of their two neighbours.

    histograms: counts (n, 256). 0 is smooth, 1 has every second level empty. Root of summed squares, minus the
    expected contribution of counting noise; levels 0 and 255, where clipped pixels accumulate, and their neighbours are
    excluded. NaN without other pixels.
    """
    centre, neighbours = histograms[:, 2:254], (histograms[:, 1:253] + histograms[:, 3:255]) / 2
    level = np.square(centre + neighbours).sum(axis=1)
    by_chance = (centre + neighbours / 2).sum(axis=1)
    beyond = np.maximum(np.square(centre - neighbours).sum(axis=1) - by_chance, 0)
    return np.sqrt(np.divide(beyond, level, out=np.full(len(level), np.nan), where=level > 0))


def luma_levels(image: ImageFile) -> np.ndarray:
    """uint8 (h, w): `shared.luma` rounded to integer levels, halves up."""
    return (image.cached(shared.luma) + np.float32(0.5)).astype(np.uint8)


def rgb_planes(image: ImageFile) -> np.ndarray:
    """uint8 (3, h, w), contiguous: red, green and blue of `shared.pixels`."""
    import cv2

    pixels = image.cached(shared.pixels)
    separated = np.empty((3, *pixels.shape[:2]), np.uint8)
    for k in range(3):
        cv2.extractChannel(pixels, k, separated[k])
    return separated


def counts(values: np.ndarray, size: int = 256) -> np.ndarray:
    """float64 (size,): occurrences of 0..size-1 in a uint8 array without larger values; exact below 2**24 values.

    OpenCV counts bytes three times as fast as numpy, which first widens each of them to eight bytes.
    """
    import cv2

    if values.size < 8192:
        return np.bincount(values.ravel(), minlength=size).astype(np.float64)
    flat = values if values.ndim == 2 else values.reshape(1, -1)
    return cv2.calcHist([flat], [0], None, [256], [0, 256]).ravel()[:size].astype(np.float64)


def joint_counts(first: np.ndarray, second: np.ndarray, bins: int) -> np.ndarray:
    """float64 (bins, bins): joint histogram of two uint8 arrays at the same positions; bins divides 256."""
    import cv2

    return cv2.calcHist([first, second], [0, 1], None, [bins, bins], [0, 256, 0, 256]).astype(np.float64)


def entropies(occurrences: np.ndarray) -> np.ndarray:
    """float64 (n,): Shannon entropy in bits of each row of counts (n, m); NaN for empty rows."""
    total = occurrences.sum(axis=1, keepdims=True)
    total[total == 0] = np.nan
    fraction = occurrences / total
    bits = np.log2(np.where(fraction > 0, fraction, 1.0))
    bits *= fraction
    # Logarithms differ between processors in their last digits, hence the rounding.
    return np.abs(bits.sum(axis=1)).round(9)


HUES = 36  # steps of ten degrees
SIXTH = HUES // 6


def chroma(red: np.ndarray, green: np.ndarray, blue: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(chroma, value), uint8: largest minus smallest channel, and the largest; three uint8 arrays of one shape."""
    largest = np.maximum(np.maximum(red, green), blue)
    smallest = np.minimum(np.minimum(red, green), blue)
    return largest - smallest, largest


def hue_counts(red: np.ndarray, green: np.ndarray, blue: np.ndarray, min_chroma: int) -> np.ndarray:
    """float64 (36,): pixels of each hue, in steps of ten degrees from red towards yellow, without those of chroma below
    `min_chroma` (at least 1). Three uint8 arrays of one shape.

    Smith, Color gamut transform pairs, SIGGRAPH 1978: a sixth of the circle by the largest channel, and inside it the
    difference of the other two over the chroma. A quotient of whole numbers this small never rounds to the next whole
    number in 32 bits, so steps are exact and the same on every machine.
    """
    strength, largest = chroma(red, green, blue)
    r, g, b = red.astype(np.float32), green.astype(np.float32), blue.astype(np.float32)
    by_red, by_green = largest == red, largest == green
    by_green &= ~by_red
    by_blue = ~(by_red | by_green)
    # Selects one of three differences and sextants: a product with 0 or 1 is faster than a choice.
    steps = (g - b) * by_red
    steps += (b - r) * by_green
    steps += (r - g) * by_blue
    steps *= np.float32(SIXTH)
    steps /= np.maximum(strength, 1)
    np.floor(steps, out=steps)
    steps += np.float32(2 * SIXTH) * by_green
    steps += np.float32(4 * SIXTH) * by_blue
    steps += np.float32(HUES) * (steps < 0)
    steps += np.float32(64) * (strength < min_chroma)
    return counts(steps.astype(np.uint8))[:HUES]
