"""Parameters of a run's robustness."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cgid.params import arg


@dataclass(frozen=True)
class RobustnessParams:
    run: Path = arg(help="Model A run folder with an ONNX file; receives robustness/")
    manifest: Path | None = arg(None, help="manifest of images (CSV); without it the images of the run's own test")
    images: int = arg(300, help="maximum number of images: whole groups, each class and source in proportion")
    seed: int = arg(2026, help="random seed of sampling and noise")
