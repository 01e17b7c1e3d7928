"""Feature table in, leakage report out."""

from cgid.artifacts import LEAKAGE_HTML, LEAKAGE_SUMMARY
from cgid.audit.params import AuditParams
from cgid.jobs.kind import JobKind

KIND = JobKind(
    name="audit",
    verb=("audit-model-b-features",),
    title="Audit features for leakage",
    help="find features that give the label away",
    params=AuditParams,
    run="cgid.studies.audit:audit",
    inputs=lambda p: [p.features_csv, *([p.manifest] if p.manifest else [])],
    outputs=lambda p: [p.output_dir / LEAKAGE_SUMMARY, p.output_dir / LEAKAGE_HTML],
    version=7,
)
