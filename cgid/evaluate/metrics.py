"""Metrics of a detector with confidence intervals; None where a metric is undefined.

Label 1 = AI is the positive class. A row is classified as AI where probability >= threshold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cgid.evaluate.calibration import equal_mass_bins
from cgid.evaluate.curves import RANKED, Ranking
from cgid.evaluate.delong import interval as auc_interval
from cgid.evaluate.intervals import cluster_bootstrap, clustered_proportion, group_codes, percentile, wilson
from cgid.schema import Interval

if TYPE_CHECKING:
    import pandas as pd

BOOTSTRAPPED = (*RANKED, "balanced_accuracy", "f1", "brier", "ece")
WIDENED = ("auc", "average_precision", "tpr_at_1fpr", "tpr_at_5fpr", "tpr_at_10fpr", "balanced_accuracy", "f1", "eer")


def confusion(label: np.ndarray, probability: np.ndarray, threshold: float = 0.5) -> dict[str, int]:
    """{"tn", "fp", "fn", "tp"}; rows without a probability are not counted."""
    y, p, _ = _clean(label, probability, None)
    called = p >= threshold
    return {
        "tn": int(np.sum(~called & (y == 0))),
        "fp": int(np.sum(called & (y == 0))),
        "fn": int(np.sum(~called & (y == 1))),
        "tp": int(np.sum(called & (y == 1))),
    }


def summary(
    label: np.ndarray,
    probability: np.ndarray,
    threshold: float = 0.5,
    groups: Any = None,
    draws: int = 500,
    seed: int = 2026,
) -> dict[str, Any]:
    """Every metric with its 95 % interval: {"auc": {"value", "low", "high"}, …, "confusion", "threshold", "n", …}.

    label: 0/1, (n,). probability: P(ai) in 0..1, (n,); rows where it is missing are left out and counted in
    `n_missing`. groups: group of each row (source photograph, video), (n,); default: every row is its own.
    Proportions (accuracy, precision, recall, error rates) carry Wilson intervals on the effective sample size of the
    groups (plain Wilson with one row per group); AUC carries DeLong's over groups; the rest percentile intervals of a
    bootstrap over groups. All are widened to Wilson's where predictions are perfect. An interval is None where a class
    has fewer than two groups.
    """
    y, p, codes = _clean(label, probability, groups)
    counts = confusion(y, p, threshold)
    real, ai = y == 0, y == 1
    called = p >= threshold
    everything = np.ones(len(y))
    metrics: dict[str, Interval] = {
        "accuracy": clustered_proportion(called == ai, everything, codes),
        "precision": clustered_proportion(called & ai, called, codes),
        "recall": clustered_proportion(called & ai, ai, codes),
        "false_positive_rate": clustered_proportion(called & real, real, codes),
        "false_negative_rate": clustered_proportion(~called & ai, ai, codes),
    }
    metrics |= _bootstrapped(y, p, called, codes, draws, seed)
    return {
        "n": len(y),
        "n_real": int(real.sum()),
        "n_ai": int(ai.sum()),
        "n_missing": int(np.size(label) - len(y)),
        "groups": len(np.unique(codes)),
        **{name: metric.to_dict() for name, metric in metrics.items()},
        "confusion": counts,
        "threshold": float(threshold),
    }


def _bootstrapped(
    y: np.ndarray, p: np.ndarray, called: np.ndarray, codes: np.ndarray, draws: int, seed: int
) -> dict[str, Interval]:
    ranking, which = Ranking.of(y, p), equal_mass_bins(p)
    ai, bins = y == 1, int(which.max()) + 1 if len(which) else 0
    linear = np.column_stack([ai & called, ai, ~ai & ~called, ~ai, called, (p - y) ** 2, np.ones(len(y))])
    gaps = np.zeros((len(y), bins))
    gaps[np.arange(len(y)), which] = p - y
    sums = np.hstack([linear, gaps])
    single = sums.astype(np.float32)

    def statistic(weights: np.ndarray) -> np.ndarray:
        exact = weights.dtype == np.float64
        summed = (weights @ (sums if exact else single)).astype(float)  # single precision is sufficient for resamples
        tp, positives, tn, negatives, chosen, squared_errors, total = summed[:, :7].T
        with np.errstate(divide="ignore", invalid="ignore"):
            balanced = (tp / positives + tn / negatives) / 2
            f1 = 2 * tp / (positives + chosen)
            brier = squared_errors / total
            ece = np.abs(summed[:, 7:]).sum(1) / total
        return np.column_stack([ranking.metrics(weights), balanced, f1, brier, ece])

    if not len(y):
        return {name: _metric(np.nan) for name in BOOTSTRAPPED}
    value = dict(zip(BOOTSTRAPPED, statistic(np.ones((1, len(y))))[0]))
    if not ai.any():
        value["f1"] = np.nan  # undefined without AI images
    low = high = dict.fromkeys(BOOTSTRAPPED, np.nan)
    min_groups = min(len(np.unique(codes[ai])), len(np.unique(codes[~ai])))
    one_class = min_groups == 0 and len(np.unique(codes)) > 1
    if draws and (min_groups > 1 or one_class):
        bounds = percentile(cluster_bootstrap(statistic, codes, y, draws, seed), min_groups or len(np.unique(codes)))
        low, high = (dict(zip(BOOTSTRAPPED, side)) for side in bounds)
    if draws and min_groups > 1:
        low["auc"], high["auc"] = auc_interval(y, p, codes)
    result = {name: _metric(value[name], low[name], high[name]) for name in BOOTSTRAPPED}
    for name in WIDENED:
        result[name] = _widened(result[name], min_groups)
    return result


def _widened(metric: Interval, groups: int) -> Interval:
    """A bootstrap of perfect scores has no variance; Wilson's bound for `groups` trials gives an honest interval."""
    if metric.value is None or metric.low is None or metric.high is None:
        return metric
    if metric.high - metric.low > 1e-9:
        return metric
    if metric.value >= 1 - 1e-9:
        return Interval(metric.value, wilson(groups, groups)[0], 1.0)
    if metric.value <= 1e-9:
        return Interval(metric.value, 0.0, wilson(0, groups)[1])
    return metric


