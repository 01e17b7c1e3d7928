"""Matches a JPEG's quantisation tables to encoder settings: the nearest quality of the reference encoder.

Base tables: ITU-T T.81, annex K, tables K.1 and K.2; scaling by quality 1..100: Independent JPEG Group's libjpeg
(`jpeg_quality_scaling`), with entries clipped to 1..255 as in baseline files. mozjpeg, the encoder of many web
services, scales another table in the same way, for both luma and chroma: N. Robidoux's, its default.
"""

from __future__ import annotations

from functools import cache

import numpy as np

_LUMA = """16 11 10 16 24 40 51 61 12 12 14 19 26 58 60 55 14 13 16 24 40 57 69 56 14 17 22 29 51 87 80 62
18 22 37 56 68 109 103 77 24 35 55 64 81 104 113 92 49 64 78 87 103 121 120 101 72 92 95 98 112 100 103 99"""
_CHROMA = """17 18 24 47 99 99 99 99 18 21 26 66 99 99 99 99 24 26 56 99 99 99 99 99 47 66 99 99 99 99 99 99
99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99"""
_MOZJPEG = """16 16 16 18 25 37 56 85 16 17 20 27 34 40 53 75 16 20 24 31 43 62 91 135 18 27 31 40 53 74 106 156
25 34 43 53 69 94 131 189 37 40 62 74 94 124 169 238 56 53 91 106 131 169 226 311 85 75 135 156 189 238 311 418"""
BASE = {"luma": np.array(_LUMA.split(), int), "chroma": np.array(_CHROMA.split(), int)}
BASE["mozjpeg"] = np.array(_MOZJPEG.split(), int)


@cache
def zigzag_order() -> np.ndarray:
    """int (64,): zigzag()[i] is the row-major index of the i-th coefficient in file order."""
    cells = [(row, column) for row in range(8) for column in range(8)]
    # Odd diagonals run downwards, even ones upwards.
    cells.sort(key=lambda c: (c[0] + c[1], c[0] if (c[0] + c[1]) % 2 else c[1]))
    return np.array([row * 8 + column for row, column in cells])


@cache
def ijg_tables(plane: str) -> np.ndarray:
    """int (100, 64), row-major tables of qualities 1..100 of one of BASE."""
    quality = np.arange(1, 101)
    scale = np.where(quality < 50, 5000 // quality, 200 - 2 * quality)
    return ((BASE[plane][None, :] * scale[:, None] + 50) // 100).clip(1, 255)


def nearest_quality(table: tuple[int, ...], plane: str = "luma") -> tuple[int, float]:
    """(quality 1..100, mean squared difference) of the nearest reference table; `table` in file (zig-zag) order."""
    rows = np.empty(64)
    rows[zigzag_order()] = table
    distance = ((ijg_tables(plane) - rows) ** 2).mean(axis=1)
    best = int(distance.argmin())
    return best + 1, float(distance[best])


def relative_distance(table: tuple[int, ...], quality: int, plane: str = "luma") -> float:
    """Mean absolute difference from the reference table of that quality, relative to its steps."""
    rows = np.empty(64)
    rows[zigzag_order()] = table
    reference = ijg_tables(plane)[quality - 1]
    return float((np.abs(rows - reference) / reference).mean())


def is_mozjpeg(luma: tuple[int, ...], chroma: tuple[int, ...] | None) -> bool:
    """Whether the tables, in file order, are exactly mozjpeg's default tables of one quality and not the reference
    encoder's.
    """
    quality, distance = nearest_quality(tuple(min(step, 255) for step in luma), "mozjpeg")
    if distance > 0 or nearest_quality(luma)[1] == 0:
        return False
    return chroma is None or nearest_quality(tuple(min(step, 255) for step in chroma), "mozjpeg") == (quality, 0.0)
