"""Confidence intervals: Wilson intervals for proportions, a cluster bootstrap for other metrics, and the design effect.

Images cropped from one photograph or video are not independent, so the unit of resampling is the group, not the row.
Wilson, E. B. (1927), J. Am. Stat. Assoc. 22; Korn and Graubard (1998), Survey Methodology 24 (effective sample size);
Field and Welsh (2007), J. R. Stat. Soc. B 69 (bootstrap of clusters).
Design effect: Kish, L. (1965), Survey Sampling: with intraclass correlation r, n images in groups of m are worth n / (1 + (m - 1) r).
r by one-way analysis of variance on ranks (Donner 1986, Int. Stat. Rev. 54), so that it is robust to outliers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from cgid.schema import Interval

Z95 = 1.959963984540054
MAX_WEIGHTS = 4_000_000  # weights in memory at once: bounds it to some tens of MB whatever the number of rows


def wilson(k: float, n: float, z: float = Z95) -> tuple[float | None, float | None]:
    """Interval of a proportion k/n (95 % two-sided by default); (None, None) where n is 0. k and n may be fractional."""
    return wilson_bounds(k, n, z) if n and n > 0 else (None, None)


def wilson_bounds(k: float, n: float, z: float = Z95) -> tuple[float, float]:
    """`wilson` where n is known to be above 0. Raises ZeroDivisionError where it is 0."""
    p, square = k / n, z * z
    centre = (p + square / (2 * n)) / (1 + square / n)
    half = z * np.sqrt(max(p * (1 - p) / n + square / (4 * n * n), 0.0)) / (1 + square / n)
    low, high = max(0.0, centre - half), min(1.0, centre + half)
    return float(0.0 if k <= 0 else low), float(1.0 if k >= n else high)


def group_codes(groups: object, n: int) -> np.ndarray:
    """Groups as integers 0..G-1, shape (n,). None: every row is its own group. A missing group is a group of its own."""
    if groups is None:
        return np.arange(n)
    import pandas as pd

    codes: np.ndarray
    codes, names = pd.factorize(np.asarray(groups, dtype=object))
    alone = codes < 0
    codes[alone] = len(names) + np.arange(alone.sum())
    return codes


def clustered_proportion(hit: np.ndarray, base: np.ndarray, codes: np.ndarray) -> Interval:
    """Proportion sum(hit) / sum(base) with a Wilson interval on the effective sample size of the groups.

    hit, base: 0/1 per row, hit only where base. codes: group per row. With one row per group this is Wilson's own
    interval. With larger groups n is divided by the design effect (linearised variance of the ratio over groups);
    at proportions of 0 and 1 the number of groups replaces n, because the variance cannot be estimated.
    """
    n = float(base.sum())
    if n == 0:
        return Interval()
    p = float(hit.sum()) / n
    sizes = np.bincount(codes, weights=base)
    used = sizes > 0
    count = int(used.sum())
    effective = n
    if count < n:
        residual = (np.bincount(codes, weights=hit) - p * sizes)[used]
        variance = float(np.sum(residual**2)) / n**2 * (count / max(count - 1, 1))
        effective = p * (1 - p) / variance if variance > 1e-15 else float(count)
        effective = float(np.clip(effective, 1.0, n))
    low, high = wilson(p * effective, effective)
    return Interval(p, low, high)


def group_weights(codes: np.ndarray, label: np.ndarray, draws: int, seed: int) -> Iterator[np.ndarray]:
    """Bootstrap weights of each group: blocks of shape (some draws, G), `draws` rows in total.

    Groups are resampled within strata (only real, only AI, both), so no resample loses a class; where a stratum has a
    single group all groups are resampled together, since a single group would have no variance.
    """
    random = np.random.default_rng(seed)
    total = int(codes.max()) + 1 if len(codes) else 0
    positive = np.bincount(codes, weights=label, minlength=total) > 0
    negative = np.bincount(codes, weights=1 - label, minlength=total) > 0
    kind = positive.astype(int) * 2 + negative
    strata = [np.flatnonzero(kind == k) for k in np.unique(kind)]
    if any(len(s) == 1 for s in strata):
        strata = [np.arange(total)]
    block = max(1, min(draws, MAX_WEIGHTS // max(len(codes), 1)))
    for start in range(0, draws, block):
        size = min(block, draws - start)
        weights = np.zeros((size, total), dtype=np.float32)
        offset = (np.arange(size) * total)[:, None]
        for members in strata:
            picked = members[random.integers(0, len(members), (size, len(members)))] + offset
            weights += np.bincount(picked.ravel(), minlength=size * total).reshape(size, total)
        yield weights


def cluster_bootstrap(
    statistic: Callable[[np.ndarray], np.ndarray],
    codes: np.ndarray,
    label: np.ndarray,
    draws: int = 500,
    seed: int = 2026,
) -> np.ndarray:
    """Values of a statistic over resampled groups, shape (draws, k).

    statistic: weights of the rows, shape (some draws, n), to values, shape (some draws, k); NaN where undefined.
    """
    parts = [statistic(w[:, codes]) for w in group_weights(codes, label, draws, seed)]
    return np.concatenate(parts) if parts else np.empty((0, 0))


def percentile(values: np.ndarray, groups: int | None = None, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Low and high of each column, shape (k,), leaving undefined draws out; NaN where fewer than half are defined.

    groups: number of groups resampled (of the rarer class). Resamples of few groups vary too little, by (G - 1) / G, and
    ignore Student's t: more extreme percentiles correct for both (Hesterberg 2015, Am. Stat. 69).
    """
    values = np.asarray(values, dtype=float)
    tail = (1 - level) / 2
    if groups is not None and groups > 1:
        from scipy.special import ndtr, stdtrit

        tail = float(ndtr(np.sqrt(groups / (groups - 1)) * stdtrit(groups - 1, tail)))
    defined = np.isfinite(values).sum(0) * 2 >= max(len(values), 1)
    low, high = np.full((2, values.shape[1]), np.nan)
    if defined.any():
        low[defined], high[defined] = np.nanpercentile(values[:, defined], [tail * 100, 100 - tail * 100], axis=0)
    return low, high


def effective_fraction(value: np.ndarray, codes: np.ndarray) -> float:
    """Effective sample size over sample size, 0..1: 1 where every image is its own group, 1 / n for a single group.

    value: (n) finite. codes: (n) group of each image, integers from 0.
    """
    n = len(value)
    sizes = np.bincount(codes)
    sizes = sizes[sizes > 0].astype(float)
    groups = len(sizes)
    if n < 2 or groups == n:
        return 1.0
    if groups == 1:
        return 1.0 / n
    _, row, counts = np.unique(value, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - counts / 2)[row]
    _, group = np.unique(codes, return_inverse=True)
    means = np.bincount(group, weights=rank) / sizes
    between = float(np.sum(sizes * (means - rank.mean()) ** 2)) / (groups - 1)
    within = float(np.sum((rank - means[group]) ** 2)) / (n - groups)
    usual = (n - np.sum(sizes**2) / n) / (groups - 1)
    spread = between + (usual - 1) * within
    correlation = min(max((between - within) / spread, 0.0), 1.0) if spread > 0 else 0.0
    return float(1 / (1 + (np.sum(sizes**2) / n - 1) * correlation))
