"""Folds for cross-validation that never tear a group apart and hold both classes in equal shares."""

from __future__ import annotations

import numpy as np


def possible_folds(label: np.ndarray, codes: np.ndarray, wanted: int) -> int:
    """`wanted`, or fewer where a class has fewer groups than that; 0 where a class has fewer than two."""
    fewest = min(len(np.unique(codes[np.asarray(label) == c])) for c in (0, 1))
    return min(wanted, fewest) if fewest >= 2 else 0


def grouped_folds(label: np.ndarray, codes: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """Fold 0..folds-1 of each row, (n,). label: 0/1, (n,). codes: group as integers, (n,). Deterministic by seed.

    Groups, shuffled and then largest first, go one by one to the fold that lacks most of what they bring: groups with
    both classes first, then each class on its own.
    """
    label, codes = np.asarray(label, dtype=int), np.asarray(codes, dtype=int)
    total = int(codes.max()) + 1 if len(codes) else 0
    ai = np.bincount(codes, weights=label, minlength=total).astype(int)
    real = np.bincount(codes, minlength=total) - ai
    shuffled = np.random.default_rng(seed).permutation(total)
    mixed = (ai[shuffled] > 0) & (real[shuffled] > 0)
    order = shuffled[np.lexsort((-(ai + real)[shuffled], ~mixed))]
    counts = np.zeros((folds, 2))
    weight = 1 / np.maximum([real.sum(), ai.sum()], 1)
    fold_of = np.zeros(total, dtype=int)
    for group in order:
        brings = np.array([real[group], ai[group]])
        need = (counts * weight * (brings > 0)).sum(1)
        fold = int(np.lexsort((counts.sum(1), need))[0])
        fold_of[group] = fold
        counts[fold] += brings
    return fold_of[codes]
