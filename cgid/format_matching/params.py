"""Parameters of the treatment of a data set against what its file formats give away.

Parameters of the study of what the file format told: which treatments, which models, and the report at its end.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cgid.errors import InputError
from cgid.params import arg

TREATMENTS = {
    "ai-jpeg": "(b) the AI images alone are saved as JPEG",
    "both-jpeg": "(c) the images of both classes are saved as JPEG",
    "matched": "(d) both classes are cropped and saved alike, in qualities as the real photos have them",
}


@dataclass(frozen=True)
class TreatParams:
    manifest: Path = arg(help="manifest of the images (CSV), cleaned and split; the images are only read")
    output_dir: Path = arg(
        help="folder that receives images/, manifest.csv (and train.csv, val.csv, … as it was split), treatment.json, "
        "treatment_images.csv, dropped.csv"
    )
    treatment: str = arg(
        "matched",
        help="; ".join(f"{name} = {words}" for name, words in TREATMENTS.items()),
        choices=tuple(TREATMENTS),
    )
    quality: int = arg(96, help="JPEG quality, 1 to 100, of ai-jpeg and both-jpeg; matched draws its own")
    size: int = arg(
        0,
        help="side of the square that matched cuts out, in pixels, a multiple of 8; 0 = the largest that nine of ten "
        "images of either class hold with 7 pixels to move; smaller images are dropped and listed",
    )
    pad: bool = arg(
        True,
        help="matched: bring every file to the size of the largest with fill bytes, which change no pixel, so that the "
        "size in bytes says nothing",
    )
    seed: int = arg(2026, help="random seed: the same seed and images give the same files")
    workers: int = arg(0, help="processes; 0 = all processors")


UNTREATED = "none"
CONDITIONS = (UNTREATED, "ai-jpeg", "both-jpeg", "matched")
PARTS = ("train", "val", "test")  # splits that every treatment needs


@dataclass(frozen=True)
class TreatmentStudyParams:
    manifest: Path = arg(help="split manifest (CSV), or the folder of a data set with train, val and test")
    output_dir: Path = arg(help="folder that receives treatment_study.json, .csv, .md and a folder for each treatment")
    treatments: str = arg(
        ",".join(CONDITIONS),
        help="comma-separated: ai-jpeg, both-jpeg, matched; the untreated images always come first",
    )
    quality: int = arg(96, help="JPEG quality, 1 to 100, of ai-jpeg and both-jpeg")
    size: int = arg(0, help="side of matched's crop in pixels, a multiple of 8; 0 = from the images")
    model_b: str = arg("linear", help="estimator of Model B", choices=("linear", "forest", "boosting"))
    model_a: str = arg(
        "none",
        help="small = also train Model A on each treatment, with the demo's settings (4 epochs at 128 px)",
        choices=("none", "small"),
    )
    seed: int = arg(2026, help="random seed of treatments and trainings")


@dataclass(frozen=True)
class TreatmentReportParams:
    study: Path = arg(help="folder of a treatment study whose jobs are done")
    treatments: str = arg(",".join(CONDITIONS), help="comma-separated, in the order of the report")
    model_a: bool = arg(False, help="Model A was trained too")


def named(treatments: str) -> list[str]:
    """The treatments of a list with commas, the untreated images first. Raises InputError on an unknown one."""
    asked = [t.strip() for t in treatments.split(",") if t.strip()]
    if unknown := [t for t in asked if t not in CONDITIONS]:
        raise InputError(f"--treatments: `{unknown[0][:80]}` is not one of {', '.join(CONDITIONS)}.")
    found = [t for t in CONDITIONS if t in asked or t == UNTREATED]
    if len(found) < 2:
        raise InputError(f"--treatments names no treatment; choose of {', '.join(CONDITIONS[1:])}.")
    return found
