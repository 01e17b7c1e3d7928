"""Images in, table of forensic features out.

Feature table in, leakage report out.

Feature table in: what is left when a family is removed?
"""

from __future__ import annotations

from pathlib import Path

from cgid.ablation.params import NAMED_PLANS, AblateParams
from cgid.artifacts import ABLATION_SUMMARY, LEAKAGE_HTML, LEAKAGE_SUMMARY, RUN_MANIFEST
from cgid.audit.params import AuditParams
from cgid.data.paths import images_stamp
from cgid.extraction.params import ExtractParams
from cgid.jobs.kind import JobKind
from cgid.runs.store import current


def _inputs(params: ExtractParams) -> list[Path]:
    """The manifest, and the run whose probability becomes a feature: the one named, else the current one, if asked for."""
    if params.model_a:
        return [params.manifest, params.model_a / RUN_MANIFEST]
    if params.groups and "model_a" not in params.groups.replace(" ", "").split(","):
        return [params.manifest]
    run = current("model_a")
    return [params.manifest, *([run.manifest_path] if run else [])]


EXTRACT = JobKind(
    name="extract",
    verb=("extract",),
    title="Measure forensic features",
    help="measure forensic features of every image of a manifest",
    params=ExtractParams,
    run="cgid.extraction.extract:extract",
    inputs=_inputs,
    outputs=lambda p: [p.output],
    stamp=lambda p: images_stamp([p.manifest]),
)


AUDIT = JobKind(
    name="audit",
    verb=("audit-model-b-features",),
    title="Audit features for leakage",
    help="find features that give the label away",
    params=AuditParams,
    run="cgid.audit.run:audit",
    inputs=lambda p: [p.features_csv, *([p.manifest] if p.manifest else [])],
    outputs=lambda p: [p.output_dir / LEAKAGE_SUMMARY, p.output_dir / LEAKAGE_HTML],
    version=7,
)


ABLATE = JobKind(
    name="ablate",
    verb=("ablate",),
    title="Run ablations",
    help="what is left when families of features are removed",
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
