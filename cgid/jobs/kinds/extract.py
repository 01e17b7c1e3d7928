"""Images in, table of forensic features out."""

from pathlib import Path

from cgid.artifacts import RUN_MANIFEST
from cgid.data.stamp import images_stamp
from cgid.features.params import ExtractParams
from cgid.jobs.kind import JobKind
from cgid.models.store import current


def _inputs(params: ExtractParams) -> list[Path]:
    """The manifest, and the run whose probability becomes a feature: the one named, else the current one, if asked for."""
    if params.model_a:
        return [params.manifest, params.model_a / RUN_MANIFEST]
    if params.groups and "model_a" not in params.groups.replace(" ", "").split(","):
        return [params.manifest]
    run = current("model_a")
    return [params.manifest, *([run.manifest_path] if run else [])]


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
