"""Images in, table of forensic features out."""

from cgid.features.params import ExtractParams
from cgid.jobs.kind import JobKind

KIND = JobKind(
    name="extract",
    verb=("extract",),
    title="Measure forensic features",
    help="measure forensic features of every image of a manifest",
    params=ExtractParams,
    run="cgid.features.extract:extract",
    inputs=lambda p: [p.manifest, *([p.model_a / "run_manifest.json"] if p.model_a else [])],
    outputs=lambda p: [p.output],
)
