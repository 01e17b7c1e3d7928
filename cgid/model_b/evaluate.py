"""Evaluates Model B: thresholds fitted on the calibration rows, calibrated metrics with intervals, paired comparisons.

Rules only, Model A only and A + B are compared on the same images by DeLong, McNemar and a paired bootstrap. Each score
is calibrated and thresholded on the same calibration rows, so that none is favoured. The p-values of the three pairs of
one set of images and one variant of Model B are corrected together (Holm).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cgid.evaluate import thresholds as cuts
from cgid.evaluate.calibration import fit_temperature, logit
from cgid.evaluate.comparison import compare as paired
from cgid.evaluate.curves import auc
from cgid.evaluate.metrics import summary
from cgid.evaluate.significance import holm
from cgid.model_b.rows import Rows
from cgid.model_b.variants import Variant
from cgid.schema import external_split

BOOTSTRAP_SAMPLES = 500
RULE_COLUMN, MODEL_A_COLUMN = "rule_forensic_score", "ml_probability"
# Model A's column separates training rows this much better than test rows: it saw them (AUC).
MAX_AUC_GAP = 0.10


@dataclass(frozen=True)
class Evaluation:
    """calibrated: P(ai) per row of the table. thresholds: content of thresholds.json. metrics: val, test, external."""

    calibrated: np.ndarray
    thresholds: dict[str, Any]
    metrics: dict[str, Any]


def evaluate_variant(variant: Variant, rows: Rows) -> Evaluation:
    """Thresholds and band from the calibration rows alone; every figure at the frozen threshold `balanced`."""
    p, label = variant.calibration.probability(variant.logit), rows.label
    selected = cuts.choose(label[rows.calibration], p[rows.calibration])
    threshold = selected["thresholds"]["balanced"]
    calibration_labels = label[rows.calibration]

    def rates(where: np.ndarray, name: str) -> dict[str, Any]:
        return cuts.error_rates(label[where], p[where], selected["inconclusive"], rows.groups[where], name)

    band = selected["inconclusive"]
    thresholds = cuts.Thresholds(
        variant.calibration,
        band["low"],
        band["high"],
        cuts=selected["thresholds"],
        calibrated_on=cuts.counts(calibration_labels, "validation rows set aside for calibration and thresholds only"),
        error_rates=rates(rows.where("test"), "test")
        | {"elsewhere": {name: rates(where, name) for name, where in rows.external().items()}},
        variant=variant.name,
    ).to_dict()
    metrics = {part: metrics_of(rows, rows.where(part), p, threshold) for part in ("val", "test")}
    return Evaluation(p, thresholds, metrics | {"external": _external(rows, p, threshold)})


def leakage_warning(rows: Rows) -> list[str]:
    """A sentence where Model A's column looks as if Model A had been trained on these very training rows."""
    if MODEL_A_COLUMN not in rows.frame:
        return []
    score = rows.frame[MODEL_A_COLUMN].to_numpy(dtype=float, na_value=np.nan)
    aucs = []
    for part in ("train", "test"):
        mask = rows.where(part) & np.isfinite(score)
        aucs.append(auc(rows.label[mask], score[mask]) if mask.any() else np.nan)
    if not np.isfinite(aucs).all() or aucs[0] - aucs[1] <= MAX_AUC_GAP:
        return []
    return [
        f"{MODEL_A_COLUMN} separates the training rows (AUC {aucs[0]:.3f}) far better than the test rows "
        f"({aucs[1]:.3f}): it may not be out-of-fold, and Model B may rely on it too much."
    ]


def _part(rows: Rows, where: np.ndarray, *columns: np.ndarray) -> list[np.ndarray]:
    return [column[where] for column in columns]


def metrics_of(rows: Rows, where: np.ndarray, p: np.ndarray, cut: float) -> dict[str, Any]:
    """Block of figures of P(ai) p over the rows `where`, called AI from `cut` on, with intervals by group."""
    return summary(rows.label[where], p[where], threshold=cut, groups=rows.groups[where], draws=BOOTSTRAP_SAMPLES)


def _external(rows: Rows, p: np.ndarray, cut: float) -> list[dict[str, Any]]:
    return [{"name": n, "manifest": None, **metrics_of(rows, w, p, cut)} for n, w in rows.external().items()]


RULES, A_ONLY, FUSED = "rules_only", "a_only", "a_and_b"
GAINS = ("accuracy", "balanced_accuracy", "specificity", "recall")


