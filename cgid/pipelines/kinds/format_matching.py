"""Job kinds of format matching: a copy of the images with matched formats, and the report of the experiment."""

from __future__ import annotations

from pathlib import Path

from cgid.artifacts import FEATURE_TABLE, LEAKAGE_SUMMARY, METRICS_SUMMARY, RUN_MANIFEST, SCANNED_MANIFEST
from cgid.data.paths import images_fingerprint
from cgid.format_matching.params import UNMATCHED, FormatStudyReportParams, MatchFormatsParams
from cgid.jobs.kind import JobKind

DATA_MATCH_FORMATS = JobKind(
    name="data-treat",
    command=("data", "match-formats"),
    aliases=(("data", "treat"),),
    title="Match the file formats",
    help="copy a data set with both classes cropped and encoded alike, so that the file format does not leak the label",
    params=MatchFormatsParams,
    run="cgid.format_matching.match:match_formats",
    inputs=lambda p: [p.manifest],
    outputs=lambda p: [p.output_dir / SCANNED_MANIFEST, p.output_dir / "treatment.json", p.output_dir],
    fingerprint=lambda p: images_fingerprint([p.manifest]),
    version=2,
)


def _report_inputs(params: FormatStudyReportParams) -> list[Path]:
    """The files that are read of each condition."""
    inputs = []
    for name in filter(None, (t.strip() for t in params.treatments.split(","))):
        folder = params.study / name
        inputs += [folder / FEATURE_TABLE, folder / "audit" / LEAKAGE_SUMMARY]
        inputs.append(folder / "model_b" / RUN_MANIFEST)
        if params.model_a:
            inputs.append(folder / "model_a" / RUN_MANIFEST)
            inputs += [folder / "crossed_model_a" / METRICS_SUMMARY] if name != UNMATCHED else []
    return inputs


FORMAT_MATCHING_REPORT = JobKind(
    name="treatment-report",
    command=("format-matching", "report"),
    aliases=(("treatment-report",),),
    title="Report how much the format leaks",
    help="compare audits and models of matched and unmatched images (the last step of format-matching run)",
    params=FormatStudyReportParams,
    run="cgid.format_matching.study:write_report",
    inputs=_report_inputs,
    outputs=lambda p: [p.study / f"treatment_study.{ending}" for ending in ("json", "csv", "md")],
)

KINDS = (
    DATA_MATCH_FORMATS,
    FORMAT_MATCHING_REPORT,
)
