"""Parameters of an ablation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cgid.params import arg

NAMED_PLANS = ("presets", "groups", "everything")  # any other plan is a YAML file


@dataclass(frozen=True)
class AblateParams:
    features_csv: Path = arg(flag="features", help="feature table (CSV or Parquet)")
    output_dir: Path = arg(help="folder that receives ablation_results.csv, ablation_folds.csv, ablation_summary.json")
    plan: str = arg(
        "presets",
        help="`presets` (all, no_jpeg, no_format), `groups` (without one family or group, only one), `everything` (both), "
        "or a YAML file",
    )
    folds: int = arg(5, help="folds of the cross-validation, by group")
    repeats: int = arg(5, help="repetitions of the cross-validation")
    seed: int = arg(2026, help="random seed")
    models: str = arg("linear", help="kinds of model on the same folds: linear, forest, boosting", comma_list=True)
    workers: int = arg(0, help="processes for the folds; 0 = all processors, where parallel work pays off")
    executor: str = arg("local", help="`local` processes, or `dask://HOST:PORT` of a running scheduler")
