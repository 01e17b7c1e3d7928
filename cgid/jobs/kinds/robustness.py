"""Model A run in, what is left of it after compression, shrinking, blur and noise out."""

from cgid.artifacts import RUN_MANIFEST
from cgid.jobs.kind import JobKind
from cgid.studies.robustness_params import RobustnessParams

KIND = JobKind(
    name="robustness",
    verb=("robustness",),
    title="Measure robustness",
    help="judge a Model A run on its test images degraded: tiers, JPEG quality, blur, size, noise",
    params=RobustnessParams,
    run="cgid.studies.robustness:robustness",
    inputs=lambda p: [p.run / RUN_MANIFEST, *([p.manifest] if p.manifest else [])],
    outputs=lambda p: [p.run / "robustness" / "robustness.json"],
    always=True,
)
