"""Folder of images in, manifest out."""

from cgid.data.params import ScanParams
from cgid.jobs.kind import JobKind

KIND = JobKind(
    name="data-scan",
    verb=("data", "scan"),
    title="List the images of a folder",
    help="list a folder of images as a manifest",
    params=ScanParams,
    run="cgid.data.scan:scan",
    inputs=lambda p: [p.root],
    outputs=lambda p: [p.output],
)
