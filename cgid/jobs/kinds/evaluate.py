"""Model A run and manifest in, figures with intervals out."""

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
    inputs=lambda p: [p.run / "run_manifest.json", p.manifest],
    outputs=lambda p: [p.output_dir / "metrics_summary.json"],
    stamp=lambda p: images_stamp([p.manifest]),
)
