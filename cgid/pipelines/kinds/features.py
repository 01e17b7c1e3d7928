"""Job kinds of feature tables: extraction, leakage audit, ablation."""

from __future__ import annotations

from pathlib import Path

from cgid.ablation.params import NAMED_PLANS, AblateParams
from cgid.artifacts import ABLATION_SUMMARY, LEAKAGE_HTML, LEAKAGE_SUMMARY, RUN_MANIFEST
from cgid.audit.params import AuditParams
from cgid.data.paths import images_fingerprint
from cgid.extraction.params import ExtractParams
from cgid.jobs.kind import JobKind
from cgid.runs.store import current


def _extract_inputs(params: ExtractParams) -> list[Path]:
    """The manifest, and the run whose probability is a feature: the one named, else the current one, if requested."""
    if params.model_a:
        return [params.manifest, params.model_a / RUN_MANIFEST]
    if params.groups and "model_a" not in params.groups.replace(" ", "").split(","):
        return [params.manifest]
    run = current("model_a")
    return [params.manifest, *([run.manifest_path] if run else [])]


EXTRACT = JobKind(
    name="extract",
    command=("features", "extract"),
    aliases=(("extract",),),
    title="Measure forensic features",
    help="measure forensic features of every image of a manifest",
    params=ExtractParams,
    run="cgid.extraction.extract:extract",
    inputs=_extract_inputs,
    outputs=lambda p: [p.output],
    fingerprint=lambda p: images_fingerprint([p.manifest]),
)


AUDIT = JobKind(
    name="audit",
    command=("audit",),
    aliases=(("audit-model-b-features",),),
    title="Audit features for leakage",
    help="find features that leak the label",
    params=AuditParams,
    run="cgid.audit.run:audit",
    inputs=lambda p: [p.features_csv, *([p.manifest] if p.manifest else [])],
    outputs=lambda p: [p.output_dir / LEAKAGE_SUMMARY, p.output_dir / LEAKAGE_HTML],
    version=7,
)


ABLATE = JobKind(
    name="ablate",
    command=("ablate",),
    title="Run ablations",
    help="measure what a model loses without families of features",
    params=AblateParams,
    run="cgid.ablation.run:ablate",
    inputs=lambda p: [p.features_csv, *([] if p.plan in NAMED_PLANS else [Path(p.plan)])],
    outputs=lambda p: [p.output_dir / ABLATION_SUMMARY],
)

KINDS = (
    EXTRACT,
    AUDIT,
    ABLATE,
)
