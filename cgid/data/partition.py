"""Stratified group split: assign groups to splits by given ratios, each class and source in proportion.

Stratified grouped assignment in the spirit of Sechidis, Tsoumakas and Vlahavas, "On the Stratification of Multi-Label
Data" (2011): large groups first, each to the split with the largest deficit.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

_MAX_STRATA = 62
_MAX_FEW_GROUPS = 150
_TRIALS = 60
_TOLERANCE = 0.1
_MAX_EXHAUSTIVE_ASSIGNMENTS = 60_000


@dataclass(slots=True)
class _Assignment:
    """names: groups. counts: (groups, columns) rows per class, then per stratum. classes: number of class columns.
    target: (splits, columns) rows each split should get. fixed: (splits, columns) rows it already has."""

    names: np.ndarray
    counts: np.ndarray
    classes: int
    target: np.ndarray
    fixed: np.ndarray
    seed: int

    def filled(self, parts: np.ndarray) -> np.ndarray:
        filled = self.fixed.astype(float)
        np.add.at(filled, parts, self.counts)
        return filled

    def cost(self, parts: np.ndarray) -> tuple[int, float]:
        """(number of classes missing from splits that need them, squared distance from the ratios); lower is better."""
        filled = self.filled(parts)
        return int(self.lacking(filled).sum()), float((((filled - self.target) ** 2) / self.totals()).sum())

    def near_enough(self, parts: np.ndarray) -> bool:
        """Every class of every split within a tenth of its target: then the first trial is used, so that another seed gives
        another split instead of the same optimum."""
        filled, target = self.filled(parts)[:, : self.classes], self.target[:, : self.classes]
        return bool(
            (np.abs(filled - target) <= np.maximum(1, _TOLERANCE * target)).all() and not self.lacking(filled).any()
        )

    def lacking(self, filled: np.ndarray) -> np.ndarray:
        """bool (splits, classes): classes missing from a split that needs them."""
        return (self.target[:, : self.classes] > 0) & (filled[:, : self.classes] <= 0)

    def totals(self) -> np.ndarray:
        return np.maximum(self.target.sum(axis=0), 1)


def assign_splits(
    group: pd.Series,
    label: pd.Series,
    stratum: pd.Series,
    ratios: list[float],
    seed: int,
    fixed: pd.Series | None = None,
) -> np.ndarray:
    """int (rows,): split of each row; rows of one group share it. Independent of the order of rows.

    ratios: weight of each split, 0 = stays empty. stratum: finer than label (source, generator), "" where unknown.
    fixed: split of rows that are already assigned, -1 for the others; a group is either fixed or not, as a whole.
    Every split gets every class wherever the groups allow it; the caller checks.
    """
    fixed = pd.Series(-1, index=group.index) if fixed is None else fixed
    columns, classes = _columns(label, stratum)
    names, codes = np.unique(group.to_numpy(str), return_inverse=True)
    counts = np.zeros((len(names), columns.shape[1]), np.int32)
    np.add.at(counts, codes, columns)
    split = np.full(len(names), -1)
    given = fixed.to_numpy() >= 0
    split[codes[given]] = fixed.to_numpy()[given]
    unassigned = split < 0
    assigned = np.zeros((len(ratios), counts.shape[1]))
    np.add.at(assigned, split[~unassigned], counts[~unassigned])
    weights = np.asarray(ratios, float) / sum(ratios)
    target = weights[:, None] * counts.sum(axis=0)[None, :]
    task = _Assignment(names[unassigned], counts[unassigned], classes, target, assigned, seed)
    if unassigned.any():
        split[unassigned] = _best(task)
    return split[codes]


def order_by_hash(names: np.ndarray, seed: int, trial: int = 0) -> np.ndarray:
    """float (n,) in [0, 1): a number per name that depends only on seed, trial and name."""
    salt = f"{seed}:{trial}:".encode()
    digests = (hashlib.blake2b(salt + str(name).encode(), digest_size=8).digest() for name in names)
    return np.array([int.from_bytes(d) for d in digests], np.uint64).astype(float) / 2.0**64


def _columns(label: pd.Series, stratum: pd.Series) -> tuple[np.ndarray, int]:
    """One-hot int8 (rows, classes + strata); rare strata of a class share a column."""
    text = label.astype(str)
    classes = pd.get_dummies(text)
    both = text + "\0" + stratum.astype(str)
    common = both.value_counts().index
    if len(common) > _MAX_STRATA:
        # Ties in the counts must not depend on the order of the rows.
        counted = both.value_counts().rename_axis("name").reset_index(name="n")
        common = counted.sort_values(["n", "name"], ascending=[False, True])["name"][:_MAX_STRATA]
        both = both.where(both.isin(common), text + "\0\0")
    strata = pd.get_dummies(both)
    return np.hstack([classes.to_numpy(np.int8), strata.to_numpy(np.int8)]), classes.shape[1]


def _best(task: _Assignment) -> np.ndarray:
    """The best of several greedy trials; with few groups more trials, and finally an exhaustive search."""
    trials = _TRIALS if len(task.names) <= _MAX_FEW_GROUPS else 1
    candidates = []
    for trial in range(trials):
        candidates.append(_repair(task, _greedy(task, trial)))
        if task.near_enough(candidates[-1]):
            return candidates[-1]
    best = min(candidates, key=task.cost)
    if task.cost(best)[0] and len(task.target) ** len(task.names) <= _MAX_EXHAUSTIVE_ASSIGNMENTS:
        every = np.stack(
            np.unravel_index(np.arange(len(task.target) ** len(task.names)), (len(task.target),) * len(task.names))
        )
        best = min(every.T, key=task.cost)
    return best


def _greedy(task: _Assignment, trial: int) -> np.ndarray:
    chance = order_by_hash(task.names, task.seed, trial)
    size = task.counts[:, : task.classes].sum(axis=1)
    parts, filled = np.zeros(len(task.names), int), task.fixed.astype(float)
    # With few groups their order is shuffled by the seed, and the best of many trials is used.
    rank = size * (0.5 + chance) if len(task.names) <= _MAX_FEW_GROUPS else size
    usable, totals = np.flatnonzero(task.target.sum(axis=1) > 0), task.totals()
    several = np.flatnonzero(size > 1)
    for g in several[np.lexsort((chance[several], -rank[several]))]:
        added = task.counts[g]
        # Growth of sum((filled - target)^2 / total), without the terms that are equal for all splits.
        cost = (added * (2 * (filled[usable] - task.target[usable]) + added) / totals).sum(axis=1)
        parts[g] = usable[int(np.argmin(cost))]
        filled[parts[g]] += added
    _assign_singletons(task, np.flatnonzero(size == 1), chance, parts, filled)
    return parts


def _assign_singletons(
    task: _Assignment, singles: np.ndarray, chance: np.ndarray, parts: np.ndarray, filled: np.ndarray
) -> None:
    """Assign the groups of one row to the remaining deficits. Rounding errors of a stratum are carried over to the next
    strata of the class, so that many small strata do not add up to an empty split."""
    stratum = task.counts[singles, task.classes :].argmax(axis=1) + task.classes
    owed = np.zeros((task.classes, len(task.target)))
    for s in np.unique(stratum):
        rows = singles[stratum == s]
        rows = rows[np.argsort(chance[rows], kind="stable")]
        c = int(task.counts[rows[0], : task.classes].argmax())
        need = np.maximum(task.target[:, s] - filled[:, s], 0)
        need = need if need.sum() > 0 else task.target[:, s]
        target = need * (len(rows) / need.sum())
        quota = np.floor(target).astype(int)
        owed[c] += target - quota
        for _ in range(len(rows) - int(quota.sum())):
            part = int(np.argmax(np.where(task.target[:, c] > 0, owed[c], -np.inf)))
            quota[part] += 1
            owed[c, part] -= 1
        parts[rows] = np.repeat(np.arange(len(quota)), quota)
        filled[:, c] += quota
        filled[:, s] += quota


def _repair(task: _Assignment, parts: np.ndarray) -> np.ndarray:
    """Move the smallest suitable groups into splits that lack a class, without emptying another split."""
    for _ in range(2 * task.classes * len(task.target)):
        filled = task.filled(parts)
        lacking = np.argwhere(task.lacking(filled))
        if not len(lacking):
            break
        moved = False
        for part, c in lacking:
            left_behind = filled[parts][:, : task.classes] - task.counts[:, : task.classes]
            brings = task.counts[:, : task.classes] > 0
            safe = ((left_behind > 0) | ~brings).all(axis=1) & brings[:, c] & (parts != part)
            if safe.any():
                chosen = np.flatnonzero(safe)
                parts[chosen[np.argmin(task.counts[chosen, : task.classes].sum(axis=1))]] = part
                moved = True
                break
        if not moved:
            break
    return parts
