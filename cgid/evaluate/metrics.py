"""One block of figures for a detector: what it gets right, with intervals, and null wherever a figure is undefined.

Label 1 = AI is the positive class. A row is called AI where probability >= threshold.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cgid.evaluate.calibration import equal_mass_bins
from cgid.evaluate.curves import RANKED, Ranking
from cgid.evaluate.delong import interval as auc_interval
from cgid.evaluate.intervals import cluster_bootstrap, cluster_share, group_codes, percentile, wilson

BOOTSTRAPPED = (*RANKED, "balanced_accuracy", "f1", "brier", "ece")
OPENED = ("auc", "average_precision", "tpr_at_1fpr", "tpr_at_5fpr", "tpr_at_10fpr", "balanced_accuracy", "f1", "eer")


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
    """Every figure with its 95 % interval: {"auc": {"value", "low", "high"}, …, "confusion", "threshold", "n", …}.

    label: 0/1, (n,). probability: P(ai) in 0..1, (n,); rows where it is missing are left out and counted in
    `n_missing`. groups: what may not be told apart (source photograph, video), (n,); default every row.
    Shares (accuracy, precision, recall, error rates) carry Wilson intervals on the effective sample size of the
    groups (plain Wilson with one row per group); AUC carries DeLong's over groups; the rest percentile intervals of a
    bootstrap over groups. All are opened by Wilson's where the answers are perfect. An interval is null where a class
    has fewer than two groups.
    """
    y, p, codes = _clean(label, probability, groups)
    counts = confusion(y, p, threshold)
    real, ai = y == 0, y == 1
    called = p >= threshold
    everything = np.ones(len(y))
    figures: dict[str, Any] = {
        "accuracy": cluster_share(called == ai, everything, codes),
        "precision": cluster_share(called & ai, called, codes),
        "recall": cluster_share(called & ai, ai, codes),
        "false_positive_rate": cluster_share(called & real, real, codes),
        "false_negative_rate": cluster_share(~called & ai, ai, codes),
    }
    figures |= _bootstrapped(y, p, called, codes, draws, seed)
    return {
        "n": len(y),
        "n_real": int(real.sum()),
        "n_ai": int(ai.sum()),
        "n_missing": int(np.size(label) - len(y)),
        "groups": len(np.unique(codes)),
        **figures,
        "confusion": counts,
        "threshold": float(threshold),
    }


def _bootstrapped(y, p, called, codes, draws, seed) -> dict[str, dict[str, float | None]]:
    ranking, which = Ranking.of(y, p), equal_mass_bins(p)
    ai, bins = y == 1, int(which.max()) + 1 if len(which) else 0
    linear = np.column_stack([ai & called, ai, ~ai & ~called, ~ai, called, (p - y) ** 2, np.ones(len(y))])
    gaps = np.zeros((len(y), bins))
    gaps[np.arange(len(y)), which] = p - y
    sums = np.hstack([linear, gaps])
    single = sums.astype(np.float32)

    def statistic(weights: np.ndarray) -> np.ndarray:
        exact = weights.dtype == np.float64
        summed = (weights @ (sums if exact else single)).astype(float)  # draws need no more than single precision
        tp, positives, tn, negatives, chosen, squares, total = summed[:, :7].T
        with np.errstate(divide="ignore", invalid="ignore"):
            balanced = (tp / positives + tn / negatives) / 2
            f1 = 2 * tp / (positives + chosen)
            brier = squares / total
            ece = np.abs(summed[:, 7:]).sum(1) / total
        return np.column_stack([ranking.figures(weights), balanced, f1, brier, ece])

    if not len(y):
        return {name: _figure(np.nan) for name in BOOTSTRAPPED}
    value = dict(zip(BOOTSTRAPPED, statistic(np.ones((1, len(y))))[0]))
    if not ai.any():
        value["f1"] = np.nan  # no AI image to find: nothing to be precise or complete about
    low = high = dict.fromkeys(BOOTSTRAPPED, np.nan)
    fewest = min(len(np.unique(codes[ai])), len(np.unique(codes[~ai])))
    one_class = fewest == 0 and len(np.unique(codes)) > 1
    if draws and (fewest > 1 or one_class):
        drawn = percentile(cluster_bootstrap(statistic, codes, y, draws, seed), fewest or len(np.unique(codes)))
        low, high = (dict(zip(BOOTSTRAPPED, side)) for side in drawn)
    if draws and fewest > 1:
        low["auc"], high["auc"] = auc_interval(y, p, codes)
    result = {name: _figure(value[name], low[name], high[name]) for name in BOOTSTRAPPED}
    for name in OPENED:
        result[name] = _open(result[name], fewest)
    return result


def _open(figure: dict[str, float | None], groups: int) -> dict[str, float | None]:
    """A bootstrap of perfect scores never sees an error; Wilson's bound for `groups` trials says how little that proves."""
    if figure["low"] is None or figure["high"] is None or figure["high"] - figure["low"] > 1e-9:
        return figure
    if figure["value"] >= 1 - 1e-9:
        return figure | {"low": wilson(groups, groups)[0], "high": 1.0}
    if figure["value"] <= 1e-9:
        return figure | {"low": 0.0, "high": wilson(0, groups)[1]}
    return figure


