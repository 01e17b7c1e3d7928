"""Feature table in: what is left when a family is removed?"""

from pathlib import Path

from cgid.ablation.params import NAMED_PLANS, AblateParams
from cgid.artifacts import ABLATION_SUMMARY
from cgid.jobs.kind import JobKind

KIND = JobKind(
    name="ablate",
    verb=("ablate",),
    title="Run ablations",
    help="what is left when families of features are removed",
    params=AblateParams,
    run="cgid.studies.ablation:ablate",
    inputs=lambda p: [p.features_csv, *([] if p.plan in NAMED_PLANS else [Path(p.plan)])],
    outputs=lambda p: [p.output_dir / ABLATION_SUMMARY],
)
