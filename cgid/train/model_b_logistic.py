"""Fits Model B by scikit-learn's logistic regression: the same loss as the linear kind, carried to its minimum."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from cgid.evaluate.ranking import auc
from cgid.train.model_b_linear import L2, LinearFit

STEPS = 5000


@dataclass(frozen=True)
class LogisticFit(LinearFit):
    """estimator: the fitted LogisticRegression, whose numbers stand in coefficients and intercept."""

    estimator: Any = None


def fit(train: tuple[np.ndarray, np.ndarray], choosing: tuple[np.ndarray, np.ndarray], *, seed: int) -> LogisticFit:
    """train, choosing: (prepared rows (n, columns), labels 0/1 (n,)). No epoch is chosen: the minimum is the model.

    history: one entry, with the solver's steps and whether it arrived.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    started = time.perf_counter()
    estimator = LogisticRegression(C=1 / L2, max_iter=STEPS, tol=1e-6, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # told by `converged` below
        estimator.fit(*train)
    coefficients, intercept = estimator.coef_[0].astype(float), float(estimator.intercept_[0])
    steps = int(np.max(estimator.n_iter_))
    losses = [_loss(rows @ coefficients + intercept, label) for rows, label in (train, choosing)]
    area = auc(choosing[1], choosing[0] @ coefficients) if len(set(choosing[1])) == 2 else None
    entry = {"epoch": 1, "train_loss": losses[0], "val_loss": losses[1], "val_auc": area}
    entry |= {"seconds": time.perf_counter() - started, "steps": steps, "converged": steps < STEPS}
    return LogisticFit(coefficients, intercept, [entry], 1, estimator)


def _loss(logit: np.ndarray, label: np.ndarray) -> float | None:
    return float(np.mean(np.logaddexp(0, logit) - label * logit)) if len(label) else None
