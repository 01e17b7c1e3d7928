"""Scores of the experiment's models on its test images, matched by the original image of each copy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cgid.artifacts import FEATURE_TABLE, RUN_THRESHOLDS, SCANNED_MANIFEST, predictions_file
from cgid.evaluate.comparison import compare
from cgid.evaluate.metrics import summary
from cgid.files import read_json
from cgid.format_matching.params import UNMATCHED
from cgid.model_b.estimators import load_model_b
from cgid.runs.store import load_run

VARIANTS = {"model_b_all": "all", "model_b_content_only": "content_only"}
MODEL_A = "model_a"
METRICS = ("auc", "balanced_accuracy")


@dataclass(frozen=True)
class Scores:
    """rows: original (its sha256), label 0/1, group, probability: calibrated P(ai). threshold: fixed at training."""

    rows: pd.DataFrame
    threshold: float

    def metrics(self) -> dict[str, Any]:
        """{"n", "n_real", "n_ai", "auc", "balanced_accuracy"} with intervals over groups."""
        r = self.rows
        block = summary(r["label"].to_numpy(), r["probability"].to_numpy(), self.threshold, r["group"].to_numpy())
        return {k: block[k] for k in ("n", "n_real", "n_ai", *METRICS)}


def difference(after: Scores, before: Scores) -> dict[str, Any]:
    """`after` minus `before` on the same originals: {"n", "auc": {"value", "low", "high"}, "balanced_accuracy": …}."""
    both = after.rows.merge(before.rows, on="original", suffixes=("", "_before"))
    comparison = compare(
        both["label"].to_numpy(),
        both["probability"].to_numpy(),
        both["probability_before"].to_numpy(),
        both["group"].to_numpy(),
        after.threshold,
        before.threshold,
    )
    sides = {name: comparison["bootstrap"][name] for name in METRICS}
    return {"n": comparison["n"]} | {
        k: {"value": v["difference"], "low": v["low"], "high": v["high"]} for k, v in sides.items()
    }


def trained(study: Path, name: str, model: str) -> Scores:
    """The model trained on a condition, on the test images of that condition."""
    folder = study / name / ("model_a" if model == MODEL_A else "model_b")
    table = pd.read_parquet(folder / predictions_file("test"))
    column = "calibrated"
    if model != MODEL_A:
        primary = load_run(folder).manifest["metrics"]["headline"]
        column += "" if primary == VARIANTS[model] else f"_{VARIANTS[model]}"
    return _scores(study, name, table, table[column].to_numpy(), _threshold(folder, model))


def cross_evaluated(study: Path, name: str, model: str) -> Scores:
    """The model trained on the unmatched images, on the test images of a condition (cross-evaluation)."""
    folder = study / UNMATCHED / ("model_a" if model == MODEL_A else "model_b")
    if model == MODEL_A:
        table = pd.read_parquet(study / name / "crossed_model_a" / predictions_file("clean"))
        return _scores(study, name, table, table["calibrated"].to_numpy(), _threshold(folder, model))
    from cgid.features.table import read_features

    frame = read_features(study / name / FEATURE_TABLE)
    frame = frame[frame["split"] == "test"].reset_index(drop=True)
    estimator = load_model_b(load_run(folder), VARIANTS[model])
    columns = [c for c in estimator.features if c in frame]
    records = frame[columns].to_dict("records")
    probability = np.array([estimator.probability(record) for record in records])
    frame["label"] = frame["target_label"]
    return _scores(study, name, frame, probability, _threshold(folder, model))


def _threshold(folder: Path, model: str) -> float:
    thresholds = read_json(folder / RUN_THRESHOLDS)
    if model != MODEL_A:
        thresholds = (thresholds.get("variants") or {}).get(VARIANTS[model], thresholds)
    return float(thresholds["thresholds"]["balanced"])


def _scores(study: Path, name: str, table: pd.DataFrame, probability: np.ndarray, threshold: float) -> Scores:
    own = (table["sha256"] if "sha256" in table else table["record_id"]).astype(str)
    known = originals(study, name)
    rows = pd.DataFrame(
        {
            "original": own if known is None else own.map(known),
            "label": table["label"].to_numpy(float),
            "probability": probability,
        }
    )
    group = table["group"].astype("string") if "group" in table else pd.Series(pd.NA, table.index, dtype="string")
    rows["group"] = group.where(group.notna() & (group != ""), rows["original"]).to_numpy(object)
    return Scores(rows.drop_duplicates("original"), threshold)


def originals(study: Path, name: str) -> dict[str, str] | None:
    """{sha256 of a matched image: that of its original}; None for the unmatched images."""
    if name == UNMATCHED:
        return None
    data = study / name / "data"
    files, manifest = (
        pd.read_csv(data / n, dtype=str, keep_default_na=False) for n in ("treatment_images.csv", SCANNED_MANIFEST)
    )
    both = manifest[["filepath", "sha256"]].merge(files[["filepath", "original_sha256"]], on="filepath")
    return dict(zip(both["sha256"], both["original_sha256"]))
