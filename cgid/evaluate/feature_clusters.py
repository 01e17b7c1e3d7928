"""Which features say the same thing: Spearman's rank correlation of all pairs, and clusters of features that move together.

What a model loses when features that say the same thing are taken away together: permutation importance by cluster.

One of two twins can always stand in for the other, so each alone looks unimportant; shuffled together they do not.
Strobl et al. (2008), BMC Bioinformatics 9 (correlated predictors mislead permutation importance). The interval joins
DeLong's error of the paired difference over groups (see `delong`) with the spread between shuffles.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from cgid.evaluate.delong import components, variance

LEAST_PAIRS = 20


@dataclass(frozen=True, slots=True)
class Clusters:
    """order: features so that alike ones are neighbours, (f,). number: cluster of each feature, 0 = the largest, (f,).

    representative: the member of each cluster that is most like the others. tightness: the least |rho| of two members.
    """

    order: np.ndarray
    number: np.ndarray
    representative: np.ndarray
    tightness: np.ndarray


def spearman(sample: np.ndarray, least: int = LEAST_PAIRS) -> np.ndarray:
    """Spearman's rho of every pair of columns, float64 (f, f), NaN where undefined.

    sample: (rows, f), NaN where a value is missing. A column is ranked (ties at their mean rank) over the rows in which
    it has a value; a pair is correlated over the rows in which both have one, at least `least` of them. Without missing
    values this is the textbook's rho. NaN also where a column does not vary over those rows.
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
    squares = np.square(ranks).T @ mask
    safe = np.maximum(count, 1)
    covariance = ranks.T @ ranks - sums * sums.T / safe
    spread = np.maximum(squares - np.square(sums) / safe, 0)
    scale = np.sqrt(spread * spread.T)
    defined = (count >= least) & (spread > 1e-9) & (spread.T > 1e-9)
    rho = np.full(scale.shape, np.nan)
    np.divide(covariance, scale, out=rho, where=defined)
    return np.clip(rho, -1, 1)


def clusters(rho: np.ndarray, least: float = 0.7) -> Clusters:
    """Average-linkage clusters at distance 1 - |rho|, cut at 1 - `least`. Pairs without a rho count as unlike.

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
    raw = fcluster(tree, 1 - least, "distance") - 1
    sizes = np.bincount(raw)
    first = np.full(len(sizes), features)
    np.minimum.at(first, raw, np.arange(features))
    rank = np.empty(len(sizes), int)
    rank[np.lexsort((first, -sizes))] = np.arange(len(sizes))
    number = rank[raw]
    middle, tight = np.empty(len(sizes), int), np.ones(len(sizes))
    for cluster in range(len(sizes)):
        members = np.flatnonzero(number == cluster)
        block = strength[np.ix_(members, members)]
        middle[cluster] = members[np.argmax(block.sum(0))]
        tight[cluster] = block.min()
    return Clusters(leaves_list(tree), number, middle, tight)


REPEATS = 5


@dataclass(frozen=True, slots=True)
class Loss:
    """AUC lost by shuffling, with its 95 % interval; None where it is undefined."""

    value: float
    low: float | None
    high: float | None


def group_order(codes: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Row whose values each row receives, (n,): groups change places whole, so what belongs together stays together.

    Where groups differ in size, a run of rows in the new order may begin within a group. codes: group of each row.
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
    """One loss for each set of columns in `together` (indices of columns that are shuffled as one).

    score: (n, columns) to (n,), larger for AI. label: 0/1, (n,). codes: group of each row, (n,). All sets meet the same
    shuffles. Zero without an interval where a class has fewer than two rows.
    """
    if min(int(np.sum(label == value)) for value in (0, 1)) < 2:
        return [Loss(0.0, None, None) for _ in together]
    random = np.random.default_rng(seed)
    orders = [group_order(codes, random) for _ in range(repeats)]
    base, parts = components(label, score(matrix))
    found = []
    for columns in together:
        copies = np.repeat(matrix[None], repeats, axis=0)
        for copy, order in zip(copies, orders):
            copy[:, columns] = matrix[order][:, columns]
        scores = score(copies.reshape(-1, matrix.shape[1])).reshape(repeats, -1)
        each = [components(label, one) for one in scores]
        found.append(_loss(label, codes, base, parts, np.array([a for a, _ in each]), np.mean([p for _, p in each], 0)))
    return found


def _loss(label, codes, base: float, parts: np.ndarray, areas: np.ndarray, mean_parts: np.ndarray) -> Loss:
    from scipy.special import stdtrit

    value = float(base - areas.mean())
    groups = len(np.unique(codes))
    if groups < 2:
        return Loss(value, None, None)
    spread, degrees = variance(label, parts - mean_parts, value, codes)
    spread += float(np.var(areas, ddof=1)) / len(areas)
    far = -float(stdtrit(degrees, 0.025)) * float(np.sqrt(spread))
    return Loss(value, value - far, value + far)
