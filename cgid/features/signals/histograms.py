"""Gaps and combs in a histogram of grey levels: a contrast stretch leaves some levels empty and doubles others.

Stamm and Liu, Blind forensics of contrast enhancement in digital images, ICIP 2008: a camera's histogram is smooth,
a mapping of 256 levels to 256 others is not.

Hue, chroma and saturation of 8-bit colours, from their largest and smallest channel (the hexagon of HSV).

Whole grey levels of an image and exact counts of them: what histograms and co-occurrences are made from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cgid.features.signals import shared

if TYPE_CHECKING:
    from cgid.imaging.image_file import ImageFile

REACH = 3  # levels to either side in which a gap must find filled ones: a stretch up to fourfold
FILLED = 8  # pixels; a level between two of them that is empty by chance alone is one in thousands


def gap_shares(histograms: np.ndarray) -> np.ndarray:
    """float64 (n,): share of empty levels among those from the darkest to the brightest filled one, of (n, 256) counts.

    Empty counts only where both sides hold at least FILLED pixels within REACH levels, so that neither a small picture
    nor a scene in two separate tones looks stretched. NaN where fewer than three levels are spanned.
    """
    filled = histograms > 0
    span = 256.0 - filled.argmax(axis=1) - filled[:, ::-1].argmax(axis=1)
    dense = np.zeros((len(histograms), 256 + 2 * REACH), bool)
    dense[:, REACH:-REACH] = histograms >= FILLED
    below = dense[:, 2:258] | dense[:, 1:257] | dense[:, :256]
    above = dense[:, 4:260] | dense[:, 5:261] | dense[:, 6:262]
    gaps = np.count_nonzero(~filled & below & above, axis=1)
    return np.where((span > 2) & filled.any(axis=1), gaps / span, np.nan)


def combs(histograms: np.ndarray) -> np.ndarray:
    """float64 (n,): how far levels differ from the mean of their two neighbours, over the sum of both.

    histograms: counts (n, 256). 0 is smooth, 1 has every second level empty. Root of summed squares, less what counting at random explains; levels 0
    and 255, where clipping piles up pixels, and their neighbours are left out. NaN without pixels there.
    """
    middle, around = histograms[:, 2:254], (histograms[:, 1:253] + histograms[:, 3:255]) / 2
    level = np.square(middle + around).sum(axis=1)
    by_chance = (middle + around / 2).sum(axis=1)
    beyond = np.maximum(np.square(middle - around).sum(axis=1) - by_chance, 0)
    return np.sqrt(np.divide(beyond, level, out=np.full(len(level), np.nan), where=level > 0))


def levels(image: ImageFile) -> np.ndarray:
    """uint8 (h, w): `shared.luma` rounded to whole levels, halves up."""
    return (image.once(shared.luma) + np.float32(0.5)).astype(np.uint8)


def planes(image: ImageFile) -> np.ndarray:
    """uint8 (3, h, w), contiguous: red, green and blue of `shared.pixels`."""
    import cv2

    pixels = image.once(shared.pixels)
    found = np.empty((3, *pixels.shape[:2]), np.uint8)
    for k in range(3):
        cv2.extractChannel(pixels, k, found[k])
    return found


def counts(values: np.ndarray, size: int = 256) -> np.ndarray:
    """float64 (size,): how often 0..size-1 occur in a uint8 array that holds nothing above; exact below 2**24 values.

    OpenCV counts bytes three times as fast as numpy, which first turns each of them into eight.
    """
    import cv2

    if values.size < 8192:
        return np.bincount(values.ravel(), minlength=size).astype(np.float64)
    flat = values if values.ndim == 2 else values.reshape(1, -1)
    return cv2.calcHist([flat], [0], None, [256], [0, 256]).ravel()[:size].astype(np.float64)


def joint_counts(first: np.ndarray, second: np.ndarray, bins: int) -> np.ndarray:
    """float64 (bins, bins): how often a byte of `first` meets one of `second` at the same place; bins divides 256."""
    import cv2

    return cv2.calcHist([first, second], [0, 1], None, [bins, bins], [0, 256, 0, 256]).astype(np.float64)


def entropies(occurrences: np.ndarray) -> np.ndarray:
    """float64 (n,): Shannon entropy in bits of each row of counts (n, m); NaN where nothing was counted."""
    total = occurrences.sum(axis=1, keepdims=True)
    total[total == 0] = np.nan
    share = occurrences / total
    bits = np.log2(np.where(share > 0, share, 1.0))
    bits *= share
    # Logarithms differ between processors in their last digits, which nothing needs.
    return np.abs(bits.sum(axis=1)).round(9)


HUES = 36  # steps of ten degrees
SIXTH = HUES // 6


def chroma(red: np.ndarray, green: np.ndarray, blue: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(chroma, value), uint8: largest minus smallest channel, and the largest; three uint8 arrays of one shape."""
    largest = np.maximum(np.maximum(red, green), blue)
    smallest = np.minimum(np.minimum(red, green), blue)
    return largest - smallest, largest


def hue_counts(red: np.ndarray, green: np.ndarray, blue: np.ndarray, least: int) -> np.ndarray:
    """float64 (36,): pixels of each hue, in steps of ten degrees from red towards yellow; those of chroma below `least`
    (at least 1) have none. Three uint8 arrays of one shape.

    Smith, Color gamut transform pairs, SIGGRAPH 1978: a sixth of the circle by the largest channel, and inside it the
    difference of the other two over the chroma. A quotient of whole numbers this small never rounds to the next whole
    number in 32 bits, so steps are exact and the same on every machine.
    """
    strength, largest = chroma(red, green, blue)
    r, g, b = red.astype(np.float32), green.astype(np.float32), blue.astype(np.float32)
    by_red, by_green = largest == red, largest == green
    by_green &= ~by_red
    by_blue = ~(by_red | by_green)
    # One of three differences and of three sixths of the circle: a product with 0 or 1 is quicker than a choice.
    steps = (g - b) * by_red
    steps += (b - r) * by_green
    steps += (r - g) * by_blue
    steps *= np.float32(SIXTH)
    steps /= np.maximum(strength, 1)
    np.floor(steps, out=steps)
    steps += np.float32(2 * SIXTH) * by_green
    steps += np.float32(4 * SIXTH) * by_blue
    steps += np.float32(HUES) * (steps < 0)
    steps += np.float32(64) * (strength < least)
    return counts(steps.astype(np.uint8))[:HUES]
