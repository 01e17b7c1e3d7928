"""What a finished Model A training records: metrics, history, inputs, versions; and the rule of early stopping."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import cgid
from cgid.data.manifest import overlaps
from cgid.evaluate import operating_points
from cgid.evaluate.curves import auc
from cgid.files import sha256_of
from cgid.params import canonical
from cgid.runs.exports import metric_text
from cgid.runs.run import Run
from cgid.schema import external_name, external_split
from cgid.train.params import TrainModelAParams
from cgid.train.run_folder import manifests_of

PACKAGES = ("torch", "torchvision", "numpy", "pillow", "onnx", "onnxruntime", "scikit-learn")


def val_metrics(label: np.ndarray, logit: np.ndarray) -> dict[str, float | None]:
    """val_loss (binary cross-entropy) and val_auc of the validation rows that select the epoch; null where
    undefined."""
    if not len(label):
        return {"val_loss": None, "val_auc": None}
    loss = float(np.mean(np.logaddexp(0, logit) - label * logit))
    both = 0 < label.sum() < len(label)
    return {"val_loss": loss, "val_auc": float(auc(label, logit)) if both else None}


def best_epoch(history: list[dict[str, Any]]) -> int:
    """Highest val_auc, then lowest val_loss, then the earliest; without validation metrics the last."""
    if history[-1]["val_loss"] is None:
        return history[-1]["epoch"]
    return max(history, key=lambda h: (h["val_auc"] or 0.0, -h["val_loss"], -h["epoch"]))["epoch"]


def metrics(
    thresholds: dict[str, Any], tables: Mapping[str, pd.DataFrame], external: Mapping[str, Path]
) -> dict[str, Any]:
    """metrics.json. val: its epoch selection half, on which the thresholds were not fitted. external: {name:
    manifest}."""
    val = tables["val"]
    return {
        "val": operating_points.metrics(thresholds, val[~val["calibration"]]),
        "test": operating_points.metrics(thresholds, tables["test"]),
        "external": [
            {"name": name, "manifest": str(path), **operating_points.metrics(thresholds, tables[external_split(name)])}
            for name, path in external.items()
        ],
    }


def manifest(
    params: TrainModelAParams,
    run: Run,
    history: list[dict[str, Any]],
    metrics: dict[str, Any],
    tables: Mapping[str, pd.DataFrame],
) -> dict[str, Any]:
    """run_manifest.json except for what only the running training knows (device, skipped images, export)."""
    evaluated = {k: t for k, t in tables.items() if k != "oof"}
    inputs = zip(manifests_of(params), [t for k, t in _by_role(tables)])
    return {
        "kind": "model_a",
        "run_id": run.id,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "cgid_version": cgid.__version__,
        "versions": {"python": platform.python_version(), **{p: version(p) for p in PACKAGES}},
        "config": canonical(params),
        "seed": params.seed,
        "data": {
            "name": Path(params.train_manifest).absolute().parent.name,
            **{k: len(t) for k, t in evaluated.items()},
        },
        "manifests": [
            {"path": str(path), "sha256": sha256_of(path), "rows": len(table), "role": role}
            for (role, path), table in inputs
        ],
        "history": history,
        "best_epoch": best_epoch(history),
        "metrics": metrics,
        "weights": {"file": run.weights_path.name, "sha256": sha256_of(run.weights_path)},
        "warnings": overlaps(
            {k: t["sha256"] for k, t in evaluated.items()}, {k: t["group"] for k, t in evaluated.items()}
        ),
    }


def result(run: Run, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The job's result: a summary sentence and the metrics."""
    test = manifest["metrics"]["test"]
    parts = [f"Model A {manifest['run_id']} ({manifest['config']['arch']}), epoch {manifest['best_epoch']}:"]
    parts.append(f"AUC on test {metric_text(test['auc'])}, accuracy {metric_text(test['accuracy'])}")
    parts += [f"; AUC on {e['name']} {metric_text(e['auc'])}" for e in manifest["metrics"]["external"]]
    summary = f"{parts[0]} {''.join(parts[1:])}."
    if manifest["skipped"]:
        summary += f" {len(manifest['skipped'])} unreadable images were left out."
    if manifest["simulated"]:
        summary += " All images are simulated demo data."
    return {
        "summary": " ".join([summary, *manifest["warnings"]]),
        "run": str(run.folder),
        "metrics": manifest["metrics"],
        "warnings": manifest["warnings"],
        "skipped": len(manifest["skipped"]),
    }


def _by_role(tables: Mapping[str, pd.DataFrame]) -> list[tuple[str, pd.DataFrame]]:
    """Tables in the order of `manifests_of`: train, val, test, then the external ones as given."""
    external = [(k, t) for k, t in tables.items() if external_name(k) is not None]
    return [(k, tables[k]) for k in ("train", "val", "test")] + external


def stalled(history: list[dict[str, Any]], patience: int) -> bool:
    """Whether `patience` epochs have passed since the best one (by validation metrics); patience 0 = never.

    It follows from the history alone, so a resumed training stops where an uninterrupted one does. Without validation
    metrics the last epoch counts as the best, and training never stops early.
    """
    return patience > 0 and len(history) > 0 and history[-1]["epoch"] - best_epoch(history) >= patience
