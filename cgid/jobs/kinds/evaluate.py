"""Model A run and manifest in, figures with intervals out."""

from cgid.artifacts import METRICS_SUMMARY, RUN_MANIFEST
from cgid.data.stamp import images_stamp
from cgid.jobs.kind import JobKind
from cgid.studies.params import EvaluateParams

KIND = JobKind(
    name="evaluate",
    verb=("evaluate",),
    title="Evaluate Model A",
    help="judge a Model A run on a manifest, also degraded",
    params=EvaluateParams,
    run="cgid.studies.evaluation:evaluate",
    inputs=lambda p: [p.run / RUN_MANIFEST, p.manifest],
    outputs=lambda p: [p.output_dir / METRICS_SUMMARY],
    stamp=lambda p: images_stamp([p.manifest]),
)
