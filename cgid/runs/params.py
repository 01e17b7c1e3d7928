"""Parameters of what is done with a finished run: evaluation, exports, promotion.

Parameters of the comparison of two runs and of the model card.

Parameters of the gallery of worst errors.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cgid.params import arg


@dataclass(frozen=True)
class EvaluateParams:
    run: Path = arg(help="Model A run folder")
    manifest: Path = arg(help="manifest of images (CSV)")
    output_dir: Path = arg(help="folder that receives the exports and predictions")
    tiers: str = arg("clean", help="clean, web (long side <= 768, Q60), hard (<= 512, Q40)", comma_list=True)


@dataclass(frozen=True)
class ExportModelAResultsParams:
    run_manifest: Path = arg(help="run_manifest.json of a Model A run")


@dataclass(frozen=True)
class PromoteParams:
    run: Path = arg(help="run folder of a Model A or Model B")


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


@dataclass(frozen=True)
class WorstErrorsParams:
    run: Path = arg(help="run folder of a Model A or Model B; receives errors/SPLIT/")
    split: str = arg("test", help="images to choose from: test, val, oof, train, external_NAME")
    images: int = arg(24, help="most images, half of them real photos wrongly accused, half AI images missed; 2 to 200")
    grid: int = arg(8, help="places a side of each map; every place is one run of the network; 2 to 32")
