"""Deal groups into parts by given shares, each class and source in proportion, no group torn apart.

Stratified grouped assignment in the spirit of Sechidis, Tsoumakas and Vlahavas, "On the Stratification of Multi-Label
Data" (2011): large groups first, each to the part that lacks most what it brings.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

_MAX_STRATA = 62
_FEW_GROUPS = 150
_TRIALS = 60
_NEAR = 0.1
_MAX_EXHAUSTIVE = 60_000


@dataclass(slots=True)
class _Task:
    """names: groups. counts: (groups, columns) rows per class, then per stratum. classes: number of class columns.
    wanted: (parts, columns) rows each part should get. fixed: (parts, columns) rows it has already."""

    names: np.ndarray
    counts: np.ndarray
    classes: int
    wanted: np.ndarray
    fixed: np.ndarray
    seed: int

    def filled(self, parts: np.ndarray) -> np.ndarray:
        filled = self.fixed.astype(float)
        np.add.at(filled, parts, self.counts)
        return filled

    def judge(self, parts: np.ndarray) -> tuple[int, float]:
        """(classes missing from parts that should have them, distance from the shares); less is better."""
        filled = self.filled(parts)
        return int(self.lacking(filled).sum()), float((((filled - self.wanted) ** 2) / self.totals()).sum())

    def near_enough(self, parts: np.ndarray) -> bool:
        """Every class of every part within a tenth of what it should be: then the first draw stands, so that another
        seed is another draw and not the same optimum again."""
        filled, wanted = self.filled(parts)[:, : self.classes], self.wanted[:, : self.classes]
        return bool((np.abs(filled - wanted) <= np.maximum(1, _NEAR * wanted)).all() and not self.lacking(filled).any())

    def lacking(self, filled: np.ndarray) -> np.ndarray:
        """bool (parts, classes)"""
        return (self.wanted[:, : self.classes] > 0) & (filled[:, : self.classes] <= 0)

    def totals(self) -> np.ndarray:
        return np.maximum(self.wanted.sum(axis=0), 1)


def partition(
    group: pd.Series,
    label: pd.Series,
    stratum: pd.Series,
    shares: list[float],
    seed: int,
    fixed: pd.Series | None = None,
) -> np.ndarray:
    """int (rows,): part of each row; rows of one group share it. The order of the rows does not matter.

    shares: weight of each part, 0 = stays empty. stratum: finer than label (source, generator), "" where unknown.
    fixed: part of rows that are dealt already, -1 for the others; a group is either fixed or not, as a whole.
    Every part gets every class wherever the groups allow it; the caller checks.
    """
    fixed = pd.Series(-1, index=group.index) if fixed is None else fixed
    columns, classes = _columns(label, stratum)
    names, codes = np.unique(group.to_numpy(str), return_inverse=True)
    counts = np.zeros((len(names), columns.shape[1]), np.int32)
    np.add.at(counts, codes, columns)
    part = np.full(len(names), -1)
    given = fixed.to_numpy() >= 0
    part[codes[given]] = fixed.to_numpy()[given]
    open_groups = part < 0
    already = np.zeros((len(shares), counts.shape[1]))
    np.add.at(already, part[~open_groups], counts[~open_groups])
    weights = np.asarray(shares, float) / sum(shares)
    wanted = weights[:, None] * counts.sum(axis=0)[None, :]
    task = _Task(names[open_groups], counts[open_groups], classes, wanted, already, seed)
    if open_groups.any():
        part[open_groups] = _best(task)
    return part[codes]


def order_by_hash(names: np.ndarray, seed: int, trial: int = 0) -> np.ndarray:
    """float (n,) in [0, 1): a number for each name that depends on nothing but seed, trial and the name."""
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


def _best(task: _Task) -> np.ndarray:
    """The best of some greedy trials; with few groups more are tried, at last all there are."""
    trials = _TRIALS if len(task.names) <= _FEW_GROUPS else 1
    candidates = []
    for trial in range(trials):
        candidates.append(_repair(task, _greedy(task, trial)))
        if task.near_enough(candidates[-1]):
            return candidates[-1]
    best = min(candidates, key=task.judge)
    if task.judge(best)[0] and len(task.wanted) ** len(task.names) <= _MAX_EXHAUSTIVE:
        every = np.stack(
            np.unravel_index(np.arange(len(task.wanted) ** len(task.names)), (len(task.wanted),) * len(task.names))
        )
        best = min(every.T, key=task.judge)
    return best


def _greedy(task: _Task, trial: int) -> np.ndarray:
    chance = order_by_hash(task.names, task.seed, trial)
    size = task.counts[:, : task.classes].sum(axis=1)
    parts, filled = np.zeros(len(task.names), int), task.fixed.astype(float)
    # Few groups: their order is shuffled by the seed, and the best of many trials counts.
    rank = size * (0.5 + chance) if len(task.names) <= _FEW_GROUPS else size
    usable, totals = np.flatnonzero(task.wanted.sum(axis=1) > 0), task.totals()
    several = np.flatnonzero(size > 1)
    for g in several[np.lexsort((chance[several], -rank[several]))]:
        added = task.counts[g]
        # Growth of sum((filled - wanted)^2 / total), without the terms that are equal for all parts.
        cost = (added * (2 * (filled[usable] - task.wanted[usable]) + added) / totals).sum(axis=1)
        parts[g] = usable[int(np.argmin(cost))]
        filled[parts[g]] += added
    _deal_singles(task, np.flatnonzero(size == 1), chance, parts, filled)
    return parts


def _deal_singles(task: _Task, singles: np.ndarray, chance: np.ndarray, parts: np.ndarray, filled: np.ndarray) -> None:
    """Fill what is left to fill with the groups of one row. What rounding a stratum owes a part, the class's next
    strata give back, so that many small strata do not add up to an empty part."""
    stratum = task.counts[singles, task.classes :].argmax(axis=1) + task.classes
    owed = np.zeros((task.classes, len(task.wanted)))
    for s in np.unique(stratum):
        rows = singles[stratum == s]
        rows = rows[np.argsort(chance[rows], kind="stable")]
        c = int(task.counts[rows[0], : task.classes].argmax())
        need = np.maximum(task.wanted[:, s] - filled[:, s], 0)
        need = need if need.sum() > 0 else task.wanted[:, s]
        target = need * (len(rows) / need.sum())
        quota = np.floor(target).astype(int)
        owed[c] += target - quota
        for _ in range(len(rows) - int(quota.sum())):
            part = int(np.argmax(np.where(task.wanted[:, c] > 0, owed[c], -np.inf)))
            quota[part] += 1
            owed[c, part] -= 1
        parts[rows] = np.repeat(np.arange(len(quota)), quota)
        filled[:, c] += quota
        filled[:, s] += quota


def _repair(task: _Task, parts: np.ndarray) -> np.ndarray:
    """Move the smallest groups that help into parts that lack a class, never emptying another."""
    for _ in range(2 * task.classes * len(task.wanted)):
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
