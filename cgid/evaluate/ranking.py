"""Figures that depend on the order of the scores: sorted once, then computed for many weightings of the rows at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

RANKED = ("auc", "average_precision", "tpr_at_1fpr", "tpr_at_5fpr", "tpr_at_10fpr", "eer")
FPR_LIMITS = (0.01, 0.05, 0.10)


@dataclass(frozen=True)
class Ranking:
    """Scores in falling order. order: row indices, (n,). ends: last position of each run of equal scores, (k,)."""

    order: np.ndarray
    ends: np.ndarray
    label: np.ndarray
    scores: np.ndarray

    @classmethod
    def of(cls, label: np.ndarray, score: np.ndarray) -> Ranking:
        """label: 0/1, (n,). score: larger means more likely AI, finite, (n,)."""
        order = np.argsort(-score, kind="stable")
        ordered = score[order]
        ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True)) if len(ordered) else np.empty(0, int)
        return cls(order, ends, label[order].astype(np.float32), ordered[ends])

    def counts(self, weights: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """(true, false) positives when all scores down to each distinct one are called AI, shape (draws, k)."""
        ordered = np.ones((1, len(self.order)), np.float32) if weights is None else weights[:, self.order]
        true = np.cumsum(ordered * self.label, axis=1, dtype=np.float64)[:, self.ends]
        false = np.cumsum(ordered * (1 - self.label), axis=1, dtype=np.float64)[:, self.ends]
        return true, false

    def figures(self, weights: np.ndarray | None = None) -> np.ndarray:
        """RANKED, shape (draws, 6), for weights of shape (draws, n) in the rows' own order; NaN where undefined."""
        draws = 1 if weights is None else len(weights)
        if not len(self.ends):
            return np.full((draws, len(RANKED)), np.nan)
        true, false = self.counts(weights)
        positives, negatives = true[:, -1:], false[:, -1:]
        with np.errstate(divide="ignore", invalid="ignore"):
            tpr, fpr = true / positives, false / negatives
            columns = [_area(tpr, fpr), _average_precision(true, false, positives)]
            columns += [_tpr_at(tpr, fpr, limit) for limit in FPR_LIMITS]
            columns.append(_equal_error(tpr, fpr))
        figures = np.column_stack(columns)
        figures[(positives[:, 0] == 0) | (negatives[:, 0] == 0)] = np.nan
        return figures


def auc(label: np.ndarray, score: np.ndarray) -> float:
    """Area under the ROC curve, ties counted half; NaN with one class. Same as scikit-learn's."""
    return float(Ranking.of(np.asarray(label), np.asarray(score, dtype=float)).figures()[0, 0])


def _area(tpr: np.ndarray, fpr: np.ndarray) -> np.ndarray:
    width = np.diff(fpr, axis=1, prepend=0.0)
    height = (tpr + np.concatenate([np.zeros((len(tpr), 1)), tpr[:, :-1]], axis=1)) / 2
    return np.sum(width * height, axis=1)


def _average_precision(true: np.ndarray, false: np.ndarray, positives: np.ndarray) -> np.ndarray:
    called = true + false
    precision = np.where(called > 0, true / np.maximum(called, 1e-12), 0.0)
    return np.sum(np.diff(true / positives, axis=1, prepend=0.0) * precision, axis=1)


def _tpr_at(tpr: np.ndarray, fpr: np.ndarray, limit: float) -> np.ndarray:
    """The largest true positive rate of a cut that keeps the false positive rate at or under the limit."""
    allowed = np.sum(fpr <= limit + 1e-9, axis=1)
    best = np.take_along_axis(tpr, np.maximum(allowed - 1, 0)[:, None], axis=1)[:, 0]
    return np.where(allowed > 0, best, 0.0)


def _equal_error(tpr: np.ndarray, fpr: np.ndarray) -> np.ndarray:
    """Where the ROC curve, straight between its points, meets FPR = 1 - TPR."""
    start = np.zeros((len(tpr), 1))
    x, y = np.concatenate([start, fpr], axis=1), np.concatenate([start, tpr], axis=1)
    gap = x + y - 1
    after = np.argmax(gap >= -1e-12, axis=1)[:, None]
    before = np.maximum(after - 1, 0)
    x0, x1 = np.take_along_axis(x, before, 1), np.take_along_axis(x, after, 1)
    g0, g1 = np.take_along_axis(gap, before, 1), np.take_along_axis(gap, after, 1)
    share = np.clip(np.where(g1 > g0, -g0 / np.where(g1 > g0, g1 - g0, 1.0), 0.0), 0, 1)
    return (x0 + share * (x1 - x0))[:, 0]
