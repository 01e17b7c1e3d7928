"""Family probes: how well a small model of one family of features predicts the class, cross-validated by group.

Boosted shallow trees accept missing values and detect two-sided leaks; they are a probe, not a detector.
"""

from __future__ import annotations

from typing import Any

import numpy as np

BINS = 63
MAX_ROWS = 4000  # more rows take longer without changing the result; whole groups are sampled


def probe(
    values: np.ndarray, label: np.ndarray, codes: np.ndarray, folds: int = 5, draws: int = 200, seed: int = 2026
) -> dict[str, Any]:
    """{"auc", "balanced_accuracy": {"value", "low", "high"}, "rows", "folds"}; None values where it cannot be tested.

    values: (n, k), NaN allowed. label: 0/1, (n,). codes: group of each row, (n,). The 95 % intervals resample groups.
    """
    from cgid.evaluate.cross_validation import grouped_folds, possible_folds
    from cgid.evaluate.metrics import summary

    keep = sample_groups(codes, seed)
    values, label, codes = values[keep], label[keep], np.unique(codes[keep], return_inverse=True)[1]
    usable = np.isfinite(values).any(0)
    k = possible_folds(label, codes, folds)
    empty = {"value": None, "low": None, "high": None}
    if not k or not usable.any():
        return {"auc": empty, "balanced_accuracy": empty, "rows": len(label), "folds": 0}
    score = _out_of_fold(values[:, usable], label, grouped_folds(label, codes, k, seed), seed)
    metrics = summary(label, score, groups=codes, draws=draws, seed=seed)
    return {
        "auc": metrics["auc"],
        "balanced_accuracy": metrics["balanced_accuracy"],
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
        # A rare value may occur in the held-out rows only; a column that is empty in training carries no information.
        usable = np.isfinite(clean[train]).any(0)
        if not usable.any():
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
        # one thread: with so few rows further threads only wait for each other, especially next to other jobs
        with threadpool_limits(1):
            fitted = model.fit(clean[train][:, usable], label[train])
            score[~train] = fitted.predict_proba(clean[~train][:, usable])[:, 1]
    return score


def sample_groups(codes: np.ndarray, seed: int, max_rows: int = MAX_ROWS) -> np.ndarray:
    """Mask of the rows of randomly sampled whole groups, bool (n,): at most `max_rows`, unless a single group is larger."""
    if len(codes) <= max_rows:
        return np.ones(len(codes), dtype=bool)
    sizes = np.bincount(codes)
    order = np.random.default_rng(seed).permutation(len(sizes))
    taken = order[np.cumsum(sizes[order]) <= max_rows]
    return np.isin(codes, taken if len(taken) else order[:1])


def _quantile_codes(value: np.ndarray) -> np.ndarray:
    """Quantile codes 0..BINS-1, equal values in one bin, NaN kept: binned once here instead of in every fold."""
    codes = np.full(len(value), np.nan)
    present = np.isfinite(value)
    first = np.searchsorted(np.sort(value[present]), value[present], side="left")
    codes[present] = first * BINS // max(int(present.sum()), 1)
    return codes
