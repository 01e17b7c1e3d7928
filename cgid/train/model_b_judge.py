"""Says how good Model B is: thresholds frozen on the calibration rows, calibrated figures with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cgid.evaluate import thresholds as cuts
from cgid.evaluate.metrics import summary
from cgid.evaluate.ranking import auc
from cgid.train.model_b_pipeline import Variant
from cgid.train.model_b_rows import Rows

DRAWS = 500
RULE_COLUMN, MODEL_A_COLUMN = "rule_forensic_score", "ml_probability"
# Model A's column separates training rows this much better than test rows: it saw them (AUC).
SUSPICIOUS_GAP = 0.10


@dataclass(frozen=True)
class Judged:
    """calibrated: P(ai) per row of the table. thresholds: content of thresholds.json. metrics: val, test, external."""

    calibrated: np.ndarray
    thresholds: dict[str, Any]
    metrics: dict[str, Any]


def judge(variant: Variant, rows: Rows) -> Judged:
    """Thresholds and band from the calibration rows alone; every figure at the frozen threshold `balanced`."""
    p, label = variant.calibration.probability(variant.logit), rows.label
    frozen = cuts.choose(label[rows.calibration], p[rows.calibration])
    cut = frozen["thresholds"]["balanced"]
    held = label[rows.calibration]

    def rates(where: np.ndarray, name: str) -> dict[str, Any]:
        return cuts.error_rates(*_part(rows, where, label, p), frozen["inconclusive"], rows.groups[where], name)

    band = frozen["inconclusive"]
    thresholds = cuts.Thresholds(
        variant.calibration,
        band["low"],
        band["high"],
        cuts=frozen["thresholds"],
        calibrated_on=cuts.counts(held, "validation rows set aside for calibration and thresholds only"),
        error_rates=rates(rows.where("test"), "test")
        | {"elsewhere": {name: rates(where, name) for name, where in rows.external().items()}},
        variant=variant.name,
    ).to_dict()
    figures = {part: figures_of(rows, rows.where(part), p, cut) for part in ("val", "test")}
    return Judged(p, thresholds, figures | {"external": _external(rows, p, cut)})


def suspicion(rows: Rows) -> list[str]:
    """A sentence where Model A's column looks as if Model A had been trained on these very training rows."""
    if MODEL_A_COLUMN not in rows.frame:
        return []
    score = rows.frame[MODEL_A_COLUMN].to_numpy(dtype=float, na_value=np.nan)
    areas = []
    for part in ("train", "test"):
        here = rows.where(part) & np.isfinite(score)
        areas.append(auc(rows.label[here], score[here]) if here.any() else np.nan)
    if not np.isfinite(areas).all() or areas[0] - areas[1] <= SUSPICIOUS_GAP:
        return []
    return [
        f"{MODEL_A_COLUMN} separates the training rows (AUC {areas[0]:.3f}) far better than the test rows "
        f"({areas[1]:.3f}): it may not be out-of-fold, and Model B may lean on it too much."
    ]


def _part(rows: Rows, where: np.ndarray, *columns: np.ndarray) -> list[np.ndarray]:
    return [column[where] for column in columns]


def figures_of(rows: Rows, where: np.ndarray, p: np.ndarray, cut: float) -> dict[str, Any]:
    """Block of figures of P(ai) p over the rows `where`, called AI from `cut` on, with intervals by group."""
    return summary(*_part(rows, where, rows.label, p), threshold=cut, groups=rows.groups[where], draws=DRAWS)


def _external(rows: Rows, p: np.ndarray, cut: float) -> list[dict[str, Any]]:
    return [{"name": n, "manifest": None, **figures_of(rows, w, p, cut)} for n, w in rows.external().items()]
