"""Cross-validation: folds by group, stratified by class, and three quick models with fixed settings.

The models are logistic regression, random forest and gradient boosting; Model B's trees have the same settings, so that
an ablation describes what is trained.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cgid.errors import InputError


def possible_folds(label: np.ndarray, codes: np.ndarray, requested: int) -> int:
    """`requested`, or fewer where a class has fewer groups than that; 0 where a class has fewer than two."""
    min_groups = min(len(np.unique(codes[np.asarray(label) == c])) for c in (0, 1))
    return min(requested, min_groups) if min_groups >= 2 else 0


def grouped_folds(label: np.ndarray, codes: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """Fold 0..folds-1 of each row, (n,). label: 0/1, (n,). codes: group as integers, (n,). Deterministic by seed.

    Groups, shuffled and then largest first, are assigned one by one to the fold with the least of their classes: groups with
    both classes first, then each class separately.
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
    folds_of_rows: np.ndarray = fold_of[codes]
    return folds_of_rows


TREES = 300
KINDS = {
    "linear": "logistic regression, balanced classes, standardised, missing values flagged",
    "forest": f"random forest of {TREES} trees, leaves of at least 3 rows, missing values flagged",
    "boosting": "gradient boosting of 150 small trees, missing values flagged",
}


def parse_kinds(names: str) -> tuple[str, ...]:
    """Kinds of a comma-separated list, without duplicates, in order. Raises InputError on an unknown one or an empty list."""
    kinds = tuple(dict.fromkeys(name.strip() for name in names.split(",") if name.strip()))
    wrong = next((k for k in kinds if k not in KINDS), None if kinds else "")
    if wrong is not None:
        raise InputError(f"Model kind `{wrong}` is not one of {', '.join(KINDS)}.")
    return kinds


def forest(seed: int, workers: int = 1) -> Any:
    """scikit-learn classifier; the same for any number of workers."""
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(TREES, min_samples_leaf=3, random_state=seed, n_jobs=workers)


def boosting(seed: int) -> Any:
    """scikit-learn's histogram gradient boosting."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        max_iter=150,
        learning_rate=0.06,
        max_leaf_nodes=8,
        min_samples_leaf=10,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=seed,
    )


def quick_model(kind: str, seed: int) -> Any:
    """Unfitted pipeline of KINDS: medians for missing values with a flag each, then the model."""
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    complete = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    if kind != "linear":
        return make_pipeline(complete, forest(seed) if kind == "forest" else boosting(seed))
    return make_pipeline(
        complete,
        StandardScaler(),
        FunctionTransformer(np.clip, kw_args={"a_min": -8, "a_max": 8}),  # limits the influence of extreme values
        LogisticRegression(C=1.0, class_weight="balanced", max_iter=300),
    )
