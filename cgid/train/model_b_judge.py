"""Says how good Model B is: calibrated figures with intervals, and against the rules and Model A on the same images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cgid.evaluate import thresholds as cuts
from cgid.evaluate.calibration import apply, fit_temperature, logit_of
from cgid.evaluate.intervals import cluster_bootstrap, group_codes, percentile
from cgid.evaluate.metrics import summary
from cgid.evaluate.ranking import Ranking, auc
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
    p, label = apply(variant.logit, variant.temperature, variant.bias), rows.label
    frozen = cuts.choose(label[rows.calibration], p[rows.calibration])
    cut = frozen["thresholds"]["balanced"]
    held = label[rows.calibration]
    thresholds = {
        "variant": variant.name,
        "temperature": variant.temperature,
        "bias": variant.bias,
        "calibrated_on": {
            "n": len(held),
            "n_real": int((held == 0).sum()),
            "n_ai": int((held == 1).sum()),
            "what": "validation rows set aside for calibration and thresholds only",
        },
        **frozen,
        "error_rates": cuts.error_rates(
            *_part(rows, rows.where("test"), label, p), frozen["inconclusive"], rows.groups[rows.where("test")]
        ),
    }
    figures = {part: _figures(rows, rows.where(part), p, cut) for part in ("val", "test")}
    return Judged(p, thresholds, figures | {"external": _external(rows, p, cut)})


def compare(rows: Rows, judged: dict[str, Judged]) -> dict[str, Any]:
    """Rules alone, Model A alone and Model A + B on the test rows that have all of them; null where a column is absent.

    Each score is calibrated and cut on the same calibration rows, so that none is favoured. `difference` is the AUC of
    A + B less that of the other on the same images, with a paired interval over groups.
    """
    served = next(iter(judged))
    scores = {
        "rules_only": _calibrated(rows, RULE_COLUMN),
        "a_only": _calibrated(rows, MODEL_A_COLUMN),
        **{f"a_and_b_{name}": one.calibrated for name, one in judged.items()},
    }
    same = rows.where("test")
    for score in scores.values():
        if score is not None:
            same = same & np.isfinite(score)
    figures: dict[str, Any] = {"n": int(same.sum()), "served": served}
    for name, score in scores.items():
        figures[name] = None if score is None else _figures(rows, same, score, _cut(rows, score))
    figures["a_and_b"] = figures[f"a_and_b_{served}"]
    ours = judged[served].calibrated
    figures["difference"] = {
        f"a_and_b_minus_{name}": None if scores[name] is None else _difference(rows, same, ours, scores[name])
        for name in ("rules_only", "a_only")
    }
    return figures


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


def _figures(rows: Rows, where: np.ndarray, p: np.ndarray, cut: float) -> dict[str, Any]:
    return summary(*_part(rows, where, rows.label, p), threshold=cut, groups=rows.groups[where], draws=DRAWS)


def _external(rows: Rows, p: np.ndarray, cut: float) -> list[dict[str, Any]]:
    return [{"name": n, "manifest": None, **_figures(rows, w, p, cut)} for n, w in rows.external().items()]


def _calibrated(rows: Rows, column: str) -> np.ndarray | None:
    """A score of the table as a calibrated probability; None where the table or its test rows lack it."""
    if column not in rows.frame:
        return None
    score = rows.frame[column].to_numpy(dtype=float, na_value=np.nan)
    if not np.isfinite(score[rows.where("test")]).any():
        return None
    logit = np.where(np.isfinite(score), logit_of(score), np.nan)
    return apply(logit, *fit_temperature(logit[rows.calibration], rows.label[rows.calibration]))


def _cut(rows: Rows, p: np.ndarray) -> float:
    return cuts.choose(*_part(rows, rows.calibration, rows.label, p))["thresholds"]["balanced"]


def _difference(rows: Rows, where: np.ndarray, ours: np.ndarray, other: np.ndarray) -> dict[str, float | None]:
    """AUC of ours less that of the other, {"value", "low", "high"}: 95 % over resampled groups, the same for both."""
    label = rows.label[where]
    if len(set(label)) < 2:
        return {"value": None, "low": None, "high": None}
    rankings = [Ranking.of(label, score[where]) for score in (ours, other)]

    def statistic(weights: np.ndarray | None) -> np.ndarray:
        first, second = (ranking.figures(weights)[:, :1] for ranking in rankings)
        return first - second

    codes = group_codes(rows.groups[where], int(where.sum()))
    fewest = min(len(np.unique(codes[label == value])) for value in (0, 1))
    low, high = percentile(cluster_bootstrap(statistic, codes, label, DRAWS), fewest)
    return {"value": float(statistic(None)[0, 0]), "low": float(low[0]), "high": float(high[0])}
