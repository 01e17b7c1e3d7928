"""Parameters of format matching and of the experiment that measures how much the file format leaks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cgid.errors import InputError
from cgid.params import arg

METHODS = {
    "ai-jpeg": "(b) only the AI images are saved as JPEG",
    "both-jpeg": "(c) the images of both classes are saved as JPEG",
    "matched": "(d) both classes are cropped and encoded alike, at qualities sampled from the real photos",
}


@dataclass(frozen=True)
class MatchFormatsParams:
    manifest: Path = arg(help="manifest of the images (CSV), cleaned and split; the original images are only read")
    output_dir: Path = arg(
        help="folder that receives images/, manifest.csv (and train.csv, val.csv, … of its splits), treatment.json, "
        "treatment_images.csv, dropped.csv"
    )
    treatment: str = arg(
        "matched",
        help="; ".join(f"{name} = {description}" for name, description in METHODS.items()),
        choices=tuple(METHODS),
    )
    quality: int = arg(96, help="JPEG quality, 1 to 100, of ai-jpeg and both-jpeg; matched samples its own")
    size: int = arg(
        0,
        help="side of the square crop of matched, in pixels, a multiple of 8; 0 = the largest that fits into nine of ten "
        "images of each class with a margin of 7 pixels; smaller images are dropped and listed",
    )
    pad: bool = arg(
        True,
        help="matched: pad every file to the size of the largest with fill bytes, which change no pixel, so that the "
        "file size carries no information",
    )
    seed: int = arg(2026, help="random seed: the same seed and images give the same files")
    workers: int = arg(0, help="processes; 0 = all processors")


UNMATCHED = "none"
CONDITIONS = (UNMATCHED, "ai-jpeg", "both-jpeg", "matched")
REQUIRED_SPLITS = ("train", "val", "test")  # of every condition


@dataclass(frozen=True)
class FormatStudyParams:
    manifest: Path = arg(help="split manifest (CSV), or the folder of a data set with train, val and test")
    output_dir: Path = arg(help="folder that receives treatment_study.json, .csv, .md and a folder for each condition")
    treatments: str = arg(
        ",".join(CONDITIONS),
        help="ai-jpeg, both-jpeg, matched; the unmatched images always come first",
        comma_list=True,
    )
    quality: int = arg(96, help="JPEG quality, 1 to 100, of ai-jpeg and both-jpeg")
    size: int = arg(0, help="side of the crop of matched in pixels, a multiple of 8; 0 = determined from the images")
    model_b: str = arg("linear", help="estimator of Model B", choices=("linear", "forest", "boosting"))
    model_a: str = arg(
        "none",
        help="small = also train Model A on each condition, with the demo's settings (4 epochs at 128 px)",
        choices=("none", "small"),
    )
    seed: int = arg(2026, help="random seed of matching and training")


@dataclass(frozen=True)
class FormatStudyReportParams:
    study: Path = arg(help="folder of a format-matching experiment whose jobs have finished")
    treatments: str = arg(",".join(CONDITIONS), help="in the order of the report", comma_list=True)
    model_a: bool = arg(False, help="include Model A, which was trained on each condition")


def parse_conditions(treatments: str) -> list[str]:
    """The conditions of a comma-separated list, the unmatched images first. Raises InputError on an unknown one."""
    requested = [t.strip() for t in treatments.split(",") if t.strip()]
    if unknown := [t for t in requested if t not in CONDITIONS]:
        raise InputError(f"--treatments: `{unknown[0][:80]}` is not one of {', '.join(CONDITIONS)}.")
    conditions = [t for t in CONDITIONS if t in requested or t == UNMATCHED]
    if len(conditions) < 2:
        raise InputError(f"--treatments names no condition; choose from {', '.join(CONDITIONS[1:])}.")
    return conditions
