"""Parameters of what is done with a finished run: evaluation, exports, promotion."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cgid.params import arg


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
