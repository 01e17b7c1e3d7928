"""Ranking metrics, DET and precision-recall curves; scores are sorted once and evaluated for many row weightings.

The DET curve plots both error rates on normal-deviate axes, on which normally distributed scores give a straight line.
Martin, Doddington, Kamm, Ordowski and Przybocki (1997), "The DET curve in assessment of detection task performance",
Eurospeech: the axes are the normal quantiles (probits) of the two error rates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

RANKED = ("auc", "average_precision", "tpr_at_1fpr", "tpr_at_5fpr", "tpr_at_10fpr", "eer")
FPR_LIMITS = (0.01, 0.05, 0.10)


@dataclass(frozen=True)
class Ranking:
    """Scores in descending order. order: row indices, (n,). ends: last position of each run of equal scores, (k,)."""

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
        """(true, false) positives when each distinct score in turn is the threshold, shape (draws, k)."""
        ordered = np.ones((1, len(self.order)), np.float32) if weights is None else weights[:, self.order]
        true = np.cumsum(ordered * self.label, axis=1, dtype=np.float64)[:, self.ends]
        false = np.cumsum(ordered * (1 - self.label), axis=1, dtype=np.float64)[:, self.ends]
        return true, false

    def metrics(self, weights: np.ndarray | None = None) -> np.ndarray:
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
        metrics = np.column_stack(columns)
        metrics[(positives[:, 0] == 0) | (negatives[:, 0] == 0)] = np.nan
        return metrics


def auc(label: np.ndarray, score: np.ndarray) -> float:
    """Area under the ROC curve, ties counted half; NaN with one class. Same as scikit-learn's."""
    return float(Ranking.of(np.asarray(label), np.asarray(score, dtype=float)).metrics()[0, 0])


def _area(tpr: np.ndarray, fpr: np.ndarray) -> np.ndarray:
    width = np.diff(fpr, axis=1, prepend=0.0)
    height = (tpr + np.concatenate([np.zeros((len(tpr), 1)), tpr[:, :-1]], axis=1)) / 2
    area: np.ndarray = np.sum(width * height, axis=1)
    return area


def _average_precision(true: np.ndarray, false: np.ndarray, positives: np.ndarray) -> np.ndarray:
    called = true + false
    precision = np.where(called > 0, true / np.maximum(called, 1e-12), 0.0)
    average: np.ndarray = np.sum(np.diff(true / positives, axis=1, prepend=0.0) * precision, axis=1)
    return average


def _tpr_at(tpr: np.ndarray, fpr: np.ndarray, limit: float) -> np.ndarray:
    """The largest true positive rate of a threshold whose false positive rate is at most the limit."""
    allowed = np.sum(fpr <= limit + 1e-9, axis=1)
    best = np.take_along_axis(tpr, np.maximum(allowed - 1, 0)[:, None], axis=1)[:, 0]
    return np.where(allowed > 0, best, 0.0)


def _equal_error(tpr: np.ndarray, fpr: np.ndarray) -> np.ndarray:
    """Equal error rate: where the linearly interpolated ROC curve meets FPR = 1 - TPR."""
    start = np.zeros((len(tpr), 1))
    x, y = np.concatenate([start, fpr], axis=1), np.concatenate([start, tpr], axis=1)
    gap = x + y - 1
    after = np.argmax(gap >= -1e-12, axis=1)[:, None]
    before = np.maximum(after - 1, 0)
    x0, x1 = np.take_along_axis(x, before, 1), np.take_along_axis(x, after, 1)
    g0, g1 = np.take_along_axis(gap, before, 1), np.take_along_axis(gap, after, 1)
    share = np.clip(np.where(g1 > g0, -g0 / np.where(g1 > g0, g1 - g0, 1.0), 0.0), 0, 1)
    rate: np.ndarray = (x0 + share * (x1 - x0))[:, 0]
    return rate


def det(label: Any, score: Any, points: int = 400) -> pd.DataFrame:
    """DataFrame(fpr, fnr, threshold, x, y) of every threshold, strictest first; at most about `points` rows.

    label: 0/1, (n,), 1 = AI. score: larger means more likely AI, (n,); rows without one are left out. fpr: rate of
    real photographs classified as AI (score >= threshold); fnr: rate of AI images classified as real. x, y: probits of
    fpr and fnr; rates of 0 and 1 are moved by half an image. Empty with one class.
    """
    import pandas as pd

    y, s = np.asarray(label, dtype=float).ravel(), np.asarray(score, dtype=float).ravel()
    keep = np.isfinite(y) & np.isfinite(s)
    y, s = y[keep], s[keep]
    columns = ("fpr", "fnr", "threshold", "x", "y")
    if not len(y) or y.min() == y.max():
        return pd.DataFrame({name: [] for name in columns}, dtype=float)
    ranking = Ranking.of(y, s)
    true, false = (side[0] for side in ranking.counts())
    fpr, fnr = np.append(0, false / false[-1]), np.append(1, 1 - true / true[-1])
    cut = np.append(np.nextafter(ranking.scores[0], np.inf), ranking.scores)
    fpr_probit, fnr_probit = probit(fpr, int(false[-1])), probit(fnr, int(true[-1]))
    along = fpr_probit - fnr_probit  # increases with every threshold
    keep = np.arange(len(cut))
    if len(keep) > points:
        targets = np.linspace(along[0], along[-1], points)
        keep = np.unique(np.searchsorted(along, targets).clip(0, len(along) - 1))
    return pd.DataFrame(dict(zip(columns, (side[keep] for side in (fpr, fnr, cut, fpr_probit, fnr_probit)))))


def probit(rate: Any, n: int) -> np.ndarray:
    """Normal quantile of rates over n images; 0 and 1 are moved by half an image (1 / 2n)."""
    from scipy.special import ndtri

    half = 0.5 / max(n, 1)
    deviate: np.ndarray = ndtri(np.clip(np.asarray(rate, dtype=float), half, 1 - half))
    return deviate


def precision_recall(label: Any, score: Any, points: int = 400) -> pd.DataFrame:
    """DataFrame(recall, precision, threshold), strictest threshold first; at most about `points` rows.

    label: 0/1, (n,), 1 = AI. score: larger means more likely AI, (n,); rows without one are left out. precision depends
    on the fraction of AI among these images and only transfers to data with the same fraction. Empty without AI.
    """
    import pandas as pd

    y, s = np.asarray(label, dtype=float).ravel(), np.asarray(score, dtype=float).ravel()
    keep = np.isfinite(y) & np.isfinite(s)
    y, s = y[keep], s[keep]
    if not len(y) or not y.any():
        return pd.DataFrame({"recall": [], "precision": [], "threshold": []}, dtype=float)
    ranking = Ranking.of(y, s)
    true, false = (side[0] for side in ranking.counts())
    recall, precision = true / true[-1], true / (true + false)
    keep = np.arange(len(recall))
    if len(keep) > points:
        keep = np.unique(np.linspace(0, len(recall) - 1, points).astype(int))
    return pd.DataFrame({"recall": recall[keep], "precision": precision[keep], "threshold": ranking.scores[keep]})
