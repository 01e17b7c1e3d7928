"""Parameters of the studies: audit, ablation, evaluation, promotion, records."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cgid.params import arg

NAMED_PLANS = ("presets", "groups", "everything")  # any other plan is a YAML file


@dataclass(frozen=True)
class AuditParams:
    features_csv: Path = arg(help="feature table (CSV or Parquet)")
    output_dir: Path = arg(help="folder that receives feature_leakage_report.csv, …_summary.json, …_report.md, .html")
    bootstrap: int = arg(200, help="bootstrap draws for the intervals; 0 = none")
    seed: int = arg(2026, help="random seed")
    manifest: Path | None = arg(
        None, help="cleaned manifest whose near-duplicates are looked for across splits (CSV); default: found by sha256"
    )


@dataclass(frozen=True)
class AblateParams:
    features_csv: Path = arg(help="feature table (CSV or Parquet)")
    output_dir: Path = arg(help="folder that receives ablation_results.csv, ablation_folds.csv, ablation_summary.json")
    plan: str = arg(
        "presets",
        help="`presets` (all, no_jpeg, no_format), `groups` (without one family or group, only one), `everything` (both), "
        "or a YAML file",
    )
    folds: int = arg(5, help="folds of the cross-validation, by group")
    repeats: int = arg(5, help="repetitions of the cross-validation")
    seed: int = arg(2026, help="random seed")
    models: str = arg("linear", help="kinds of model on the same folds, comma-separated: linear, forest, boosting")
    workers: int = arg(0, help="processes that share out the folds; 0 = all processors, where the work is worth it")
    executor: str = arg("local", help="`local` processes, or `dask://HOST:PORT` of a running scheduler")


@dataclass(frozen=True)
class EvaluateParams:
    run: Path = arg(help="Model A run folder")
    manifest: Path = arg(help="manifest of images (CSV)")
    output_dir: Path = arg(help="folder that receives the exports and predictions")
    tiers: str = arg("clean", help="comma-separated: clean, web (long side <= 768, Q60), hard (<= 512, Q40)")


@dataclass(frozen=True)
class ExportModelAResultsParams:
    run_manifest: Path = arg(help="run_manifest.json of a Model A run")


@dataclass(frozen=True)
class PromoteParams:
    run: Path = arg(help="run folder of a Model A or Model B")


@dataclass(frozen=True)
class ExportModelBFeaturesParams:
    output: Path = arg(help="feature table to write (CSV), from the records of analysed images")
    label_map: Path | None = arg(None, help="label map whose final_label becomes target_label (CSV)")


@dataclass(frozen=True)
class CreateModelBLabelMapParams:
    features_csv: Path = arg(help="exported features (CSV)")
    output: Path = arg(help="label map to write (CSV)")
    manifest: tuple[Path, ...] = arg((), help="manifests that know labels, by sha256 and by file name (CSV)")
