"""Parameters of the jobs on records: export of features, label map, check of a whole folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cgid.params import arg


@dataclass(frozen=True)
class ExportModelBFeaturesParams:
    output: Path = arg(help="feature table to write (CSV), from the records of analysed images")
    label_map: Path | None = arg(None, help="label map whose final_label becomes target_label (CSV)")


@dataclass(frozen=True)
class CreateModelBLabelMapParams:
    features_csv: Path = arg(flag="features", help="exported features (CSV)")
    output: Path = arg(help="label map to write (CSV)")
    manifest: tuple[Path, ...] = arg((), help="manifests with labels, matched by sha256 and by file name (CSV)")


@dataclass(frozen=True)
class CheckFolderParams:
    root: Path = arg(help="folder of images, including its subfolders")
    output_dir: Path = arg(help="receives checks.csv, checks.jsonl and summary.json")
    workers: int = arg(0, help="processes; 0 = all processors")
    model_a: str = arg(
        "", help="Model A to use instead of the current one: a run's id or folder, an ONNX file, or none"
    )
    model_b: str = arg("", help="Model B to use instead of the current one: a run's id or folder, or none")
    record: bool = arg(True, help="save each check in the database, so that it appears on the page History")
