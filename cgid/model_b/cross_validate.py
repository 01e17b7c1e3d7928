"""Grouped cross-validation of Model B: training and validation images scored by models not fitted on their group.

In each fold one part is held out, the next one selects the epoch and calibrates, the rest is fitted on: the same steps
as in the run itself, preparation included. Test and external rows take no part.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from cgid.errors import InputError
from cgid.evaluate import thresholds as cuts
from cgid.evaluate.cross_validation import grouped_folds, possible_folds
from cgid.evaluate.curves import auc
from cgid.evaluate.intervals import group_codes
from cgid.evaluate.metrics import summary
from cgid.model_b.params import TrainModelBParams
from cgid.model_b.rows import Rows, calibration_mask
from cgid.model_b.variants import train_variant
from cgid.progress import Progress, silent

MIN_FOLDS = 3  # one part is held out, one calibrates, one is fitted on
THRESHOLD_METRICS = (
    "accuracy",
    "precision",
    "recall",
    "false_positive_rate",
    "false_negative_rate",
    "balanced_accuracy",
    "f1",
)


@dataclass(frozen=True)
class CrossValidated:
    """rows: index into the table, (n,). fold: (n,). calibrated: P(ai) out of fold, (n,). figures: with intervals."""

    rows: np.ndarray
    fold: np.ndarray
    calibrated: np.ndarray
    figures: dict[str, Any]

    def columns(self, mark: str) -> pd.DataFrame:
        """fold and calibrated probability by row of the table; mark is added to the name of the latter."""
        return pd.DataFrame({"fold": self.fold, f"calibrated{mark}": self.calibrated}, index=self.rows)


def check(folds: int) -> None:
    """Raises InputError where so many parts cannot be meant."""
    if folds and not MIN_FOLDS <= folds <= 20:
        raise InputError(f"--cv must be 0 (none) or from {MIN_FOLDS} to 20 parts, not {folds}.")


def cross_validate(
    name: str, rows: Rows, columns: list[str], params: TrainModelBParams, workers: int, progress: Progress = silent
) -> CrossValidated:
    """Judge the training and validation rows of one variant out of fold. Raises InputError on too few groups.

    report counts epochs over all turns. Each turn calls an image AI at its own frozen threshold `balanced`.
    """
    indices = np.flatnonzero(np.isin(rows.role, ("train", "val")))
    label, codes = rows.label[indices], group_codes(rows.groups[indices], len(indices))
    if (possible := possible_folds(label, codes, params.cv)) < params.cv:
        raise InputError(
            f"A class has only {possible} groups in the training and validation rows, too few for --cv {params.cv}; "
            "use a smaller --cv, or 0."
        )
    fold = grouped_folds(label, codes, params.cv, params.seed)
    p, predicted = np.full(len(indices), np.nan), np.zeros(len(indices))
    for current in range(params.cv):
        role = np.full(len(rows.role), "", dtype=object)
        role[indices] = np.where(fold == current, "test", np.where(fold == (current + 1) % params.cv, "val", "train"))
        fold_rows = replace(rows, role=role, calibration=calibration_mask(rows.frame, role), notes=[])

        def step(done: int, _: int, note: str = "", seconds_left: float | None = None, turn: int = current) -> None:
            progress(turn * params.epochs + done, params.cv * params.epochs, note)

        variant = train_variant(name, fold_rows, columns, params, workers, step, with_importance=False)
        probability = variant.calibration.probability(variant.logit)
        threshold = cuts.choose(rows.label[fold_rows.calibration], probability[fold_rows.calibration])["thresholds"][
            "balanced"
        ]
        held_out = fold == current
        p[held_out], predicted[held_out] = probability[indices[held_out]], probability[indices[held_out]] >= threshold
    groups = rows.groups[indices]
    metrics = summary(label, p, groups=groups)
    metrics |= {
        key: value for key, value in summary(label, predicted, groups=groups).items() if key in THRESHOLD_METRICS
    }
    metrics["confusion"] = summary(label, predicted, groups=groups, draws=0)["confusion"]
    metrics["threshold"] = None
    aucs = [auc(label[fold == current], p[fold == current]) for current in range(params.cv)]
    metrics |= {"folds": params.cv, "auc_by_fold": [a if np.isfinite(a) else None for a in aucs]}
    return CrossValidated(indices, fold, p, metrics)
