"""Writes the folder of a Model B run; run_manifest.json goes first when overwriting and comes last when done.

Keeps how each feature lies in Model B's training rows, small enough to be read whenever an image is checked.

`reference.json` of a run: per feature the spread over real photos and AI images (`evaluate.class_spread`), how many had
no value, and its AUC with a 95 % interval, groups as the unit. A check shows with it where one image lies.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cgid.artifacts import (
    MODEL_B,
    MODEL_B_ESTIMATOR,
    MODEL_B_LINEAR_WEIGHTS,
    RUN_MANIFEST,
    RUN_METRICS,
    RUN_THRESHOLDS,
    predictions_file,
)
from cgid.evaluate.calibration import sigmoid
from cgid.evaluate.class_distribution import ClassDistribution
from cgid.files import atomic, plain, sha256_of, write_json, write_text
from cgid.model_b import evaluate
from cgid.model_b.fit_linear import LinearFit, LogisticFit
from cgid.model_b.fit_trees import TreeFit
from cgid.model_b.linear import LINEAR_KINDS
from cgid.model_b.preparation import CLIP
from cgid.model_b.rows import Rows
from cgid.runs import model_card
from cgid.schema import external_split

if TYPE_CHECKING:
    import pandas as pd

    from cgid.model_b.cross_validate import CrossValidated
    from cgid.model_b.evaluate import Evaluation
    from cgid.model_b.rows import Rows
    from cgid.model_b.variants import Variant

REFERENCE = "reference.json"
FORMAT = 1
MAX_ROWS = 40_000  # a ten-thousandth of a rank is finer than any strip: more rows would only cost time


def write_reference(folder: Path, rows: Rows, seed: int = 2026) -> dict[str, str]:
    """{"file", "sha256"} of the reference of the training rows, for the run's manifest."""
    text = json.dumps(plain(describe(rows, seed)), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    write_text(folder / REFERENCE, text + "\n")
    return {"file": REFERENCE, "sha256": sha256_of(folder / REFERENCE)}


def describe(rows: Rows, seed: int = 2026) -> dict[str, Any]:
    """{"format", "rows": {"real", "ai"}, "groups": {"real", "ai"}, "features": {column: {"edges", "real", "ai",
    "missing": {"real", "ai"}, "independent": [real, ai], "auc": {"value", "low", "high"}}}}.

    independent: what an image of the class is worth, since images of a group hang together (`design_effect`). auc: that
    AI is higher; null where undefined.
    """
    from cgid.audit.leakage import auc_intervals
    from cgid.audit.single_feature import auc_and_influence
    from cgid.evaluate.intervals import effective_fraction, group_codes
    from cgid.features.table import feature_columns

    training = np.flatnonzero(rows.where("train"))
    if len(training) > MAX_ROWS:
        training = np.sort(np.random.default_rng(seed).choice(training, MAX_ROWS, replace=False))
    frame, label = rows.frame.iloc[training], rows.label[training].astype(int)
    codes = group_codes(rows.groups[training], len(training))
    columns = [c for c in feature_columns(rows.frame) if not c.endswith("_missing")]
    features: dict[str, dict[str, Any]] = {}
    ranked = []
    for column in columns:
        value = frame[column].to_numpy(dtype=float)
        missing = ~np.isfinite(value)
        if missing.all():
            continue
        missing_counts = {name: int((missing & (label == k)).sum()) for k, name in enumerate(("real", "ai"))}
        independent = [
            round(effective_fraction(value[m], codes[m]), 4) for m in (~missing & (label == k) for k in (0, 1))
        ]
        features[column] = {
            **ClassDistribution.of(value, label).to_json(),
            "missing": missing_counts,
            "independent": independent,
        }
        ranked.append(auc_and_influence(value, label, codes))
    if ranked:
        auc = np.array([a for a, _ in ranked])
        low, high = auc_intervals(auc, [i for _, i in ranked], label, codes)
        for block, *metrics in zip(features.values(), auc, low, high):
            block["auc"] = dict(zip(("value", "low", "high"), (round(float(f), 4) for f in metrics)))
    return {
        "format": FORMAT,
        "rows": {name: int((label == k).sum()) for k, name in enumerate(("real", "ai"))},
        "groups": {name: len(np.unique(codes[label == k])) for k, name in enumerate(("real", "ai"))},
        "features": features,
    }


META_COLUMNS = ("filepath", "filename", "sha256", "label", "group", "source", "generator")


def write(
    folder: Path,
    kind: str,
    rows: Rows,
    variants: dict[str, Variant],
    evaluations: dict[str, Evaluation],
    manifest: dict[str, Any],
    cross_validated: dict[str, CrossValidated],
) -> None:
    """variants, judged, crossed (may be empty): the headline first. A folder without run_manifest.json is no run,
    whatever else it holds."""
    import pandas as pd

    folder.mkdir(parents=True, exist_ok=True)
    (folder / RUN_MANIFEST).unlink(missing_ok=True)
    for old in (*folder.glob(predictions_file("*")), *folder.glob("coefficients*.csv"), *folder.glob("import*.csv")):
        old.unlink()
    headline = next(iter(variants))
    weights = _linear(folder, variants) if kind == "linear" else _joblib(folder, variants)
    main = variants["all"].to_json()
    blocks = {name: one.to_json() for name, one in variants.items()}
    write_json(
        folder / MODEL_B,
        {"format": 1, "kind": kind, "served": headline, "clip_deviations": CLIP, **main, "variants": blocks},
    )
    stem = "coefficients" if kind in LINEAR_KINDS else "importances"
    for name, variant in variants.items():
        mark = "" if name == headline else f"_{name}"
        _csv(folder / f"{stem}{mark}.csv", variant.weights)
        write_text(folder / f"importance_clusters{mark}.csv", pd.DataFrame(variant.clusters).to_csv(index=False))
    served = evaluations[headline].thresholds
    others = {name: one.thresholds for name, one in evaluations.items()}
    write_json(folder / RUN_THRESHOLDS, served | {"variants": others})
    write_json(folder / RUN_METRICS, manifest["metrics"])
    write_text(folder / "comparison.csv", evaluate.table(manifest["metrics"]["comparison"]).to_csv(index=False))
    for role in dict.fromkeys(rows.role[rows.role != ""]):
        for name, where in _parts(rows, str(role)).items():
            _predictions(folder / predictions_file(name), rows, where, variants, evaluations)
    if cross_validated:
        _out_of_fold(folder / predictions_file("oof"), rows, cross_validated)
    served_file = {"file": MODEL_B, "sha256": sha256_of(folder / MODEL_B)}
    reference = write_reference(folder, rows, manifest["seed"])
    manifest = manifest | {"weights": weights, "model": served_file, "reference": reference}
    model_card.write(folder, manifest)
    write_json(folder / RUN_MANIFEST, manifest)


def _linear(folder: Path, variants: dict[str, Variant]) -> dict[str, str]:
    import torch

    state = {}
    for name, variant in variants.items():
        fit = variant.fit
        assert isinstance(fit, LinearFit), f"{name} is not linear"
        state[f"{name}.weight"] = torch.tensor(fit.coefficients[None], dtype=torch.float64)
        state[f"{name}.bias"] = torch.tensor([fit.intercept], dtype=torch.float64)
    with atomic(folder / MODEL_B_LINEAR_WEIGHTS) as temporary:
        torch.save(state, temporary)
    (folder / MODEL_B_ESTIMATOR).unlink(missing_ok=True)
    return {"file": MODEL_B_LINEAR_WEIGHTS, "sha256": sha256_of(folder / MODEL_B_LINEAR_WEIGHTS)}


def _joblib(folder: Path, variants: dict[str, Variant]) -> dict[str, str]:
    import joblib

    with atomic(folder / MODEL_B_ESTIMATOR) as temporary:
        trees = {name: v.fit.estimator for name, v in variants.items() if isinstance(v.fit, TreeFit | LogisticFit)}
        joblib.dump(trees, temporary, compress=3)
    (folder / MODEL_B_LINEAR_WEIGHTS).unlink(missing_ok=True)
    return {"file": MODEL_B_ESTIMATOR, "sha256": sha256_of(folder / MODEL_B_ESTIMATOR)}


def _csv(path: Path, table: dict[str, list[Any]]) -> None:
    import pandas as pd

    frame = pd.DataFrame(table)
    order = frame[frame.columns[2]].abs().sort_values(ascending=False, kind="stable").index
    with atomic(path) as temporary:
        frame.loc[order].to_csv(temporary, index=False)


def _out_of_fold(path: Path, rows: Rows, cross_validated: dict[str, CrossValidated]) -> None:
    """As the other predictions, with `fold`; `probability` is the calibrated one, since each part has its own scale."""
    headline = next(iter(cross_validated))
    table = _meta_table(rows, cross_validated[headline].rows)
    for name, one in cross_validated.items():
        mark = "" if name == headline else f"_{name}"
        table = table.join(one.columns(mark)[[*(["fold"] if not mark else []), f"calibrated{mark}"]])
        table[f"probability{mark}"] = table[f"calibrated{mark}"]
    with atomic(path) as temporary:
        table.to_parquet(temporary, index=False)


def _meta_table(rows: Rows, where: np.ndarray) -> pd.DataFrame:
    """Who the images are, and their label 0/1; where: mask or positions of rows."""
    table: pd.DataFrame = rows.frame.loc[where].copy()
    if "sha256" not in table and "record_id" in table:
        table["sha256"] = table["record_id"]
    table["label"] = rows.label[where].astype(int)
    return table[[c for c in META_COLUMNS if c in table]]


def _parts(rows: Rows, role: str) -> dict[str, np.ndarray]:
    if role == "external":
        return {external_split(name): where for name, where in rows.external().items()}
    return {role: rows.where(role)}


def _predictions(
    path: Path, rows: Rows, where: np.ndarray, variants: dict[str, Variant], evaluations: dict[str, Evaluation]
) -> None:
    headline = next(iter(variants))
    table = _meta_table(rows, where)
    for name in variants:
        mark = "" if name == headline else f"_{name}"
        logit = variants[name].logit[where]
        table[f"logit{mark}"], table[f"probability{mark}"] = logit, sigmoid(logit)
        table[f"calibrated{mark}"] = evaluations[name].calibrated[where]
    if path.stem == "predictions_val":
        table["calibration"] = rows.calibration[where]
    with atomic(path) as temporary:
        table.to_parquet(temporary, index=False)
