"""Which features say the same thing: Spearman's rank correlation of all pairs, and clusters of features that move together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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
