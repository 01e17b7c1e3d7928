"""Parameters of averaging runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cgid.params import arg


@dataclass(frozen=True)
class AverageRunsParams:
    run: tuple[Path, ...] = arg(
        help="finished Model A runs of the same manifests, two or more: --run A --run B --run C"
    )
    output_dir: Path = arg(help="run folder to write")
