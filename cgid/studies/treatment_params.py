"""Parameters of the study of what the file format told: which treatments, which models, and the report at its end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cgid.params import arg

UNTREATED = "none"
TREATMENTS = (UNTREATED, "ai-jpeg", "both-jpeg", "matched")


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
