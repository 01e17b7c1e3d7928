"""Parameters of the comparison of two runs and of the model card."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cgid.params import arg


@dataclass(frozen=True)
class CompareRunsParams:
    run: tuple[Path, ...] = arg(help="two run folders, Model A or B: what is better or worse is said of the second")
    output_dir: Path = arg(help="folder that receives comparison_summary.json, comparison.md, compared_images.csv")
    split: str = arg("test", help="images both have judged: test, val, oof, train, external_NAME")
    bootstrap: int = arg(500, help="bootstrap draws over groups for the intervals; 0 = none")
    seed: int = arg(2026, help="random seed")


@dataclass(frozen=True)
class ModelCardParams:
    run: Path = arg(help="run folder of a Model A or Model B; receives model_card.md")
