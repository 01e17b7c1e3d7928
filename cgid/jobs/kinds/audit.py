"""Feature table in, leakage report out."""

from cgid.jobs.kind import JobKind
from cgid.studies.params import AuditParams

KIND = JobKind(
    name="audit",
    verb=("audit-model-b-features",),
    title="Audit features for leakage",
    help="find features that give the label away",
    params=AuditParams,
    run="cgid.studies.audit:audit",
    inputs=lambda p: [p.features_csv, *([p.manifest] if p.manifest else [])],
    outputs=lambda p: [p.output_dir / "feature_leakage_summary.json", p.output_dir / "feature_leakage_report.html"],
    version=7,
)
