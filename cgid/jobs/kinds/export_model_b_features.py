"""Records of analysed images in, feature table out."""

from cgid.jobs.kind import JobKind
from cgid.records.params import ExportModelBFeaturesParams

KIND = JobKind(
    name="export-model-b-features",
    verb=("export-model-b-features",),
    title="Export records as features",
    help="export the records of analysed images as a feature table",
    params=ExportModelBFeaturesParams,
    run="cgid.studies.records:export_features",
    inputs=lambda p: [p.label_map] if p.label_map else [],
    outputs=lambda p: [p.output],
    always=True,
)
