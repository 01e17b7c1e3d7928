"""Does a whole family of features give the label away? A small model on the family alone, cross-validated by group.

Boosted shallow trees read missing values as they are and see two-sided leaks; they are a probe, not a detector.
"""

from __future__ import annotations

from typing import Any

import numpy as np

BINS = 63
MOST_ROWS = 4000  # a probe of more rows says the same and takes longer; whole groups are drawn


def probe(
    values: np.ndarray, label: np.ndarray, codes: np.ndarray, folds: int = 5, draws: int = 200, seed: int = 2026
) -> dict[str, Any]:
    """{"auc", "balanced_accuracy": {"value", "low", "high"}, "rows", "folds"}; null figures where it cannot be asked.

    values: (n, k), NaN allowed. label: 0/1, (n,). codes: group of each row, (n,). The 95 % intervals draw groups.
    """
    from cgid.evaluate.cross_validation import grouped_folds, possible_folds
    from cgid.evaluate.metrics import summary

    keep = some_groups(codes, seed)
    values, label, codes = values[keep], label[keep], np.unique(codes[keep], return_inverse=True)[1]
    usable = np.isfinite(values).any(0)
    k = possible_folds(label, codes, folds)
    empty = {"value": None, "low": None, "high": None}
    if not k or not usable.any():
        return {"auc": empty, "balanced_accuracy": empty, "rows": len(label), "folds": 0}
    score = _out_of_fold(values[:, usable], label, grouped_folds(label, codes, k, seed), seed)
    figures = summary(label, score, groups=codes, draws=draws, seed=seed)
    return {
        "auc": figures["auc"],
        "balanced_accuracy": figures["balanced_accuracy"],
        "rows": len(label),
        "folds": k,
    }


def _out_of_fold(values: np.ndarray, label: np.ndarray, fold: np.ndarray, seed: int) -> np.ndarray:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    score = np.full(len(label), np.nan)
    clean = np.column_stack([_quantile_codes(v) for v in values.T])
    for f in np.unique(fold):
        train = fold != f
        # A rare value may lie in the held-out rows alone; a column that is empty in training teaches nothing.
        asked = np.isfinite(clean[train]).any(0)
        if not asked.any():
            score[~train] = 0.5
            continue
        model = HistGradientBoostingClassifier(
            max_depth=3,
            max_iter=40,
            learning_rate=0.15,
            max_bins=BINS,
            min_samples_leaf=int(np.clip(train.sum() // 20, 2, 20)),
            class_weight="balanced",
            early_stopping=False,
            random_state=seed,
        )
        # one thread: with so few rows more of them only wait for each other, badly so beside other jobs
        with threadpool_limits(1):
            fitted = model.fit(clean[train][:, asked], label[train])
            score[~train] = fitted.predict_proba(clean[~train][:, asked])[:, 1]
    return score


def some_groups(codes: np.ndarray, seed: int, most: int = MOST_ROWS) -> np.ndarray:
    """Which rows belong to randomly drawn whole groups, bool (n,): at most `most` of them unless one group is larger."""
    if len(codes) <= most:
        return np.ones(len(codes), dtype=bool)
    sizes = np.bincount(codes)
    order = np.random.default_rng(seed).permutation(len(sizes))
    taken = order[np.cumsum(sizes[order]) <= most]
    return np.isin(codes, taken if len(taken) else order[:1])


def _quantile_codes(value: np.ndarray) -> np.ndarray:
    """Values as quantile numbers 0..BINS-1, equal ones alike, NaN kept: binned here once instead of slowly per fold."""
    codes = np.full(len(value), np.nan)
    present = np.isfinite(value)
    first = np.searchsorted(np.sort(value[present]), value[present], side="left")
    codes[present] = first * BINS // max(int(present.sum()), 1)
    return codes
