"""Images in, table of forensic features out."""

from pathlib import Path

from cgid.data.stamp import images_stamp
from cgid.features.params import ExtractParams
from cgid.jobs.kind import JobKind
from cgid.settings import settings


def _inputs(params: ExtractParams) -> list[Path]:
    """The manifest, and what says which Model A gives its probability: the run named, or the file of the current ones."""
    if params.model_a:
        return [params.manifest, params.model_a / "run_manifest.json"]
    current = settings().artifacts / "current.json"
    return [params.manifest, *([current] if current.exists() else [])]


KIND = JobKind(
    name="extract",
    verb=("extract",),
    title="Measure forensic features",
    help="measure forensic features of every image of a manifest",
    params=ExtractParams,
    run="cgid.features.extract:extract",
    inputs=_inputs,
    outputs=lambda p: [p.output],
    stamp=lambda p: images_stamp([p.manifest]),
)