def compare(rows: Rows, evaluations: dict[str, Evaluation]) -> dict[str, Any]:
    """Figures of each score on the test rows that have all of them, and all pairs there and on each external set.

    `rules_only`, `a_only`, `a_and_b_<variant>`: blocks of figures, null where a column is absent; `a_and_b`: the served
    variant's. `difference`: AUC of that less another's, paired over groups. `pairs`: one entry for each two scores,
    variant and set of images. `external`: name and figures of each other data set.
    """
    served = next(iter(evaluations))
    scores = {RULES: _calibrated(rows, RULE_COLUMN), A_ONLY: _calibrated(rows, MODEL_A_COLUMN)}
    scores |= {f"{FUSED}_{name}": one.calibrated for name, one in evaluations.items()}
    limits = {name: _cut(rows, score) for name, score in scores.items() if score is not None}
    metrics, pairs = _place(rows, rows.where("test"), "test", scores, limits, list(evaluations))
    metrics = {"n": metrics["n"], "served": served, **metrics, FUSED: metrics[f"{FUSED}_{served}"]}
    metrics["difference"] = {
        f"{FUSED}_minus_{name}": next(
            (
                _short(p["bootstrap"]["auc"])
                for p in pairs
                if (p["first"], p["second"], p["variant"]) == (FUSED, name, served)
            ),
            None,
        )
        for name in (RULES, A_ONLY)
    }
    others = []
    for name, where in rows.external().items():
        block, more = _place(rows, where, external_split(name), scores, limits, list(evaluations))
        others.append({"name": name, **block})
        pairs += more
    return metrics | {"pairs": pairs, "external": others}


def table(comparison: dict[str, Any]) -> pd.DataFrame:
    """comparison.csv: one row for each pair, variant and set of images; empty where undefined."""
    lines = []
    for p in comparison["pairs"]:
        line = {k: p[k] for k in ("images", "variant", "first", "second", "n", "n_real", "n_ai", "groups")}
        delong, boot, changed = p["delong"], p["bootstrap"], p["mcnemar"]
        line |= {"auc_first": delong["auc_a"], "auc_second": delong["auc_b"], "auc_difference": delong["difference"]}
        line |= {"delong_low": delong["low"], "delong_high": delong["high"], "delong_p": delong["p"]}
        line |= {"delong_p_holm": p["holm"]["delong"]}
        line |= {"bootstrap_auc_low": boot["auc"]["low"], "bootstrap_auc_high": boot["auc"]["high"]}
        line |= {"only_first_right": changed["only_a_right"], "only_second_right": changed["only_b_right"]}
        line |= {"mcnemar_p": changed["p"], "mcnemar_p_holm": p["holm"]["mcnemar"]}
        for name in GAINS:
            line |= {f"{name}_{k}": boot[name][k] for k in ("difference", "low", "high")}
        lines.append(line)
    return pd.DataFrame(lines)


def _place(
    rows: Rows, where: np.ndarray, name: str, scores: dict[str, Any], limits: dict[str, float], variants: list[str]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """(figures of each score, pairs) on the rows of one set that have every score the set has at all."""
    here = {k: s if s is not None and np.isfinite(s[where]).any() else None for k, s in scores.items()}
    same = where.copy()
    for score in here.values():
        if score is not None:
            same &= np.isfinite(score)
    block: dict[str, Any] = {"n": int(same.sum())}
    for key, score in here.items():
        block[key] = None if score is None else metrics_of(rows, same, score, limits[key])
    pairs, known = [], {}
    for variant in variants:
        own = {RULES: RULES, A_ONLY: A_ONLY, FUSED: f"{FUSED}_{variant}"}
        of_variant = []
        for first, second in ((FUSED, RULES), (FUSED, A_ONLY), (A_ONLY, RULES)):
            keys = own[first], own[second]
            if (a := here[keys[0]]) is None or (b := here[keys[1]]) is None:
                continue
            if keys not in known:
                known[keys] = _pair(rows, same, (a, b), (limits[keys[0]], limits[keys[1]]))
            of_variant.append({"images": name, "variant": variant, "first": first, "second": second, **known[keys]})
        for test in ("delong", "mcnemar"):
            raw = np.array([np.nan if p[test]["p"] is None else p[test]["p"] for p in of_variant])
            for pair, value in zip(of_variant, holm(raw)):
                pair["holm"] = pair.get("holm", {}) | {test: float(value) if np.isfinite(value) else None}
        pairs += of_variant
    return block, pairs


def _pair(
    rows: Rows, where: np.ndarray, scores: tuple[np.ndarray, np.ndarray], limits: tuple[float, float]
) -> dict[str, Any]:
    label, (a, b) = rows.label[where], scores
    result = paired(label, a[where], b[where], rows.groups[where], limits[0], limits[1], draws=BOOTSTRAP_SAMPLES)
    return {"n_real": int((label == 0).sum()), "n_ai": int((label == 1).sum()), **result}


def _short(figure: dict[str, Any]) -> dict[str, Any]:
    return {"value": figure["difference"], "low": figure["low"], "high": figure["high"]}


def _calibrated(rows: Rows, column: str) -> np.ndarray | None:
    """A score of the table as a calibrated probability; None where the table or its test rows lack it."""
    if column not in rows.frame:
        return None
    score = rows.frame[column].to_numpy(dtype=float, na_value=np.nan)
    if not np.isfinite(score[rows.where("test")]).any():
        return None
    odds = np.where(np.isfinite(score), logit(score), np.nan)
    return fit_temperature(odds[rows.calibration], rows.label[rows.calibration]).probability(odds)


def _cut(rows: Rows, p: np.ndarray) -> float:
    return cuts.choose(rows.label[rows.calibration], p[rows.calibration])["thresholds"]["balanced"]
