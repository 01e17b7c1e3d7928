"""Parameters of the gallery of worst errors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cgid.params import arg


@dataclass(frozen=True)
class WorstErrorsParams:
    run: Path = arg(help="run folder of a Model A or Model B; receives errors/SPLIT/")
    split: str = arg("test", help="images to choose from: test, val, oof, train, external_NAME")
    images: int = arg(24, help="most images, half of them real photos wrongly accused, half AI images missed; 2 to 200")
    grid: int = arg(8, help="places a side of each map; every place is one run of the network; 2 to 32")
