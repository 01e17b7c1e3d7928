"""Which two features give the label away together though neither does alone: every pair, from tables of counts.

Each feature is cut into quantile bins (a missing value is a bin of its own). How often every pair of bins meets in each
class and fold is one matrix product, so that tens of thousands of pairs cost seconds; the balanced accuracy of the
table of a pair is cross-validated by group, as it is for one feature.
"""

from __future__ import annotations

import numpy as np

BINS = 6
BLOCK = 48  # features on one side at once: bounds the memory of the counts


def pair_accuracies(values: np.ndarray, label: np.ndarray, fold: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(balanced accuracy of each feature alone, (k,); of each pair, (k, k), NaN on and below the diagonal).

    values: (n, k), not finite = missing. label: 0/1, (n,). fold: cross-validation fold of each row, (n,).
    """
    n, k = values.shape
    codes = np.column_stack([_bins(column) for column in values.T]) if k else np.empty((n, 0), int)
    size = BINS + 1
    hot = np.zeros((n, k * size), np.float32)
    hot[np.arange(n)[:, None], codes + np.arange(k) * size] = 1
    parts = [[hot[(fold == f) & (label == c)] for c in (0, 1)] for f in np.unique(fold)]
    alone = _accuracy(np.stack([np.stack([p.sum(0).reshape(k, size) for p in sides]) for sides in parts]), 1)
    together = np.full((k, k), np.nan)
    for start in range(0, k, BLOCK):
        stop = min(start + BLOCK, k)
        left = slice(start * size, stop * size)
        counts = np.stack([np.stack([p[:, left].T @ p[:, left.start :] for p in sides]) for sides in parts])
        counts = counts.reshape(*counts.shape[:2], stop - start, size, k - start, size)
        together[start:stop, start:] = _accuracy(counts.transpose(0, 1, 2, 4, 3, 5), 2)
    together[np.tril_indices(k)] = np.nan
    return alone, together


def _bins(column: np.ndarray) -> np.ndarray:
    """Bin 0..BINS-1 by rank, equal values alike; BINS where missing."""
    present = np.isfinite(column)
    codes = np.full(len(column), BINS)
    first = np.searchsorted(np.sort(column[present]), column[present], side="left")
    codes[present] = first * BINS // max(int(present.sum()), 1)
    return codes


def _accuracy(counts: np.ndarray, axes: int) -> np.ndarray:
    """counts: (folds, 2, …, bins) or (folds, 2, …, bins, bins); the class seen more often in the other folds is called."""
    cells = tuple(range(-axes, 0))
    whole = counts.sum(0)
    totals = np.maximum(whole.sum(cells, keepdims=True), 1)
    right = np.zeros(whole.shape[1:])
    for own in counts:
        others = (whole - own) if len(counts) > 1 else own
        rates = others / np.maximum(others.sum(cells, keepdims=True), 1)
        ai = (np.sign(rates[1] - rates[0]) + 1) / 2
        right += own[1] / totals[1] * ai + own[0] / totals[0] * (1 - ai)
    return right.sum(cells) / 2
