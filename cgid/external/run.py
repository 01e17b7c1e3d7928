"""Writes the run folder of an imported detector, evaluated exactly as our own runs are."""

from __future__ import annotations

import contextlib
import platform
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
from filelock import FileLock, Timeout

import cgid
from cgid.artifacts import RUN_EXPORTS, predictions_file
from cgid.data import manifest
from cgid.errors import InputError
from cgid.evaluate import operating_points
from cgid.files import read_json, sha256_of, write_bytes, write_json
from cgid.runs import exports, model_card, predictions, robustness_file
from cgid.runs.run import Run
from cgid.train import record

PACKAGES = ("numpy", "pillow", "onnx", "onnxruntime")
UNKNOWN_TRAINING = (
    "The training data of this detector are unknown: metrics on images it was trained on would be optimistic."
)


@dataclass(frozen=True)
class Evaluation:
    """tables: {split: predictions with `calibrated`}; `external`: {name: manifest} of the tables `external_<name>`."""

    frozen: dict[str, Any]
    tables: dict[str, pd.DataFrame]
    external: dict[str, Path]
    metrics: dict[str, Any]

    @classmethod
    def of(cls, tables: Mapping[str, pd.DataFrame], external: Mapping[str, Path], source: Path) -> Evaluation:
        """Fit temperature and thresholds on the calibration half of `val`, then evaluate every split.

        tables: {split: as `predictions.table` gives}, with `val` and `test`. source: named where a class is missing.
        Raises InputError where val lacks a class or test has no row.
        """
        from cgid.data.split import calibration_rows

        val = tables["val"]
        manifest.require_classes(source, val["label"].to_numpy(), both=True)
        val = val.assign(calibration=calibration_rows(val))
        thresholds = operating_points.fit_thresholds(val[val["calibration"]], "calibration half of the validation rows")
        calibrated = {
            split: predictions.calibrated(table, lambda logit: operating_points.probability(thresholds, logit))
            for split, table in {**tables, "val": val}.items()
        }
        thresholds["error_rates"] = operating_points.errors_of(thresholds, calibrated)
        return cls(thresholds, calibrated, dict(external), record.metrics(thresholds, calibrated, external))


@contextlib.contextmanager
def open_folder(path: Path) -> Iterator[Run]:
    """The run folder, locked against other writers. Raises InputError where it holds anything but an earlier import."""
    run = Run.at(path)
    if run.folder.exists() and not run.folder.is_dir():
        raise InputError(f"{run.folder} is a file; choose another --output-dir.")
    if not _imported(run) and any(p.name != ".lock" for p in run.folder.glob("*")):
        raise InputError(f"{run.folder} holds something other than an import; choose another --output-dir.")
    run.folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(run.folder / ".lock", timeout=0):
            yield run
    except Timeout:
        raise InputError(f"Another job is writing into {run.folder}; wait for it or choose another folder.") from None


def write(run: Run, evaluation: Evaluation, details: Mapping[str, Any], onnx: bytes | None = None) -> dict[str, Any]:
    """Write the whole run folder, run_manifest.json last; its content.

    about: what only the import knows (`name`, `config`, `manifests`, `skipped`, `warnings`, …). onnx: model.onnx.
    """
    run.manifest_path.unlink(missing_ok=True)
    for stale in (*run.folder.glob(predictions_file("*")), run.onnx_path):
        stale.unlink(missing_ok=True)
    for name in (RUN_EXPORTS, robustness_file.FOLDER):
        shutil.rmtree(run.folder / name, ignore_errors=True)
    for split, table in evaluation.tables.items():
        predictions.write(table, run.predictions_path(split))
    write_json(run.thresholds_path, evaluation.frozen)
    write_json(run.metrics_path, evaluation.metrics)
    title = details.get("name") or run.id
    shown = {split: table for split, table in evaluation.tables.items() if split != "train"}
    exports.write(run.exports_folder, title, shown, evaluation.frozen, evaluation.metrics)
    manifest = {
        "kind": "model_a",
        "imported": True,
        "run_id": run.id,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "cgid_version": cgid.__version__,
        "versions": {"python": platform.python_version(), **{p: version(p) for p in PACKAGES}},
        "seed": None,
        "history": [],
        "best_epoch": None,
        "metrics": evaluation.metrics,
        "simulated": False,
        **details,
        "warnings": [*details.get("warnings", ()), *_overlap_warnings(evaluation.tables), UNKNOWN_TRAINING],
    }
    if onnx is not None:
        write_bytes(run.onnx_path, onnx)
        block = {"file": run.onnx_path.name, "sha256": sha256_of(run.onnx_path)}
        manifest |= {"weights": block, "onnx": {**block, "exporter": "imported"}}
    model_card.write(run.folder, manifest)
    write_json(run.manifest_path, manifest)
    return manifest


def result(run: Run, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The job's result: a summary and the metrics."""
    test = manifest["metrics"]["test"]
    metrics = [f"AUC on test {exports.metric_text(test['auc'])}, accuracy {exports.metric_text(test['accuracy'])}"]
    metrics += [f"AUC on {e['name']} {exports.metric_text(e['auc'])}" for e in manifest["metrics"]["external"]]
    sentences = [f"Imported {manifest.get('name') or manifest['run_id']}: {'; '.join(metrics)}."]
    if manifest["skipped"]:
        sentences.append(f"{len(manifest['skipped'])} images of the manifests were left out.")
    return {
        "summary": " ".join([*sentences, *manifest["warnings"]]),
        "run": str(run.folder),
        "metrics": manifest["metrics"],
        "warnings": manifest["warnings"],
        "skipped": len(manifest["skipped"]),
    }


def _imported(run: Run) -> bool:
    try:
        return read_json(run.manifest_path).get("imported") is True
    except (OSError, ValueError, AttributeError):
        return False


def _overlap_warnings(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """A sentence for each split that shares images with the rows the thresholds were fitted on, or with train."""
    warnings = []
    if "train" in tables:
        warnings += manifest.overlaps(
            {k: t["sha256"] for k, t in tables.items()}, {k: t["group"] for k, t in tables.items()}
        )
    val = set(tables["val"]["sha256"])
    for split in (s for s in tables if s not in ("val", "train")):
        if same := len(val & set(tables[split]["sha256"])):
            warnings.append(f"{same} images of {split} are also in val, on which the thresholds were fitted.")
    return warnings
