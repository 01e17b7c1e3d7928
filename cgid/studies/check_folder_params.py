"""Parameters of a check of a whole folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cgid.params import arg


@dataclass(frozen=True)
class CheckFolderParams:
    root: Path = arg(help="folder of images; folders below it are looked into")
    output_dir: Path = arg(help="receives checks.csv, checks.jsonl and summary.json")
    workers: int = arg(0, help="processes; 0 = all processors")
    model_a: str = arg("", help="another Model A than the current one: a run's id or folder, an ONNX file, or none")
    model_b: str = arg("", help="another Model B than the current one: a run's id or folder, or none")
    record: bool = arg(True, help="keep each answer in the database, so that it is on the page History")
