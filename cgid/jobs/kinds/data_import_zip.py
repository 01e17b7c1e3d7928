"""Zip of images in, folder and manifest out."""

from cgid.data.params import ImportZipParams
from cgid.jobs.kind import JobKind

KIND = JobKind(
    name="data-import-zip",
    verb=("data", "import-zip"),
    title="Unpack an archive of images",
    help="unpack a zip of images and list it as a manifest",
    params=ImportZipParams,
    run="cgid.data.archive:import_zip",
    inputs=lambda p: [p.archive],
    outputs=lambda p: [p.output_dir, p.output],
)
