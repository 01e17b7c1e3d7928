"""Parameters of the data steps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cgid.params import arg


@dataclass(frozen=True)
class DemoDataParams:
    output_dir: Path = arg(help="folder that receives `leaky/` and `matched/`")
    count: int = arg(800, help="images in each version, half real, half simulated AI")
    size: int = arg(256, help="side of an image in pixels")
    seed: int = arg(2026, help="random seed: the same seed gives the same files")


@dataclass(frozen=True)
class ScanParams:
    root: Path = arg(help="folder of images in one of the known layouts")
    output: Path = arg(help="manifest to write (CSV)")
    source: str = arg("", help="name of the data set in the column `source`; default: the folder's name")


@dataclass(frozen=True)
class ImportZipParams:
    archive: Path = arg(help="zip file of images in one of the known layouts")
    output_dir: Path = arg(help="folder the images are unpacked into")
    output: Path = arg(help="manifest to write (CSV)")
    source: str = arg("", help="name of the data set in the column `source`; default: the archive's name")


@dataclass(frozen=True)
class CleanParams:
    manifest: Path = arg(help="manifest to clean (CSV)")
    output: Path = arg(
        help="cleaned manifest to write (CSV); `dropped.csv` with the reasons is written to the same folder"
    )
    workers: int = arg(0, help="processes; 0 = all processors")


@dataclass(frozen=True)
class SplitParams:
    manifest: Path = arg(help="cleaned manifest (CSV)")
    output_dir: Path = arg(help="folder that receives train.csv, val.csv, test.csv, split.csv, dataset_summary.json")
    ratios: tuple[int, ...] = arg((70, 15, 15), help="train, val and test in per cent")
    seed: int = arg(2026, help="random seed")
    max_per_class: int | None = arg(None, help="at most this many images of each class and split")
    balance: bool = arg(False, help="reduce the larger class of each split to the size of the smaller")
    keep_splits: bool = arg(False, help="retain the splits of the manifest; groups that span splits lose rows")


@dataclass(frozen=True)
class PrepareParams:
    root: Path = arg(help="folder of CIFAKE (train, test) or of GenImage (a folder for each generator), unpacked")
    output_dir: Path = arg(
        help="folder that receives train.csv, val.csv, test.csv, external_<generator>.csv, kept.csv, dataset_summary.json"
    )
    layout: str = arg(
        "auto",
        help="layout of the folder; its published test images (GenImage: val) stay the test split",
        choices=("auto", "cifake", "genimage"),
    )
    source: str = arg("", help="name of the data set in the column `source`; default: the folder's name")
    hold_out: tuple[str, ...] = arg(
        (), help="generators held out of train, val and test, each with its own external manifest"
    )
    max_per_class: int | None = arg(
        None, help="at most this many images of each class and split, shared evenly by the generators"
    )
    max_per_generator: int | None = arg(
        None, help="at most this many images of each class, generator and split (real images of its folder too)"
    )
    balance: bool = arg(True, help="as many real as AI images of each generator in each split, as groups allow")
    val_percent: int = arg(10, help="percentage of the training images used for validation, in whole groups")
    seed: int = arg(2026, help="random seed: the same seed and images give the same rows")
    workers: int = arg(0, help="processes; 0 = all processors")
