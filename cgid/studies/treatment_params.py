"""Parameters of the study of what the file format told: which treatments, which models, and the report at its end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cgid.errors import InputError
from cgid.params import arg

UNTREATED = "none"
TREATMENTS = (UNTREATED, "ai-jpeg", "both-jpeg", "matched")
PARTS = ("train", "val", "test")  # splits that every treatment needs


@dataclass(frozen=True)
class TreatmentStudyParams:
    manifest: Path = arg(help="split manifest (CSV), or the folder of a data set with train, val and test")
    output_dir: Path = arg(help="folder that receives treatment_study.json, .csv, .md and a folder for each treatment")
    treatments: str = arg(
        ",".join(TREATMENTS),
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
    treatments: str = arg(",".join(TREATMENTS), help="comma-separated, in the order of the report")
    model_a: bool = arg(False, help="Model A was trained too")


def named(treatments: str) -> list[str]:
    """The treatments of a list with commas, the untreated images first. Raises InputError on an unknown one."""
    asked = [t.strip() for t in treatments.split(",") if t.strip()]
    if unknown := [t for t in asked if t not in TREATMENTS]:
        raise InputError(f"--treatments: `{unknown[0][:80]}` is not one of {', '.join(TREATMENTS)}.")
    found = [t for t in TREATMENTS if t in asked or t == UNTREATED]
    if len(found) < 2:
        raise InputError(f"--treatments names no treatment; choose of {', '.join(TREATMENTS[1:])}.")
    return found