def by(label: np.ndarray, probability: np.ndarray, by: Any, threshold: float = 0.5, groups: Any = None) -> pd.DataFrame:
    """A row per generator or source, worst first: DataFrame(name, n, n_real, n_ai, accuracy, low, high, …).

    by: name of each row's subset, (n,); rows without one are `unknown`. accuracy: with its Wilson interval;
    false_positive_rate and recall are None where the subset lacks a class.
    """
    import pandas as pd

    names = pd.Series(np.asarray(by, dtype=object)).fillna("unknown").replace("", "unknown").astype(str).to_numpy()
    y, p = np.asarray(label, dtype=float).ravel(), np.asarray(probability, dtype=float).ravel()
    rows = []
    for name in pd.unique(names):
        part = names == name
        metrics = summary(y[part], p[part], threshold, None if groups is None else np.asarray(groups)[part], draws=0)
        right = metrics["accuracy"]
        rows.append(
            {"name": name, "n": metrics["n"], "n_real": metrics["n_real"], "n_ai": metrics["n_ai"]}
            | {"accuracy": right["value"], "low": right["low"], "high": right["high"]}
            | {k: metrics[k]["value"] for k in ("false_positive_rate", "recall")}
            | metrics["confusion"]
        )
    columns = ["name", "n", "n_real", "n_ai", "accuracy", "low", "high", "false_positive_rate", "recall"]
    table = pd.DataFrame(rows, columns=[*columns, "tn", "fp", "fn", "tp"])
    return table.sort_values(["accuracy", "low", "name"], na_position="last", ignore_index=True)


def roc(label: np.ndarray, probability: np.ndarray, points: int = 400) -> pd.DataFrame:
    """ROC curve for charts: DataFrame(fpr, tpr, threshold), from (0, 0) to (1, 1), at most about `points` rows."""
    import pandas as pd

    y, p, _ = _clean(label, probability, None)
    if not len(y) or y.min() == y.max():
        return pd.DataFrame({"fpr": [], "tpr": [], "threshold": []}, dtype=float)
    ranking = Ranking.of(y, p)
    true, false = (side[0] for side in ranking.counts())
    fpr, tpr = np.append(0, false / false[-1]), np.append(0, true / true[-1])
    cut = np.append(np.nextafter(max(1.0, ranking.scores[0]), 2), ranking.scores)
    turns = np.r_[True, (np.diff(fpr, 2) != 0) | (np.diff(tpr, 2) != 0), True]
    keep = np.flatnonzero(turns) if len(fpr) > 2 else np.arange(len(fpr))
    if len(keep) > points:
        along = (fpr + tpr)[keep]
        keep = keep[np.unique(np.searchsorted(along, np.linspace(0, 2, points)).clip(0, len(keep) - 1))]
    return pd.DataFrame({"fpr": fpr[keep], "tpr": tpr[keep], "threshold": cut[keep]})


def _metric(value: float, low: float = np.nan, high: float = np.nan) -> Interval:
    """A metric with its interval; an undefined metric has no interval either."""
    known = np.isfinite(value)
    return Interval(*(float(side) if known and np.isfinite(side) else None for side in (value, low, high)))


def _clean(label: Any, probability: Any, groups: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    y, p = np.asarray(label, dtype=float).ravel(), np.asarray(probability, dtype=float).ravel()
    if len(y) != len(p):
        raise ValueError(f"{len(y)} labels but {len(p)} probabilities")
    keep = np.isfinite(y) & np.isfinite(p)
    chosen = None if groups is None else np.asarray(groups, dtype=object)[keep]
    return y[keep], p[keep], group_codes(chosen, int(keep.sum()))
