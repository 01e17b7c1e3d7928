"""Manifest in, a copy of its images out whose file formats tell less of the label."""

from cgid.artifacts import SCANNED_MANIFEST
from cgid.data.stamp import images_stamp
from cgid.jobs.kind import JobKind
from cgid.studies.treat_params import TreatParams

KIND = JobKind(
    name="data-treat",
    verb=("data", "treat"),
    title="Treat the images against format leaks",
    help="copy a data set with both classes saved alike, so that the file format cannot tell real from AI",
    params=TreatParams,
    run="cgid.studies.treat:treat",
    inputs=lambda p: [p.manifest],
    outputs=lambda p: [p.output_dir / SCANNED_MANIFEST, p.output_dir / "treatment.json", p.output_dir],
    stamp=lambda p: images_stamp([p.manifest]),
    version=2,
)
