"""Makes a run folder of what a detector from elsewhere said, so that it is judged exactly as our own runs are."""

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
UNKNOWN_TRAINING = "What this detector was trained on is not known here: images it has seen would flatter it."


@dataclass(frozen=True)
class Judged:
    """tables: {split: predictions with `calibrated`}; `external`: {name: manifest} of the tables `external_<name>`."""

    frozen: dict[str, Any]
    tables: dict[str, pd.DataFrame]
    external: dict[str, Path]
    metrics: dict[str, Any]

    @classmethod
    def of(cls, tables: Mapping[str, pd.DataFrame], external: Mapping[str, Path], source: Path) -> Judged:
        """Freeze temperature and thresholds on the calibration half of `val`, then measure every split.

        tables: {split: as `predictions.table` gives}, with `val` and `test`. source: named where a class is missing.
        Raises InputError where val lacks a class or test has no row.
        """
        from cgid.data.split import calibration_rows

        val = tables["val"]
        manifest.require_classes(source, val["label"].to_numpy(), both=True)
        val = val.assign(calibration=calibration_rows(val))
        frozen = operating_points.freeze(val[val["calibration"]], "calibration half of the validation rows")
        every = {
            split: predictions.calibrated(table, lambda logit: operating_points.probability(frozen, logit))
            for split, table in {**tables, "val": val}.items()
        }
        frozen["error_rates"] = operating_points.errors_of(frozen, every)
        return cls(frozen, every, dict(external), record.metrics(frozen, every, external))


@contextlib.contextmanager
def open_folder(path: Path) -> Iterator[Run]:
    """The run folder, held against another writer. Raises InputError where it holds anything but an earlier import."""
    run = Run.under_way(path)
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


def write(run: Run, judged: Judged, about: Mapping[str, Any], onnx: bytes | None = None) -> dict[str, Any]:
    """Write the whole run folder, run_manifest.json last; its content.

    about: what only the import knows (`name`, `config`, `manifests`, `skipped`, `warnings`, …). onnx: model.onnx.
    """
    run.manifest_path.unlink(missing_ok=True)
    for stale in (*run.folder.glob(predictions_file("*")), run.onnx_path):
        stale.unlink(missing_ok=True)
    for stale in (RUN_EXPORTS, robustness_file.FOLDER):
        shutil.rmtree(run.folder / stale, ignore_errors=True)
    for split, table in judged.tables.items():
        predictions.write(table, run.predictions_path(split))
    write_json(run.thresholds_path, judged.frozen)
    write_json(run.metrics_path, judged.metrics)
    title = about.get("name") or run.id
    shown = {split: table for split, table in judged.tables.items() if split != "train"}
    exports.write(run.exports_folder, title, shown, judged.frozen, judged.metrics)
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
        "metrics": judged.metrics,
        "simulated": False,
        **about,
        "warnings": [*about.get("warnings", ()), *_shared(judged.tables), UNKNOWN_TRAINING],
    }
    if onnx is not None:
        write_bytes(run.onnx_path, onnx)
        block = {"file": run.onnx_path.name, "sha256": sha256_of(run.onnx_path)}
        manifest |= {"weights": block, "onnx": {**block, "exporter": "imported"}}
    model_card.write(run.folder, manifest)
    write_json(run.manifest_path, manifest)
    return manifest


def result(run: Run, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Summary for people and figures for pages."""
    test = manifest["metrics"]["test"]
    figures = [f"AUC on test {exports.figure_text(test['auc'])}, accuracy {exports.figure_text(test['accuracy'])}"]
    figures += [f"AUC on {e['name']} {exports.figure_text(e['auc'])}" for e in manifest["metrics"]["external"]]
    words = [f"Imported {manifest.get('name') or manifest['run_id']}: {'; '.join(figures)}."]
    if manifest["skipped"]:
        words.append(f"{len(manifest['skipped'])} images of the manifests were left out.")
    return {
        "summary": " ".join([*words, *manifest["warnings"]]),
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


def _shared(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """A sentence for each split that shares images with the rows that the thresholds were frozen on, or with train."""
    words = []
    if "train" in tables:
        words += manifest.overlaps(
            {k: t["sha256"] for k, t in tables.items()}, {k: t["group"] for k, t in tables.items()}
        )
    val = set(tables["val"]["sha256"])
    for split in (s for s in tables if s not in ("val", "train")):
        if same := len(val & set(tables[split]["sha256"])):
            words.append(f"{same} images of {split} are also in val, which froze the thresholds.")
    return words
