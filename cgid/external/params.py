"""Parameters of the two imports: somebody else's scores, and somebody else's detector."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cgid.params import arg

SCORES = ("probability", "logit")


@dataclass(frozen=True)
class ImportPredictionsParams:
    predictions: Path = arg(
        help="scores (CSV or Parquet): filepath or sha256, score, optionally label, source, generator; of damaged "
        "images "
        "also tier, or degradation and level"
    )
    manifest: Path = arg(
        help="manifest with labels, groups and the splits val, test and, if any, external, train (CSV)"
    )
    output_dir: Path = arg(help="run folder that receives predictions, thresholds, metrics and exports")
    name: str = arg("", help="name of the detector; the run folder's name where not given")
    score: str = arg(
        "probability", help="what `score` is: P(ai) from 0 to 1, or its log odds, rising with `ai`", choices=SCORES
    )


@dataclass(frozen=True)
class ImportDetectorParams:
    onnx: Path = arg(help="the detector, one ONNX file without external data")
    sidecar: Path = arg(
        help="specification of input and output (JSON): input_size, fit, mean, std, output, positive_class, …"
    )
    val_manifest: Path = arg(help="validation images (CSV): half of them fit calibration and thresholds")
    test_manifest: Path = arg(help="test images (CSV)")
    output_dir: Path = arg(help="run folder that receives model.onnx, predictions, thresholds, metrics and exports")
    external_manifest: tuple[Path, ...] = arg((), help="external images to evaluate as well (CSV)")
    name: str = arg("", help="name of the detector; the run folder's name where not given")
