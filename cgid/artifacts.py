"""File names of the contracts, and whether an artifact tells of simulated data only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cgid.files import read_json

# Data sets, in a folder of data/manifests
SCANNED_MANIFEST = "manifest.csv"
CLEANED_MANIFEST = "manifest.cleaned.csv"
SPLIT_MANIFEST = "split.csv"
DATASET_SUMMARY = "dataset_summary.json"
KEPT_ROWS = "kept.csv"
DROPPED_ROWS = "dropped.csv"

# Feature tables
FEATURE_TABLE = "features.parquet"
FEATURE_TABLE_CSV = "features.csv"
EXTRACTION_PROGRESS = "training_progress.json"  # the name is a contract of the earlier system

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

# Names of demo data sets, and the `source` of their rows, begin with it.
DEMO_PREFIX = "demo_"


def predictions_file(split: str) -> str:
    """Name of the table of predictions of a split in a run's folder: `predictions_<split>.parquet`."""
    return f"{_PREDICTIONS}{split}.parquet"


def prediction_splits(folder: Path) -> list[str]:
    """Splits of which a folder holds predictions, by name."""
    return [path.stem.removeprefix(_PREDICTIONS) for path in sorted(folder.glob(predictions_file("*")))]


def is_simulated(artifact: Mapping[str, Any] | Path | str, name: str = "") -> bool:
    """Whether an artifact tells of the embedded demo sets only.

    artifact: the content of its JSON or that file. Its field `simulated` decides; where an older one (or a file that
    cannot be read) has none, its name does. name: of the data set or of the `source`; default: of the file's folder.
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
