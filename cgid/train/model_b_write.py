"""Writes the folder of a Model B run; run_manifest.json goes first when overwriting and comes last when done."""

from __future__ import annotations

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
from cgid.files import atomic, sha256_of, write_json, write_text
from cgid.models import model_card
from cgid.models.linear import LINEAR_KINDS
from cgid.models.tabular import CLIP
from cgid.schema import external_split
from cgid.train import model_b_compare, model_b_reference

if TYPE_CHECKING:
    import pandas as pd

    from cgid.train.model_b_cv import CrossValidated
    from cgid.train.model_b_judge import Judged
    from cgid.train.model_b_pipeline import Variant
    from cgid.train.model_b_rows import Rows

KEPT_COLUMNS = ("filepath", "filename", "sha256", "label", "group", "source", "generator")


def write(
    folder: Path,
    kind: str,
    rows: Rows,
    variants: dict[str, Variant],
    judged: dict[str, Judged],
    manifest: dict[str, Any],
    crossed: dict[str, CrossValidated],
) -> None:
    """variants, judged, crossed (may be empty): the headline first. A folder without run_manifest.json is no run, whatever else it holds."""
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
    served = judged[headline].thresholds
    others = {name: one.thresholds for name, one in judged.items()}
    write_json(folder / RUN_THRESHOLDS, served | {"variants": others})
    write_json(folder / RUN_METRICS, manifest["metrics"])
    write_text(folder / "comparison.csv", model_b_compare.table(manifest["metrics"]["comparison"]).to_csv(index=False))
    for role in dict.fromkeys(rows.role[rows.role != ""]):
        for name, where in _parts(rows, str(role)).items():
            _predictions(folder / predictions_file(name), rows, where, variants, judged)
    if crossed:
        _out_of_fold(folder / predictions_file("oof"), rows, crossed)
    served_file = {"file": MODEL_B, "sha256": sha256_of(folder / MODEL_B)}
    reference = model_b_reference.write(folder, rows, manifest["seed"])
    manifest = manifest | {"weights": weights, "model": served_file, "reference": reference}
    model_card.write(folder, manifest)
    write_json(folder / RUN_MANIFEST, manifest)


def _linear(folder: Path, variants: dict[str, Variant]) -> dict[str, str]:
    import torch

    state = {}
    for name, variant in variants.items():
        state[f"{name}.weight"] = torch.tensor(variant.fit.coefficients[None], dtype=torch.float64)
        state[f"{name}.bias"] = torch.tensor([variant.fit.intercept], dtype=torch.float64)
    with atomic(folder / MODEL_B_LINEAR_WEIGHTS) as temporary:
        torch.save(state, temporary)
    (folder / MODEL_B_ESTIMATOR).unlink(missing_ok=True)
    return {"file": MODEL_B_LINEAR_WEIGHTS, "sha256": sha256_of(folder / MODEL_B_LINEAR_WEIGHTS)}


def _joblib(folder: Path, variants: dict[str, Variant]) -> dict[str, str]:
    import joblib

    with atomic(folder / MODEL_B_ESTIMATOR) as temporary:
        joblib.dump({name: variant.fit.estimator for name, variant in variants.items()}, temporary, compress=3)
    (folder / MODEL_B_LINEAR_WEIGHTS).unlink(missing_ok=True)
    return {"file": MODEL_B_ESTIMATOR, "sha256": sha256_of(folder / MODEL_B_ESTIMATOR)}


def _csv(path: Path, table: dict[str, list[Any]]) -> None:
    import pandas as pd

    frame = pd.DataFrame(table)
    order = frame[frame.columns[2]].abs().sort_values(ascending=False, kind="stable").index
    with atomic(path) as temporary:
        frame.loc[order].to_csv(temporary, index=False)


def _out_of_fold(path: Path, rows: Rows, crossed: dict[str, CrossValidated]) -> None:
    """As the other predictions, with `fold`; `probability` is the calibrated one, since each part has its own scale."""
    headline = next(iter(crossed))
    table = _kept(rows, crossed[headline].rows)
    for name, one in crossed.items():
        mark = "" if name == headline else f"_{name}"
        table = table.join(one.columns(mark)[[*(["fold"] if not mark else []), f"calibrated{mark}"]])
        table[f"probability{mark}"] = table[f"calibrated{mark}"]
    with atomic(path) as temporary:
        table.to_parquet(temporary, index=False)


def _kept(rows: Rows, where: np.ndarray) -> pd.DataFrame:
    """Who the images are, and their label 0/1; where: mask or positions of rows."""
    table: pd.DataFrame = rows.frame.loc[where].copy()
    if "sha256" not in table and "record_id" in table:
        table["sha256"] = table["record_id"]
    table["label"] = rows.label[where].astype(int)
    return table[[c for c in KEPT_COLUMNS if c in table]]


def _parts(rows: Rows, role: str) -> dict[str, np.ndarray]:
    if role == "external":
        return {external_split(name): where for name, where in rows.external().items()}
    return {role: rows.where(role)}


def _predictions(
    path: Path, rows: Rows, where: np.ndarray, variants: dict[str, Variant], judged: dict[str, Judged]
) -> None:
    headline = next(iter(variants))
    table = _kept(rows, where)
    for name in variants:
        mark = "" if name == headline else f"_{name}"
        logit = variants[name].logit[where]
        table[f"logit{mark}"], table[f"probability{mark}"] = logit, sigmoid(logit)
        table[f"calibrated{mark}"] = judged[name].calibrated[where]
    if path.stem == "predictions_val":
        table["calibration"] = rows.calibration[where]
    with atomic(path) as temporary:
        table.to_parquet(temporary, index=False)
