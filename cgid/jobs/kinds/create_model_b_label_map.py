"""Exported features and manifests in, label map out."""

from cgid.jobs.kind import JobKind
from cgid.records.params import CreateModelBLabelMapParams

KIND = JobKind(
    name="create-model-b-label-map",
    verb=("create-model-b-label-map",),
    title="Create a label map",
    help="fill a label map by file name and sha256 from manifests",
    params=CreateModelBLabelMapParams,
    run="cgid.studies.records:create_label_map",
    inputs=lambda p: [p.features_csv, *p.manifest],
    outputs=lambda p: [p.output],
    version=2,
)
