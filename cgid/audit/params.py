"""Parameters of an audit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cgid.params import arg


@dataclass(frozen=True)
class AuditParams:
    features_csv: Path = arg(flag="features", help="feature table (CSV or Parquet)")
    output_dir: Path = arg(help="folder that receives feature_leakage_report.csv, …_summary.json, …_report.md, .html")
    bootstrap: int = arg(200, help="bootstrap resamples for the intervals; 0 = no intervals")
    seed: int = arg(2026, help="random seed")
    manifest: Path | None = arg(
        None,
        help="cleaned manifest with perceptual hashes, to find near-duplicates across splits (CSV); default: matched by sha256",
    )
