"""Short cross-tabulations of a property against the class: names by frequency, numbers in ranges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

MAX_ROWS = 8
UNKNOWN = "none known"
CHECKS = ("extension_by_class", "format_by_class", "size_by_class", "jpeg_quality_by_class")  # in display order

Row = dict[str, Any]  # {"value": str, "real": int, "ai": int}


@dataclass(frozen=True, slots=True)
class Count:
    """Images of either class with one value. rest: the combined row of the remaining values."""

    value: str
    real: int
    ai: int
    rest: bool = False

    def to_dict(self) -> Row:
        return {"value": self.value, "real": int(self.real), "ai": int(self.ai)}


def by_name(names: np.ndarray, label: np.ndarray, max_rows: int = MAX_ROWS) -> list[Row]:
    """names: strings, (n,), '' where unknown. label: 0/1, (n,). Most frequent first, the remaining values in one row."""
    return [count.to_dict() for count in _by_name(names, label, max_rows)]


def _by_name(names: np.ndarray, label: np.ndarray, max_rows: int = MAX_ROWS) -> list[Count]:
    import pandas as pd

    codes, values = pd.factorize(np.asarray(names, dtype=object))
    real, ai = (np.bincount(codes[label == c], minlength=len(values)) for c in (0, 1))
    order = np.argsort(-(real + ai), kind="stable")
    shown = order if len(order) <= max_rows else order[: max_rows - 1]
    counts = [Count(str(values[i]) or UNKNOWN, real[i], ai[i]) for i in shown]
    if len(shown) < len(order):
        others = order[len(shown) :]
        counts.append(Count(f"{len(others)} others", real[others].sum(), ai[others].sum(), rest=True))
    return counts


def by_range(values: np.ndarray, label: np.ndarray, edges: Sequence[float], names: Sequence[str]) -> list[Row]:
    """values: (n,), not finite = unknown. Row i counts edges[i-1] <= value < edges[i]; empty rows are left out.

    names: one more than edges.
    """
    known = np.isfinite(values)
    where = np.where(known, np.searchsorted(edges, np.where(known, values, 0), side="right"), len(names))
    real, ai = (np.bincount(where[label == c], minlength=len(names) + 1) for c in (0, 1))
    named = [*names, UNKNOWN]
    return [Count(named[i], real[i], ai[i]).to_dict() for i in range(len(named)) if real[i] + ai[i]]


def jpeg_quality(values: np.ndarray, label: np.ndarray) -> list[Row]:
    """JPEG quality 1..100 in ranges that separate common encoder settings."""
    names = ("below 50", "50 to 69", "70 to 79", "80 to 84", "85 to 89", "90 to 94", "95 to 97", "98 to 100")
    return by_range(np.round(values), label, (50, 70, 80, 85, 90, 95, 98), names)


def file_size(values: np.ndarray, label: np.ndarray) -> list[Row]:
    """File size in bytes, in ranges that double from row to row."""
    edges = [2.0**i * 1024 for i in range(3, 16)]
    sizes = [_bytes(e) for e in edges]
    between = [f"{a} to {b}" for a, b in pairwise(sizes)]
    return by_range(values, label, edges, (f"under {sizes[0]}", *between, f"{sizes[-1]} and more"))


def dimensions(width: np.ndarray, height: np.ndarray, label: np.ndarray) -> list[Row]:
    """Exact dimensions (`640 x 480`) where few of them cover half of the images, else ranges of the longer side."""
    known = np.isfinite(width) & np.isfinite(height)
    names = np.array([f"{w:.0f} x {h:.0f}" if k else "" for w, h, k in zip(width, height, known)], dtype=object)
    counts = _by_name(names, label)
    if sum(count.real + count.ai for count in counts if count.rest) * 2 <= len(label):
        return [count.to_dict() for count in counts]
    longer = np.where(known, np.fmax(width, height), np.nan)
    edges = (128, 256, 257, 512, 513, 1024, 1025, 2048, 4096)
    ranges = ("up to 127", "128 to 255", "256", "257 to 511", "512", "513 to 1023", "1024", "1025 to 2047")
    return by_range(longer, label, edges, (*(f"longer side {n}" for n in ranges), "longer side 2048 to 4095", "longer"))


def from_summary(summary: Mapping[str, Any]) -> dict[str, list[Row]]:
    """{counted property: rows} of every check in `feature_leakage_summary.json` that has counts by class."""
    result: dict[str, list[Row]] = {}
    checks = {c.get("code"): c for c in summary.get("dataset_checks") or [] if isinstance(c, Mapping)}
    for code in CHECKS:
        tables = (checks.get(code) or {}).get("details") or {}
        result |= {name: rows for name, rows in (tables.get("tables") or {}).items() if rows}
    return result


def _bytes(value: float) -> str:
    return f"{value / 2**20:.0f} MiB" if value >= 2**20 else f"{value / 1024:.0f} KiB"
