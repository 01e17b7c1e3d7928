"""Prepares feature values for Model B's estimators: imputes missing ones, clips outliers, standardises.

Everything is learned on training rows only: the median that stands in for a missing value, an indicator column where
missingness varies, mean and deviation (of values drawn in to the 1st and 99th percentile, so that one wild training
value does not set the scale). Standardised values are cut at `CLIP` deviations: one wild value cannot decide alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cgid.errors import InputError

CLIP = 5.0
TAIL = 1.0


@dataclass(frozen=True)
class Preparation:
    """features: raw columns (f). medians: (f). indicators: features with a missing indicator (m). mean, std: (f +
    m)."""

    features: tuple[str, ...]
    medians: np.ndarray
    indicators: tuple[str, ...]
    mean: np.ndarray
    std: np.ndarray
    clip: float = CLIP

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the prepared columns (f + m): the features, then `<feature> is missing`."""
        return (*self.features, *(f"{name} is missing" for name in self.indicators))

    @property
    def owners(self) -> np.ndarray:
        """int (f + m): index of the feature each prepared column belongs to."""
        place = {name: i for i, name in enumerate(self.features)}
        return np.array([*range(len(self.features)), *(place[n] for n in self.indicators)], dtype=int)

    def raw(self, values: Mapping[str, Any]) -> np.ndarray:
        """float (f): the values by name; NaN for what is absent, null, not a number or infinite."""
        return np.array([_number(values.get(name)) for name in self.features], dtype=float)

    def matrix(self, raw: np.ndarray) -> np.ndarray:
        """(n, f) raw values with NaN for missing -> (n, f + m) standardised, finite, within ±clip."""
        filled, missing = _fill(np.asarray(raw, dtype=float), self.medians)
        place = {name: i for i, name in enumerate(self.features)}
        flags = missing[:, [place[name] for name in self.indicators]].astype(float)
        with np.errstate(over="ignore"):
            return np.clip((np.hstack([filled, flags]) - self.mean) / self.std, -self.clip, self.clip)

    def row(self, values: Mapping[str, Any]) -> np.ndarray:
        """(f + m) standardised values of one image."""
        return self.matrix(self.raw(values)[None])[0]

    def to_json(self) -> dict[str, Any]:
        return {
            "features": list(self.features),
            "medians": self.medians.tolist(),
            "indicators": list(self.indicators),
            "columns": list(self.columns),
            "mean": self.mean.tolist(),
            "std": self.std.tolist(),
            "clip": self.clip,
        }

    @classmethod
    def from_json(cls, block: Mapping[str, Any]) -> Preparation:
        """Raises InputError where the numbers do not fit each other."""
        try:
            preparation = cls(
                tuple(block["features"]),
                np.array(block["medians"], dtype=float),
                tuple(block["indicators"]),
                np.array(block["mean"], dtype=float),
                np.array(block["std"], dtype=float),
                float(block["clip"]),
            )
            width = len(preparation.owners)
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"model_b.json is damaged ({error!r}); train Model B again.") from None
        if (
            preparation.medians.shape != (len(preparation.features),)
            or preparation.mean.shape != (width,)
            or preparation.std.shape != (width,)
        ):
            raise InputError("model_b.json is damaged (its lists differ in length); train Model B again.")
        return preparation


def fit_preparation(raw: np.ndarray, features: Sequence[str], flags: np.ndarray | None = None) -> Preparation:
    """Learn medians, indicators and scale from training rows.

    raw: (n, f), NaN for missing; every column holds at least one number. flags: (n, k) columns of the table that
    already say what is missing (the groups' `…_missing`); an indicator that repeats one of them, or another
    indicator, is left out.
    """
    medians = np.nanmedian(raw, axis=0)
    filled, missing = _fill(raw, medians)
    seen = {column.astype(bool).tobytes() for column in (flags.T if flags is not None else ())}
    chosen: list[int] = []
    for i in range(len(features)):
        pattern = missing[:, i]
        if pattern.any() and pattern.tobytes() not in seen:
            seen.add(pattern.tobytes())
            chosen.append(i)
    whole = np.hstack([filled, missing[:, chosen].astype(float)])
    low, high = np.percentile(whole, [TAIL, 100 - TAIL], axis=0)
    inner = np.clip(whole, low, high)
    rare = inner.std(axis=0) <= 1e-12 * np.maximum(1, np.abs(np.median(inner, axis=0)))
    inner[:, rare] = whole[:, rare]
    std = inner.std(axis=0)
    return Preparation(
        tuple(features), medians, tuple(features[i] for i in chosen), inner.mean(axis=0), np.where(std > 0, std, 1.0)
    )


def _fill(raw: np.ndarray, medians: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    missing = ~np.isfinite(raw)
    return np.where(missing, medians, raw), missing


def _number(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan
    return number if math.isfinite(number) else math.nan
