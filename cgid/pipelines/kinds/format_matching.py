"""Manifest in, a copy of its images out whose file formats tell less of the label.

Audits and models of treated and untreated images in, one comparison out.
"""

from __future__ import annotations

from pathlib import Path

from cgid.artifacts import FEATURE_TABLE, LEAKAGE_SUMMARY, METRICS_SUMMARY, RUN_MANIFEST, SCANNED_MANIFEST
from cgid.data.paths import images_stamp
from cgid.format_matching.params import UNTREATED, TreatmentReportParams, TreatParams
from cgid.jobs.kind import JobKind

DATA_TREAT = JobKind(
    name="data-treat",
    verb=("data", "treat"),
    title="Treat the images against format leaks",
    help="copy a data set with both classes saved alike, so that the file format cannot tell real from AI",
    params=TreatParams,
    run="cgid.format_matching.match:treat",
    inputs=lambda p: [p.manifest],
    outputs=lambda p: [p.output_dir / SCANNED_MANIFEST, p.output_dir / "treatment.json", p.output_dir],
    stamp=lambda p: images_stamp([p.manifest]),
    version=2,
)


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


TREATMENT_REPORT = JobKind(
    name="treatment-report",
    verb=("treatment-report",),
    title="Report what the format told",
    help="compare audits and models of treated and untreated images (the last step of treatment-study)",
    params=TreatmentReportParams,
    run="cgid.format_matching.study:write_report",
    inputs=_inputs,
    outputs=lambda p: [p.study / f"treatment_study.{ending}" for ending in ("json", "csv", "md")],
)

KINDS = (
    DATA_TREAT,
    TREATMENT_REPORT,
)
