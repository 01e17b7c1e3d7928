"""Manifest in, manifest of usable images out; what was dropped is listed with its reason."""

from cgid.data.params import CleanParams
from cgid.data.stamp import images_stamp
from cgid.jobs.kind import JobKind

KIND = JobKind(
    name="data-clean",
    verb=("data", "clean"),
    title="Check every image",
    help="drop unreadable, duplicate and contradictory images, each with its reason",
    params=CleanParams,
    run="cgid.data.clean:clean",
    inputs=lambda p: [p.manifest],
    outputs=lambda p: [p.output],
    stamp=lambda p: images_stamp([p.manifest]),
)
