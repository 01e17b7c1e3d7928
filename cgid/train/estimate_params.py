"""Parameters of the estimate: those of the training itself, so that one line of flags serves both verbs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cgid.params import arg
from cgid.train.params import TrainModelAParams


@dataclass(frozen=True)
class EstimateTrainingParams(TrainModelAParams):
    output_dir: Path = arg(Path("estimate"), help="not looked at and not written: the training's own flag may stay")
