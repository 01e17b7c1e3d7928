"""Artifacts in data/ and artifacts/: contract file names, listings (newest first), and which are of simulated data.

A model trained on the embedded demo sets is meaningful for their images only, see `demo_images`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cgid.files import read_json
from cgid.settings import settings

# Data sets, in a folder of data/manifests
SCANNED_MANIFEST = "manifest.csv"
CLEANED_MANIFEST = "manifest.cleaned.csv"
SPLIT_MANIFEST = "split.csv"
DATASET_SUMMARY = "dataset_summary.json"
RETAINED_ROWS = "kept.csv"
DROPPED_ROWS = "dropped.csv"

# Feature tables
FEATURE_TABLE = "features.parquet"
FEATURE_TABLE_CSV = "features.csv"
EXTRACTION_PROGRESS = "training_progress.json"  # the file name is a contract

# A run's folder
RUN_CONFIG = "config.json"
RUN_MANIFEST = "run_manifest.json"
MODEL_A_WEIGHTS = "model_a_best.pt"
MODEL_A_CHECKPOINT = "last.pt"
ONNX_MODEL = "model.onnx"
RUN_HISTORY = "history.json"
RUN_THRESHOLDS = "thresholds.json"
RUN_METRICS = "metrics.json"
RUN_CARD = "model_card.md"
RUN_EXPORTS = "exports"  # a folder
METRICS_TABLE = "metrics_summary.csv"
METRICS_SUMMARY = "metrics_summary.json"
CONFUSION_MATRICES = "confusion_matrices.csv"
EVALUATION_SUMMARY = "evaluation_summary.md"
MODEL_B = "model_b.json"
MODEL_B_LINEAR_WEIGHTS = "model_b_best.pt"
MODEL_B_ESTIMATOR = "ml_model.joblib"
_PREDICTIONS = "predictions_"

# Model B's data set
MODEL_B_FEATURES = "model_b_features_labeled.csv"
MODEL_B_LABEL_MAP = "model_b_label_map.csv"
MODEL_B_BUILD_SUMMARY = "build_summary.json"

# Audits and ablations
LEAKAGE_REPORT = "feature_leakage_report.csv"
LEAKAGE_SUMMARY = "feature_leakage_summary.json"
LEAKAGE_MARKDOWN = "feature_leakage_report.md"
LEAKAGE_HTML = "feature_leakage_report.html"
ABLATION_RESULTS = "ablation_results.csv"
ABLATION_FOLDS = "ablation_folds.csv"
ABLATION_SCORES = "ablation_scores.parquet"
ABLATION_SUMMARY = "ablation_summary.json"

# Prefix of the names of demo data sets and of the `source` of their rows.
DEMO_PREFIX = "demo_"


def predictions_file(split: str) -> str:
    """Name of the table of predictions of a split in a run's folder: `predictions_<split>.parquet`."""
    return f"{_PREDICTIONS}{split}.parquet"


def prediction_splits(folder: Path) -> list[str]:
    """Splits of which a folder holds predictions, by name."""
    return [path.stem.removeprefix(_PREDICTIONS) for path in sorted(folder.glob(predictions_file("*")))]


def is_simulated(artifact: Mapping[str, Any] | Path | str, name: str = "") -> bool:
    """Whether an artifact is based on the embedded demo sets only.

    artifact: the content of its JSON or that file. Its field `simulated` decides; without it (older or
    unreadable files) the name does. name: of the data set or of the `source`; default: of the file's folder.
    """
    if not isinstance(artifact, Mapping):
        path = Path(artifact)
        name = name or path.parent.name
        try:
            artifact = read_json(path)
        except (OSError, ValueError):
            artifact = {}
    recorded = artifact.get("simulated") if isinstance(artifact, Mapping) else None
    return bool(recorded) if recorded is not None else name.startswith(DEMO_PREFIX)


def all_simulated(sources: Iterable[object]) -> bool:
    """Whether rows with these values of `source` all come from the embedded demo sets. False where there is none."""
    distinct = set(sources)
    return bool(distinct) and all(isinstance(s, str) and s.startswith(DEMO_PREFIX) for s in distinct)


@dataclass(frozen=True, slots=True)
class Artifact:
    """A folder of results. main: its main file. summary: its JSON summary, {} where there is none."""

    name: str
    folder: Path
    main: Path
    summary: dict[str, Any]
    modified: float

    @property
    def simulated(self) -> bool:
        """Whether it was created from the embedded demo sets."""
        return is_simulated(self.summary, self.name)

    @property
    def label(self) -> str:
        return f"{self.name} (simulated)" if self.simulated else self.name


def datasets() -> list[Artifact]:
    """Folders of data/manifests; `main` is the most processed manifest: split, cleaned, or as scanned."""
    return _artifacts(settings().manifests, (SPLIT_MANIFEST, CLEANED_MANIFEST, SCANNED_MANIFEST), DATASET_SUMMARY)


def feature_tables() -> list[Artifact]:
    return _artifacts(settings().features, (FEATURE_TABLE, FEATURE_TABLE_CSV), EXTRACTION_PROGRESS)


def audits() -> list[Artifact]:
    return _artifacts(settings().audits, (LEAKAGE_REPORT,), LEAKAGE_SUMMARY)


def ablations() -> list[Artifact]:
    return _artifacts(settings().ablations, (ABLATION_RESULTS,), ABLATION_SUMMARY)


def unseen_source_results() -> list[Artifact]:
    """Finished results of `leave-one-source-out`."""
    return _artifacts(settings().unseen, ("leave_one_source_out.csv",), "leave_one_source_out.json")


def format_experiments() -> list[Artifact]:
    """Finished results of `treatment-study`."""
    return _artifacts(settings().format_experiments, ("treatment_study.csv",), "treatment_study.json")


def _artifacts(root: Path, mains: tuple[str, ...], summary: str) -> list[Artifact]:
    result = []
    for folder in root.iterdir() if root.is_dir() else ():
        main = next((folder / m for m in mains if (folder / m).is_file()), None)
        if main is not None:
            result.append(Artifact(folder.name, folder, main, _json(folder / summary), main.stat().st_mtime))
    return sorted(result, key=lambda f: (-f.modified, f.name))


def _json(path: Path) -> dict[str, Any]:
    try:
        value = read_json(path)
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def demo_images() -> frozenset[str]:
    """sha256 of every image of the demo sets in this data folder; read again when a manifest changes."""
    images: set[str] = set()
    for path in settings().manifests.glob(f"*/{SPLIT_MANIFEST}"):
        if _simulated(*_version(path.parent / DATASET_SUMMARY)):
            images |= _listed(*_version(path))
    return frozenset(images)


def _version(path: Path) -> tuple[Path, int, int]:
    """(path, modification time, size), the key of a cached reading; zeros where the file is missing."""
    try:
        stat = path.stat()
    except OSError:
        return path, 0, 0
    return path, stat.st_mtime_ns, stat.st_size


@lru_cache(maxsize=64)
def _simulated(summary: Path, _changed: int, _size: int) -> bool:
    return is_simulated(summary)


@lru_cache(maxsize=16)
def _listed(path: Path, _changed: int, _size: int) -> frozenset[str]:
    with path.open(newline="", encoding="utf-8") as file:
        return frozenset(row.get("sha256") or "" for row in csv.DictReader(file)) - {""}
