"""A folder of images in, a verdict for each out."""

from cgid.jobs.kind import JobKind
from cgid.records.params import CheckFolderParams

KIND = JobKind(
    name="check-folder",
    verb=("check-folder",),
    title="Check a folder of images",
    help="say of every image below a folder whether it looks real or AI-made, as a table",
    params=CheckFolderParams,
    run="cgid.studies.check_folder:check_folder",
    inputs=lambda p: [],
    outputs=lambda p: [p.output_dir / "summary.json"],
    always=True,
)