def by(label: np.ndarray, probability: np.ndarray, by: Any, threshold: float = 0.5, groups: Any = None):
    """A row per generator or source, worst first: DataFrame(name, n, n_real, n_ai, accuracy, low, high, …).

    by: name of each row's part, (n,); rows without one are `unknown`. accuracy: share of the part's images that got
    their right answer, with its Wilson interval; false_positive_rate and recall are None where the part lacks a class.
    """
    import pandas as pd

    names = pd.Series(np.asarray(by, dtype=object)).fillna("unknown").replace("", "unknown").astype(str).to_numpy()
    y, p = np.asarray(label, dtype=float).ravel(), np.asarray(probability, dtype=float).ravel()
    rows = []
    for name in pd.unique(names):
        part = names == name
        figures = summary(y[part], p[part], threshold, None if groups is None else np.asarray(groups)[part], draws=0)
        right = figures["accuracy"]
        rows.append(
            {"name": name, "n": figures["n"], "n_real": figures["n_real"], "n_ai": figures["n_ai"]}
            | {"accuracy": right["value"], "low": right["low"], "high": right["high"]}
            | {k: figures[k]["value"] for k in ("false_positive_rate", "recall")}
            | figures["confusion"]
        )
    columns = ["name", "n", "n_real", "n_ai", "accuracy", "low", "high", "false_positive_rate", "recall"]
    table = pd.DataFrame(rows, columns=[*columns, "tn", "fp", "fn", "tp"])
    return table.sort_values(["accuracy", "low", "name"], na_position="last", ignore_index=True)


def roc(label: np.ndarray, probability: np.ndarray, points: int = 400):
    """ROC curve for drawing: DataFrame(fpr, tpr, threshold), from (0, 0) to (1, 1), at most about `points` rows."""
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


def _figure(value: float, low: float = np.nan, high: float = np.nan) -> dict[str, float | None]:
    """An undefined figure has no interval either, whatever single draws gave."""
    known = np.isfinite(value)
    sides = (("value", value), ("low", low), ("high", high))
    return {k: float(v) if known and np.isfinite(v) else None for k, v in sides}


def _clean(label: Any, probability: Any, groups: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    y, p = np.asarray(label, dtype=float).ravel(), np.asarray(probability, dtype=float).ravel()
    if len(y) != len(p):
        raise ValueError(f"{len(y)} labels but {len(p)} probabilities")
    keep = np.isfinite(y) & np.isfinite(p)
    chosen = None if groups is None else np.asarray(groups, dtype=object)[keep]
    return y[keep], p[keep], group_codes(chosen, int(keep.sum()))
