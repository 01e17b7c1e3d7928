"""Data of feature charts: stratified sample, ECDF, density, quartiles, class separation and missing values by class.

Curves have a few hundred points for any number of rows. Deterministic: the same table gives the same chart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

POINTS = 512
TAIL = 0.005


def stratified_sample(strata: np.ndarray, size: int, seed: int = 2026) -> np.ndarray:
    """Indices of at most `size` rows, ascending (k,), proportional to the strata, at least one row each where possible.

    strata: codes >= 0, (n,). All rows where there are no more than `size`.
    """
    strata = np.asarray(strata)
    if len(strata) <= size:
        return np.arange(len(strata))
    kinds, which, counts = np.unique(strata, return_inverse=True, return_counts=True)
    quotas = _quotas(counts, size)
    random = np.random.default_rng(seed)
    order = np.argsort(which, kind="stable")
    starts = np.cumsum(counts) - counts
    sampled = [
        order[start : start + count][random.permutation(count)[:place]]
        for start, count, place in zip(starts, counts, quotas)
    ]
    return np.sort(np.concatenate(sampled)) if len(kinds) else np.arange(0)


def _quotas(counts: np.ndarray, size: int) -> np.ndarray:
    """`size` rows allocated in proportion to `counts` by largest remainders; every stratum gets one first."""
    exact = counts * (size / counts.sum())
    places: np.ndarray = np.minimum(np.maximum(np.floor(exact).astype(int), 1), counts)
    while places.sum() > size:
        places[np.argmax(places)] -= 1
    remainders = np.where(places < counts, exact - places, -np.inf)
    for at in np.argsort(-remainders, kind="stable")[: size - places.sum()]:
        places[at] += 1
    return places


def ecdf(values: np.ndarray, points: int = POINTS) -> tuple[np.ndarray, np.ndarray]:
    """(x, fraction of values <= x), both (k,), k <= points: exact at evenly spaced order statistics. NaN are left out."""
    ordered = np.sort(values[np.isfinite(values)])
    if not len(ordered):
        return np.empty(0), np.empty(0)
    x = np.unique(ordered[np.round(np.linspace(0, len(ordered) - 1, min(points, len(ordered)))).astype(int)])
    return x, np.searchsorted(ordered, x, side="right") / len(ordered)


def bounds(values: np.ndarray, tail: float = TAIL) -> tuple[float, float]:
    """The range without `tail` of the finite values at each end, of length one where it is constant; NaN without any."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return np.nan, np.nan
    low, high = (float(v) for v in np.quantile(finite, [tail, 1 - tail]))
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def density(values: np.ndarray, low: float, high: float, points: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Gaussian kernel density at `points` positions from low to high: (x, density), both (points,).

    Silverman's rule 0.9 min(s, IQR / 1.34) n^(-1/5) (Density Estimation, 1986), computed on linearly weighted bins that
    are fine compared with the bandwidth, so that 100,000 values cost no more than a histogram. Where the rule gives 0
    (one value, or half of them equal) a bandwidth of 1 / 100 of the range is used. Values outside low..high count too.
    """
    finite = values[np.isfinite(values)]
    x = np.linspace(low, high, points)
    if not len(finite):
        return x, np.zeros(points)
    h = bandwidth(finite) or (high - low) / 100
    fine = int(np.clip(8 * (high - low) / h, 4 * points, 1 << 15))
    step = (high - low) / fine
    margin_bins = min(int(np.ceil(4 * h / step)), 4 * fine)
    position = (finite - low) / step + margin_bins
    cells = fine + 1 + 2 * margin_bins
    inside = (position >= 0) & (position < cells - 1)
    at = position[inside].astype(int)
    part = position[inside] - at
    weight = np.bincount(at, 1 - part, cells) + np.bincount(at + 1, part, cells)
    kernel = np.exp(-0.5 * (np.arange(-margin_bins, margin_bins + 1) * step / h) ** 2) / (h * np.sqrt(2 * np.pi))
    from scipy.signal import fftconvolve

    curve = np.maximum(fftconvolve(weight, kernel, mode="same")[margin_bins : margin_bins + fine + 1], 0) / len(finite)
    return x, np.interp(x, np.linspace(low, high, fine + 1), curve)


def bandwidth(values: np.ndarray) -> float:
    """Silverman's rule of thumb; 0 where the values are constant."""
    if len(values) < 2:
        return 0.0
    quarter, half = np.quantile(values, [0.25, 0.75])
    with np.errstate(over="ignore", invalid="ignore"):  # values near the float limits: their variance is infinite
        spread = float(values.std(ddof=1))
    robust = float(half - quarter) / 1.34
    return float(0.9 * (min(spread, robust) if robust > 0 else spread) * len(values) ** -0.2)


def quartiles(values: np.ndarray) -> tuple[float, float, float]:
    """Lower quartile, median, upper quartile of the finite values; NaN without any."""
    finite = values[np.isfinite(values)]
    low, middle, high = np.quantile(finite, [0.25, 0.5, 0.75]) if len(finite) else (np.nan, np.nan, np.nan)
    return float(low), float(middle), float(high)


def separation(sample: np.ndarray, label: np.ndarray) -> np.ndarray:
    """How well each feature alone separates the classes, 0..1, (features,): |2 AUC - 1| over rows with a value.

    sample: (rows, features). label: 0 real, 1 AI, others are left out. NaN where a class has no value.
    """
    from scipy.stats import rankdata

    result = np.full(sample.shape[1], np.nan)
    for at in range(sample.shape[1]):
        keep = np.isfinite(sample[:, at]) & (label < 2)
        y = label[keep] == 1
        ai, real = int(y.sum()), int((~y).sum())
        if ai and real:
            above = rankdata(sample[keep, at])[y].sum() - ai * (ai + 1) / 2
            result[at] = abs(2 * above / (ai * real) - 1)
    return result


def by_class(
    features: Sequence[str], missing: np.ndarray, counts: np.ndarray, owner: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Rows {name, real, ai, gap, features, members}, largest gap first; features without missing values are left out.

    missing: images without a value by feature and class (real, AI, …), (f, >= 2). counts: images of each class.
    real, ai: fractions 0..1, NaN where a class has no image. gap: |real - ai|. Features of one `owner` with the same numbers
    missing make one row, named after the feature, or after the owner where there are several.
    """
    together: dict[tuple[Any, ...], list[str]] = {}
    for name, lost in zip(features, np.asarray(missing)):
        if lost[:2].any():
            key = (owner.get(name, name), int(lost[0]), int(lost[1]))
            together.setdefault(key, []).append(name)
    rows = []
    for (group, real, ai), members in together.items():
        shares = [n / c if c else float("nan") for n, c in zip((real, ai), counts)]
        name = members[0] if len(members) == 1 else f"{group} ({len(members)} features)"
        rows.append(
            {"name": name, "real": shares[0], "ai": shares[1], "gap": abs(shares[0] - shares[1]), "features": len(members), "members": tuple(members)}
        )  # fmt: skip
    rows = sorted(
        rows, key=lambda r: (-np.nan_to_num(r["gap"], nan=-1.0), -max(np.nan_to_num([r["real"], r["ai"]])), r["name"])
    )
    seen: dict[str, int] = {}
    for row in rows:  # one owner may have several such rows of the same size: names must be unique
        seen[row["name"]] = seen.get(row["name"], 0) + 1
        if seen[row["name"]] > 1:
            row["name"] = f"{row['members'][0]} and {row['features'] - 1} more"
    return rows
