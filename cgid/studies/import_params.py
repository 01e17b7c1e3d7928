"""Parameters of importing what somebody else's detector said."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cgid.params import arg

SCORES = ("probability", "logit")


@dataclass(frozen=True)
class ImportPredictionsParams:
    predictions: Path = arg(
        help="scores (CSV or Parquet): filepath or sha256, score, optionally label, source, generator"
    )
    manifest: Path = arg(
        help="manifest with labels, groups and the splits val, test and, if any, external, train (CSV)"
    )
    output_dir: Path = arg(help="run folder that receives predictions, thresholds, figures and exports")
    name: str = arg("", help="what the detector is called; the run folder's name where not given")
    score: str = arg(
        "probability", help="what `score` is: P(ai) from 0 to 1, or its log odds, rising with `ai`", choices=SCORES
    )
