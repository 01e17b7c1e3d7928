"""Distribution of one feature over real photos and AI images as a compact histogram, and the images nearest to a value.

The histogram has bins of about equal class-balanced mass, so that ranks are exact to one part in BINS whatever the
scale; a value shared by many images has a bin of its own. The fraction of AI among the nearest images of a value is the
likelihood ratio p(value | AI) : p(value | real) as a fraction, with both classes weighted equally; its interval is that
of the log ratio of two proportions (Katz et al. 1978, Biometrics 34, with Walter's half counts, 1975, Biometrika 62).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from cgid.evaluate.intervals import Z95

BINS = 64
NEAREST_FRACTION = 0.1
DIGITS = 6  # significant digits; values are compared as they are stored


@dataclass(frozen=True)
class NearestValues:
    """The images nearest to a value. real, ai: images of each class (fractional where a bin is divided). low, high: range
    of their values. share: class-balanced fraction of AI among them, None where there are none; share_low, share_high:
    its 95 % interval."""

    real: float
    ai: float
    low: float
    high: float
    share: float | None
    share_low: float
    share_high: float


@dataclass(frozen=True)
class ClassDistribution:
    """edges: (k + 1) non-decreasing; bin i holds values in (edges[i], edges[i + 1]], the first its lower edge too; a bin
    without width holds one value. real, ai: (k) images of each class. Missing values are not counted."""

    edges: np.ndarray
    real: np.ndarray
    ai: np.ndarray

    @classmethod
    def of(cls, value: np.ndarray, label: np.ndarray, bins: int = BINS) -> ClassDistribution:
        """value: (n) any numbers; those that are not finite count as missing. label: 0 real, 1 AI."""
        present = np.isfinite(value)
        values, row = np.unique(value[present], return_inverse=True)
        ai = np.bincount(row, weights=label[present], minlength=len(values))
        real = np.bincount(row, minlength=len(values)) - ai
        mass = np.cumsum((ai / max(ai.sum(), 1) + real / max(real.sum(), 1)) / 2)
        edges, first, last = _bin_edges(values, mass, bins)
        every = np.stack([np.append(0, np.cumsum(real)), np.append(0, np.cumsum(ai))])
        counts = every[:, last] - every[:, first]
        return cls(np.array([rounded(e) for e in edges]), counts[0], counts[1])

    @property
    def count(self) -> int:
        """Images with a value."""
        return int(self.real.sum() + self.ai.sum())

    @property
    def both(self) -> bool:
        """Whether both classes have values, so that a fraction is defined."""
        return bool(self.real.sum() > 0 and self.ai.sum() > 0)

    @property
    def mass(self) -> np.ndarray:
        """Class-balanced fraction of the images in each bin, (k,), sum 1."""
        weights = self.real / max(self.real.sum(), 1) + self.ai / max(self.ai.sum(), 1)
        shares: np.ndarray = weights / max(weights.sum(), 1e-300)
        return shares

    def outside(self, value: float) -> int:
        """-1 below all training values, 1 above, 0 within their range."""
        value = rounded(value)
        return -1 if value < self.edges[0] else int(value > self.edges[-1])

    def quantile(self, share: float, of: np.ndarray) -> float:
        """The value below which the fraction `share` of a class lies. of: `real` or `ai` of this distribution, not empty."""
        below = np.append(0.0, np.cumsum(of)) / of.sum()
        return float(np.interp(share, below, self.edges))

    def neighbours(
        self, value: float, nearest: float = NEAREST_FRACTION, independent: tuple[float, float] = (1.0, 1.0)
    ) -> NearestValues:
        """The images nearest in class-balanced rank: half of `nearest` on each side, shifted inwards at the ends; images with
        exactly this value are all included. independent: groups per image of (real, ai); grouped images widen the
        interval. Accepts any finite value; `both` must hold."""
        value = rounded(value)
        below = np.append(0.0, np.cumsum(self.mass))
        start, end = self._place(value, below)
        low = min(max((start + end - nearest) / 2, 0.0), 1.0 - nearest)
        window = min(low, start), max(low + nearest, end)
        width = np.diff(below)
        inside = np.minimum(below[1:], window[1]) - np.maximum(below[:-1], window[0])
        part = np.where(width > 0, np.clip(inside, 0, None) / np.where(width > 0, width, 1), 0.0)
        real, ai = float(part @ self.real), float(part @ self.ai)
        fraction = fraction_ai(real, ai, float(self.real.sum()), float(self.ai.sum()), independent)
        first, last = (int(np.flatnonzero(part > 0)[i]) for i in (0, -1))
        low, high = (
            float(self.edges[i] + np.clip((at - below[i]) / width[i], 0, 1) * (self.edges[i + 1] - self.edges[i]))
            for i, at in zip((first, last), window)
        )
        return NearestValues(real, ai, low, high, *fraction)

    def _place(self, value: float, below: np.ndarray) -> tuple[float, float]:
        """Range of ranks of this value: a single point unless several images share it."""
        same = np.flatnonzero((self.edges[:-1] == value) & (self.edges[1:] == value))
        if len(same):
            return float(below[same[0]]), float(below[same[-1] + 1])
        at = int(np.clip(np.searchsorted(self.edges, value, side="left") - 1, 0, len(self.real) - 1))
        low, high = self.edges[at], self.edges[at + 1]
        part = min(max((value - low) / (high - low), 0.0), 1.0) if high > low else float(value > low)
        place = float(below[at] + part * (below[at + 1] - below[at]))
        return place, place

    def to_json(self) -> dict[str, Any]:
        return {"edges": self.edges.tolist(), "real": _as_integers(self.real), "ai": _as_integers(self.ai)}

    @classmethod
    def from_json(cls, block: Mapping[str, Any]) -> ClassDistribution:
        """From `to_json`. Raises ValueError where the numbers are inconsistent."""
        try:
            result = cls(*(np.array(block[name], dtype=float) for name in ("edges", "real", "ai")))
        except (KeyError, TypeError, ValueError, OverflowError) as problem:
            raise ValueError(f"no spread: {problem!r}") from None
        if result.edges.ndim != 1 or result.real.ndim != 1 or not 0 < len(result.real) <= 8 * BINS:
            raise ValueError("no spread: no list of bins")
        if len(result.edges) != len(result.real) + 1 or result.real.shape != result.ai.shape:
            raise ValueError("no spread: its lists differ in length")
        everything = np.concatenate([result.edges, result.real, result.ai])
        counts_fit = min(result.real.min(), result.ai.min()) >= 0 and result.count > 0
        if not np.isfinite(everything).all() or (np.diff(result.edges) < 0).any() or not counts_fit:
            raise ValueError("no spread: impossible numbers")
        return result


def fraction_ai(
    real: float, ai: float, all_real: float, all_ai: float, independent: tuple[float, float] = (1.0, 1.0)
) -> tuple[float | None, float, float]:
    """(class-balanced fraction of AI among `real` + `ai` images, low, high); (None, 0, 1) where there are none."""
    by_real, by_ai = real / all_real, ai / all_ai
    if by_real + by_ai <= 0:
        return None, 0.0, 1.0
    share = by_ai / (by_real + by_ai)
    (r, all_r), (a, all_a) = (
        (k * f + 0.5, n * f + 0.5) for k, n, f in zip((real, ai), (all_real, all_ai), independent)
    )
    middle = math.log(a / all_a) - math.log(r / all_r)
    error = math.sqrt(max(1 / a - 1 / all_a + 1 / r - 1 / all_r, 0.0))
    low, high = (0.5 * (1 + math.tanh((middle + side * Z95 * error) / 2)) for side in (-1, 1))
    return share, min(low, share), max(high, share)


def rounded(value: float) -> float:
    return float(f"{float(value):.{DIGITS}g}")


def _bin_edges(values: np.ndarray, mass: np.ndarray, bins: int) -> tuple[list[float], np.ndarray, np.ndarray]:
    """(edges, first value of each bin, one past its last). values: distinct, rising. mass: cumulated."""
    if not len(values):
        return [0.0, 0.0], np.zeros(1, int), np.zeros(1, int)
    alone = np.diff(mass, prepend=0.0) >= (1 / bins if len(values) > bins else 0)
    heavy = np.append(np.flatnonzero(alone), len(values))
    edges, first, last = [float(values[0])], [], []
    at = 0
    while at < len(values):
        stop = at + 1
        if not alone[at]:
            before = mass[at - 1] if at else 0.0
            full = int(np.searchsorted(mass, before + 1 / bins - 1e-12)) + 1
            stop = max(at + 1, min(full, int(heavy[np.searchsorted(heavy, at)])))
        if stop == at + 1 and edges[-1] < values[at]:  # one value: a gap separates it from the previous bin
            edges.append(float(values[at]))
            first.append(at)
            last.append(at)
        edges.append(float(values[stop - 1]))
        first.append(at)
        last.append(stop)
        at = stop
    return edges, np.array(first), np.array(last)


def _as_integers(counts: np.ndarray) -> list[int]:
    return [int(c) for c in counts]
