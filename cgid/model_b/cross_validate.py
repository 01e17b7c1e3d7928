"""Grouped cross-validation of Model B: every training and validation image judged by a model that never saw its group.

In each turn one part is judged, the next one chooses the epoch and calibrates, the rest teach: the same steps as in the
run itself, preparation included. Test and external rows take no part.
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
from cgid.progress import Report, silent

FEWEST = 3  # one part is judged, one calibrates, one teaches
AT_THE_CUT = (
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
    if folds and not FEWEST <= folds <= 20:
        raise InputError(f"--cv must be 0 (none) or from {FEWEST} to 20 parts, not {folds}.")


def cross_validate(
    name: str, rows: Rows, columns: list[str], params: TrainModelBParams, workers: int, report: Report = silent
) -> CrossValidated:
    """Judge the training and validation rows of one variant out of fold. Raises InputError on too few groups.

    report counts epochs over all turns. Each turn calls an image AI at its own frozen threshold `balanced`.
    """
    own = np.flatnonzero(np.isin(rows.role, ("train", "val")))
    label, codes = rows.label[own], group_codes(rows.groups[own], len(own))
    if (possible := possible_folds(label, codes, params.cv)) < params.cv:
        raise InputError(
            f"A class has only {possible} groups in the training and validation rows, too few for --cv {params.cv}; "
            "use a smaller --cv, or 0."
        )
    fold = grouped_folds(label, codes, params.cv, params.seed)
    p, called = np.full(len(own), np.nan), np.zeros(len(own))
    for turn in range(params.cv):
        role = np.full(len(rows.role), "", dtype=object)
        role[own] = np.where(fold == turn, "test", np.where(fold == (turn + 1) % params.cv, "val", "train"))
        here = replace(rows, role=role, calibration=calibration_mask(rows.frame, role), notes=[])

        def step(done: int, _: int, note: str = "", turn: int = turn) -> None:
            report(turn * params.epochs + done, params.cv * params.epochs, note)

        variant = train_variant(name, here, columns, params, workers, step, weigh=False)
        judged = variant.calibration.probability(variant.logit)
        cut = cuts.choose(rows.label[here.calibration], judged[here.calibration])["thresholds"]["balanced"]
        held = fold == turn
        p[held], called[held] = judged[own[held]], judged[own[held]] >= cut
    groups = rows.groups[own]
    figures = summary(label, p, groups=groups)
    figures |= {key: value for key, value in summary(label, called, groups=groups).items() if key in AT_THE_CUT}
    figures["confusion"] = summary(label, called, groups=groups, draws=0)["confusion"]
    figures["threshold"] = None
    areas = [auc(label[fold == turn], p[fold == turn]) for turn in range(params.cv)]
    figures |= {"folds": params.cv, "auc_by_fold": [a if np.isfinite(a) else None for a in areas]}
    return CrossValidated(own, fold, p, figures)
