"""Parameters of feature extraction."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cgid.params import arg


@dataclass(frozen=True)
class ExtractParams:
    manifest: Path = arg(help="manifest of the images (CSV)")
    output: Path = arg(
        help="feature table to write (Parquet); training_progress.json and failures.csv are written to the same folder"
    )
    workers: int = arg(0, help="processes; 0 = all processors")
    groups: str = arg("", help="feature groups; empty = all", comma_list=True)
    executor: str = arg("local", help="`local` processes, or `dask://HOST:PORT` of a running scheduler")
    model_a: Path | None = arg(None, help="Model A run whose probability becomes a feature; default: the current one")
    send_files: bool = arg(
        False,
        help="always send images and Model A to the workers of a cluster; default: only where they cannot see them",
    )
