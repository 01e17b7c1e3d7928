"""The three kinds of quick model: logistic regression, random forest, gradient boosting, with one set of settings each.

Model B's trees have the same settings, so that an ablation speaks of what is trained.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cgid.errors import InputError

TREES = 300
KINDS = {
    "linear": "logistic regression, balanced classes, standardised, missing values flagged",
    "forest": f"random forest of {TREES} trees, leaves of at least 3 rows, missing values flagged",
    "boosting": "gradient boosting of 150 small trees, missing values flagged",
}


def chosen(names: str) -> tuple[str, ...]:
    """Kinds of a list with commas, each once, in its order. Raises InputError on an unknown one or an empty list."""
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
        FunctionTransformer(np.clip, kw_args={"a_min": -8, "a_max": 8}),  # one absurd value must not steer the line
        LogisticRegression(C=1.0, class_weight="balanced", max_iter=300),
    )
