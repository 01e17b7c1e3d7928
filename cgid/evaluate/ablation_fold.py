"""One fold of an ablation: every arm learns from the other folds and scores this one. It can be sent to any process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cgid.evaluate.model_kinds import quick_model

LARGEST = 1e30  # beyond it a standard deviation is no number any more


@dataclass(frozen=True)
class FitFold:
    """values: (n, features), NaN = missing. label: 0/1, (n,). arms: {name: places of the features it keeps}."""

    values: np.ndarray
    label: np.ndarray
    arms: Mapping[str, list[int]]
    seed: int

    def __call__(self, chunk: tuple[str, np.ndarray]) -> np.ndarray:
        """chunk: (kind of model, rows to score as truth values, (n,)). P(ai) of those rows, (arms, rows)."""
        kind, test = chunk
        return np.array([fit_arm(kind, self.values[:, own], self.label, test, self.seed) for own in self.arms.values()])


def fit_arm(kind: str, values: np.ndarray, label: np.ndarray, test: np.ndarray, seed: int) -> np.ndarray:
    """P(ai) of the rows in `test` by a model of the others."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # the products are small: more threads only wait for each other
        model = quick_model(kind, seed).fit(values[~test], label[~test])
        return model.predict_proba(values[test])[:, 1]


def numbers(frame, columns) -> np.ndarray:
    """Feature values, (n, features): what is no finite number is missing, what is absurdly large is LARGEST."""
    import pandas as pd

    values = frame[list(columns)].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float)
    return np.clip(np.where(np.isfinite(values), values, np.nan), -LARGEST, LARGEST)
