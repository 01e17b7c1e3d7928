"""What a model loses when features that say the same thing are taken away together: permutation importance by cluster.

One of two twins can always stand in for the other, so each alone looks unimportant; shuffled together they do not.
Strobl et al. (2008), BMC Bioinformatics 9 (correlated predictors mislead permutation importance). The interval joins
DeLong's error of the paired difference over groups (see `delong`) with the spread between shuffles.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from cgid.evaluate.delong import components, variance

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
