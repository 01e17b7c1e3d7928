"""Fits Model B's linear fusion: logistic regression by torch, the same numbers for the same seed.

The loss is scikit-learn's for LogisticRegression(C = 1 / l2): mean log loss + l2 / (2 n) * |coefficients|², intercept
free. Adam with a falling learning rate. The epoch with the best AUC on the choosing rows is kept, among equals the one
with the lowest loss: scale and offset are fitted again in calibration, so a loss alone would punish what does not stay.

Fits Model B by scikit-learn's logistic regression: the same loss as the linear kind, carried to its minimum.
"""

from __future__ import annotations

import math
import time
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from cgid.evaluate.calibration import sigmoid
from cgid.evaluate.curves import auc
from cgid.progress import Progress, silent

L2 = 1.0
Z95 = 1.959963984540054


@dataclass(frozen=True)
class LinearFit:
    """coefficients: (columns). history: one entry per epoch. best_epoch: counted from 1."""

    coefficients: np.ndarray
    intercept: float
    history: list[dict[str, Any]]
    best_epoch: int

    def logits(self, matrix: np.ndarray) -> np.ndarray:
        """(n, columns) prepared rows -> (n,) logits."""
        return matrix @ self.coefficients + self.intercept


def fit(
    train: tuple[np.ndarray, np.ndarray],
    selection: tuple[np.ndarray, np.ndarray],
    *,
    epochs: int,
    batch_size: int,
    lr: float,
    seed: int,
    progress: Progress = silent,
) -> LinearFit:
    """train, choosing: (prepared rows (n, columns), labels 0/1 (n,)). Without choosing rows the last epoch is kept."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # steps this small only wait for one another
    try:
        return _fit(train, selection, epochs, batch_size, lr, seed, progress)
    finally:
        torch.set_num_threads(threads)


def _fit(train, selection, epochs, batch_size, lr, seed, progress) -> LinearFit:
    import torch

    draw = torch.Generator().manual_seed(seed)
    x, y = (torch.from_numpy(np.ascontiguousarray(a, dtype=np.float64)) for a in train)
    share = (float(y.sum()) + 1) / (len(y) + 2)
    weight = torch.zeros(x.shape[1], dtype=torch.float64)
    bias = torch.full((), math.log(share / (1 - share)), dtype=torch.float64)
    optimiser = torch.optim.Adam([weight, bias], lr=lr, fused=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, max(1, epochs))
    loss_of = torch.nn.functional.binary_cross_entropy_with_logits
    best: tuple[tuple[float, float], int, Any, Any] = ((math.inf, math.inf), 0, weight.clone(), bias.clone())
    history = []
    for epoch in range(1, epochs + 1):
        started = time.perf_counter()
        for rows in torch.randperm(len(y), generator=draw).split(max(1, batch_size)):
            # The gradient of the log loss by hand: a tenth of the time of recording it for a model this small.
            here = x[rows]
            pull = torch.sigmoid(here @ weight + bias) - y[rows]
            weight.grad = here.T @ pull / len(rows) + L2 / len(y) * weight
            bias.grad = pull.mean()
            optimiser.step()
        schedule.step()
        train_loss = float(loss_of(x @ weight + bias, y))
        logits = _judge(weight.numpy(), float(bias), *selection)
        seconds = time.perf_counter() - started
        history.append({"epoch": epoch, "train_loss": train_loss, **logits, "seconds": seconds})
        value = (-float(epoch), 0.0) if logits["val_auc"] is None else (-logits["val_auc"], logits["val_loss"] or 0.0)
        if value < best[0]:
            best = (value, epoch, weight.clone(), bias.clone())
        progress(epoch, epochs, f"loss {train_loss:.3f}")
    return LinearFit(best[2].numpy(), float(best[3]), history, best[1])


def intervals(
    matrix: np.ndarray, label: np.ndarray, groups: np.ndarray, fit_: LinearFit
) -> tuple[np.ndarray, np.ndarray]:
    """95 % Wald intervals (low, high), each (columns).

    Two deviations are computed, from the curvature of the penalised loss and from the scores summed by group
    (cluster-robust sandwich); the larger counts. groups: integer codes (n,).
    """
    design = np.hstack([matrix, np.ones((len(matrix), 1))])
    share = sigmoid(fit_.logits(matrix))
    penalty = np.diag([*np.full(matrix.shape[1], L2), 1e-9])
    inverse = np.linalg.pinv((design * (share * (1 - share))[:, None]).T @ design + penalty)
    count = int(groups.max()) + 1 if len(groups) else 1
    scores = np.zeros((count, design.shape[1]))
    np.add.at(scores, groups, design * (label - share)[:, None])
    robust = inverse @ (scores.T @ scores) @ inverse * count / max(1, count - 1)
    spread = Z95 * np.sqrt(np.maximum(np.maximum(np.diag(inverse), np.diag(robust)), 0))[:-1]
    return fit_.coefficients - spread, fit_.coefficients + spread


def _judge(weight: np.ndarray, bias: float, matrix: np.ndarray, label: np.ndarray) -> dict[str, float | None]:
    if not len(label):
        return {"val_loss": None, "val_auc": None}
    logit = matrix @ weight + bias
    loss = float(np.mean(np.logaddexp(0, logit) - label * logit))
    return {"val_loss": loss, "val_auc": _area(label, logit)}


def _area(label: np.ndarray, logit: np.ndarray) -> float | None:
    area = auc(label, logit)
    return area if math.isfinite(area) else None


STEPS = 5000


@dataclass(frozen=True)
class LogisticFit(LinearFit):
    """estimator: the fitted LogisticRegression, whose numbers stand in coefficients and intercept."""

    estimator: Any = None


def fit_logistic(
    train: tuple[np.ndarray, np.ndarray], selection: tuple[np.ndarray, np.ndarray], *, seed: int
) -> LogisticFit:
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
    losses = [_loss(rows @ coefficients + intercept, label) for rows, label in (train, selection)]
    area = auc(selection[1], selection[0] @ coefficients) if len(set(selection[1])) == 2 else None
    entry = {"epoch": 1, "train_loss": losses[0], "val_loss": losses[1], "val_auc": area}
    entry |= {"seconds": time.perf_counter() - started, "steps": steps, "converged": steps < STEPS}
    return LogisticFit(coefficients, intercept, [entry], 1, estimator)


def _loss(logit: np.ndarray, label: np.ndarray) -> float | None:
    return float(np.mean(np.logaddexp(0, logit) - label * logit)) if len(label) else None
