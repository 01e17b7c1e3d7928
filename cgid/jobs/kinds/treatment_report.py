"""Audits and models of treated and untreated images in, one comparison out."""

from pathlib import Path

from cgid.artifacts import FEATURE_TABLE, LEAKAGE_SUMMARY, METRICS_SUMMARY, RUN_MANIFEST
from cgid.jobs.kind import JobKind
from cgid.studies.treatment_params import UNTREATED, TreatmentReportParams


def _inputs(params: TreatmentReportParams) -> list[Path]:
    """What is read of each treatment."""
    found = []
    for name in filter(None, (t.strip() for t in params.treatments.split(","))):
        folder = params.study / name
        found += [folder / FEATURE_TABLE, folder / "audit" / LEAKAGE_SUMMARY]
        found.append(folder / "model_b" / RUN_MANIFEST)
        if params.model_a:
            found.append(folder / "model_a" / RUN_MANIFEST)
            found += [folder / "crossed_model_a" / METRICS_SUMMARY] if name != UNTREATED else []
    return found


KIND = JobKind(
    name="treatment-report",
    verb=("treatment-report",),
    title="Report what the format told",
    help="compare audits and models of treated and untreated images (the last step of treatment-study)",
    params=TreatmentReportParams,
    run="cgid.studies.treatment_report:write_report",
    inputs=_inputs,
    outputs=lambda p: [p.study / f"treatment_study.{ending}" for ending in ("json", "csv", "md")],
)
