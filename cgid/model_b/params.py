"""Parameters of Model B: its data set and its training."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cgid.params import arg

MODEL_B_KINDS = ("linear", "logistic", "forest", "boosting")


@dataclass(frozen=True)
class BuildModelBDatasetParams:
    manifest: tuple[Path, ...] = arg(help="manifests to sample from (CSV)")
    output_dir: Path = arg(
        help="folder that receives model_b_features_labeled.csv, model_b_label_map.csv, build_summary.json"
    )
    per_class: int = arg(100, help="images of each class")
    seed: int = arg(2026, help="random seed")
    require_extension_overlap: bool = arg(False, help="use only file extensions that both classes have")
    min_unique_extensions_per_class: int = arg(1, help="refuse data in which a class has fewer file extensions")
    workers: int = arg(0, help="processes; 0 = all processors")


@dataclass(frozen=True)
class TrainModelBParams:
    features_csv: Path = arg(flag="features", help="feature table (CSV or Parquet)")
    output_dir: Path = arg(help="run folder to write")
    kind: str = arg("linear", help="estimator", choices=MODEL_B_KINDS)
    epochs: int = arg(200, help="passes over the rows (linear)")
    batch_size: int = arg(32, help="rows in one step (linear)")
    lr: float = arg(1e-2, help="learning rate (linear)")
    cv: int = arg(
        0, help="folds of grouped cross-validation over training and validation rows (3 to 20, usual: 5); 0 = none"
    )
    seed: int = arg(2026, help="random seed")
    external_features: tuple[Path, ...] = arg(
        (), help="feature tables of other data sets, evaluated and reported separately"
    )
    exclude_features: tuple[str, ...] = arg((), help="features to leave out")
    exclude_prefixes: tuple[str, ...] = arg((), help="prefixes of features to leave out, such as jpeg_ metadata_")
    gate: float = arg(
        0.0,
        help="leakage gate: refuse training rows whose container or provenance features alone predict the label "
        "with a higher balanced "
        "accuracy than this, such as 0.60; 0 = off",
    )
