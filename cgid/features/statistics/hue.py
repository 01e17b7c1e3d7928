"""Hue, chroma and saturation of 8-bit colours, from their largest and smallest channel (the hexagon of HSV)."""

from __future__ import annotations

import numpy as np

from cgid.features.statistics.levels import counts

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
