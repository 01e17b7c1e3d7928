"""Fits Model B as a random forest or gradient boosting, with permutation importance of its features."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from cgid.evaluate.cross_validation import boosting, forest
from cgid.evaluate.curves import auc
from cgid.model_b.estimators import logits

REPEATS = 5
ROWS_AT_ONCE = 200_000


@dataclass(frozen=True)
class TreeFit:
    """estimator: scikit-learn classifier on prepared rows. history: a single entry, since all is fitted at once."""

    estimator: Any
    history: list[dict[str, Any]]
    best_epoch: int = 1

    def logits(self, matrix: np.ndarray) -> np.ndarray:
        """(n, columns) prepared rows -> (n,) logits."""
        return logits(self.estimator, matrix) if len(matrix) else np.zeros(0)


def fit(
    kind: str,
    train: tuple[np.ndarray, np.ndarray],
    selection: tuple[np.ndarray, np.ndarray],
    *,
    seed: int,
    workers: int,
) -> TreeFit:
    """kind: `forest` (300 trees, leaves of 3 rows) or `boosting` (histogram gradient boosting, 150 small trees)."""
    from threadpoolctl import threadpool_limits

    started = time.perf_counter()
    estimator = forest(seed, workers) if kind == "forest" else boosting(seed)
    with threadpool_limits(1, "openmp"):
        estimator.fit(*train)
    losses = [_loss(estimator, *rows) for rows in (train, selection)]
    score = auc(selection[1], logits(estimator, selection[0])) if len(set(selection[1])) == 2 else None
    seconds = time.perf_counter() - started
    return TreeFit(
        estimator, [{"epoch": 1, "train_loss": losses[0], "val_loss": losses[1], "val_auc": score, "seconds": seconds}]
    )


def permutation_importance(
    fit_: TreeFit, matrix: np.ndarray, label: np.ndarray, owners: np.ndarray, seed: int
) -> np.ndarray:
    """AUC lost when a feature's values (and its missing indicator) are shuffled: (repeats, features).

    owners: index of the feature each prepared column belongs to. All zero where a class is absent.
    """
    features = int(owners.max()) + 1
    auc_losses = np.zeros((REPEATS, features))
    if len(set(label)) < 2:
        return auc_losses
    base = auc(label, fit_.logits(matrix))
    random = np.random.default_rng(seed)
    features_per_block = max(1, ROWS_AT_ONCE // len(label))
    for repeat in range(REPEATS):
        order = random.permutation(len(label))
        for start in range(0, features, features_per_block):
            block = range(start, min(features, start + features_per_block))
            copies = np.repeat(matrix[None], len(block), axis=0)
            for index, feature in enumerate(block):
                columns = owners == feature
                copies[index][:, columns] = matrix[order][:, columns]
            scores = fit_.logits(copies.reshape(-1, matrix.shape[1])).reshape(len(block), -1)
            auc_losses[repeat, list(block)] = [base - auc(label, row) for row in scores]
    return auc_losses


def _loss(estimator: Any, matrix: np.ndarray, label: np.ndarray) -> float | None:
    if not len(label):
        return None
    logit = logits(estimator, matrix)
    return float(np.mean(np.logaddexp(0, logit) - label * logit))
