"""Correlated features: Spearman correlation of all pairs, clusters, and permutation importance by cluster.

Of two highly correlated features each can replace the other, so each alone looks unimportant; permuted together they do
not. Strobl et al. (2008), BMC Bioinformatics 9 (correlated predictors mislead permutation importance). The interval combines
DeLong's error of the paired difference over groups (see `delong`) with the variance between permutations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from cgid.evaluate.delong import components, variance

MIN_PAIRS = 20


@dataclass(frozen=True, slots=True)
class Clusters:
    """order: features with correlated ones next to each other, (f,). number: cluster of each feature, 0 = the largest, (f,).

    representative: the member of each cluster most correlated with the others. tightness: the smallest |rho| within it.
    """

    order: np.ndarray
    number: np.ndarray
    representative: np.ndarray
    tightness: np.ndarray


def spearman(sample: np.ndarray, min_pairs: int = MIN_PAIRS) -> np.ndarray:
    """Spearman's rho of every pair of columns, float64 (f, f), NaN where undefined.

    sample: (rows, f), NaN where a value is missing. A column is ranked (ties at their mean rank) over the rows in which
    it has a value; a pair is correlated over the rows in which both have one, at least `min_pairs` of them. Without missing
    values this is the usual rho. NaN also where a column is constant over those rows.
    """
    from scipy.stats import rankdata

    present = np.isfinite(sample)
    ranks = np.zeros(sample.shape)
    for at in range(sample.shape[1]):
        keep = present[:, at]
        if keep.any():
            rank = rankdata(sample[keep, at])
            ranks[keep, at] = (rank - rank.mean()) / len(rank)
    mask = present.astype(float)
    count = mask.T @ mask
    sums = ranks.T @ mask
    squared_sums = np.square(ranks).T @ mask
    safe = np.maximum(count, 1)
    covariance = ranks.T @ ranks - sums * sums.T / safe
    variances = np.maximum(squared_sums - np.square(sums) / safe, 0)
    scale = np.sqrt(variances * variances.T)
    defined = (count >= min_pairs) & (variances > 1e-9) & (variances.T > 1e-9)
    rho = np.full(scale.shape, np.nan)
    np.divide(covariance, scale, out=rho, where=defined)
    return np.clip(rho, -1, 1)


def clusters(rho: np.ndarray, min_correlation: float = 0.7) -> Clusters:
    """Average-linkage clusters at distance 1 - |rho|, with a cut-off of 1 - `min_correlation`. Pairs without a rho count as uncorrelated.

    Sorted by size, then by first member. Average linkage: Sokal and Michener, 1958.
    """
    from scipy.cluster.hierarchy import fcluster, leaves_list, linkage
    from scipy.spatial.distance import squareform

    features = len(rho)
    strength = np.nan_to_num(np.abs(rho), nan=0.0)
    np.fill_diagonal(strength, 1.0)
    if features < 2:
        one = np.zeros(features, int)
        return Clusters(one, one, one, np.ones(features))
    distance = 1 - (strength + strength.T) / 2
    np.fill_diagonal(distance, 0.0)
    tree = linkage(squareform(distance, checks=False), "average")
    raw = fcluster(tree, 1 - min_correlation, "distance") - 1
    sizes = np.bincount(raw)
    first = np.full(len(sizes), features)
    np.minimum.at(first, raw, np.arange(features))
    rank = np.empty(len(sizes), int)
    rank[np.lexsort((first, -sizes))] = np.arange(len(sizes))
    number = rank[raw]
    representatives, tight = np.empty(len(sizes), int), np.ones(len(sizes))
    for cluster in range(len(sizes)):
        members = np.flatnonzero(number == cluster)
        block = strength[np.ix_(members, members)]
        representatives[cluster] = members[np.argmax(block.sum(0))]
        tight[cluster] = block.min()
    return Clusters(leaves_list(tree), number, representatives, tight)


REPEATS = 5


@dataclass(frozen=True, slots=True)
class Loss:
    """AUC lost by permutation, with its 95 % interval; None where it is undefined."""

    value: float
    low: float | None
    high: float | None


def group_order(codes: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Permutation of rows by whole groups, (n,): the index of the row whose values each row receives.

    Where groups differ in size, a run of rows in the new order may start within a group. codes: group of each row.
    """
    place = np.argsort(codes, kind="stable")
    numbers = np.unique(codes)
    rank = np.empty(int(numbers[-1]) + 1, int)
    rank[numbers] = random.permutation(len(numbers))
    order = np.empty(len(codes), int)
    order[place] = np.argsort(rank[codes], kind="stable")
    return order


def losses(
    score: Callable[[np.ndarray], np.ndarray],
    matrix: np.ndarray,
    label: np.ndarray,
    codes: np.ndarray,
    together: Sequence[np.ndarray],
    repeats: int = REPEATS,
    seed: int = 2026,
) -> list[Loss]:
    """One loss for each set of columns in `together` (indices of columns that are permuted jointly).

    score: (n, columns) to (n,), larger for AI. label: 0/1, (n,). codes: group of each row, (n,). All sets use the same
    permutations. Zero without an interval where a class has fewer than two rows.
    """
    if min(int(np.sum(label == value)) for value in (0, 1)) < 2:
        return [Loss(0.0, None, None) for _ in together]
    random = np.random.default_rng(seed)
    orders = [group_order(codes, random) for _ in range(repeats)]
    base, parts = components(label, score(matrix))
    result = []
    for columns in together:
        copies = np.repeat(matrix[None], repeats, axis=0)
        for copy, order in zip(copies, orders):
            copy[:, columns] = matrix[order][:, columns]
        scores = score(copies.reshape(-1, matrix.shape[1])).reshape(repeats, -1)
        each = [components(label, one) for one in scores]
        result.append(
            _loss(label, codes, base, parts, np.array([a for a, _ in each]), np.mean([p for _, p in each], 0))
        )
    return result


def _loss(
    label: np.ndarray, codes: np.ndarray, base: float, parts: np.ndarray, areas: np.ndarray, mean_parts: np.ndarray
) -> Loss:
    from scipy.special import stdtrit

    value = float(base - areas.mean())
    groups = len(np.unique(codes))
    if groups < 2:
        return Loss(value, None, None)
    total_variance, degrees = variance(label, parts - mean_parts, value, codes)
    total_variance += float(np.var(areas, ddof=1)) / len(areas)
    half_width = -float(stdtrit(degrees, 0.025)) * float(np.sqrt(total_variance))
    return Loss(value, value - half_width, value + half_width)
