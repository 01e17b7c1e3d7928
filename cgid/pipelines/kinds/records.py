"""Job kinds of records: a folder checked, records exported as features, a label map filled from manifests."""

from __future__ import annotations

from cgid.jobs.kind import JobKind
from cgid.records.params import CheckFolderParams, CreateModelBLabelMapParams, ExportModelBFeaturesParams

CHECK_FOLDER = JobKind(
    name="check-folder",
    command=("check-folder",),
    title="Check a folder of images",
    help="check every image below a folder; the verdicts as a table",
    params=CheckFolderParams,
    run="cgid.records.check_folder:check_folder",
    inputs=lambda p: [],
    outputs=lambda p: [p.output_dir / "summary.json"],
    always=True,
)


EXPORT_MODEL_B_FEATURES = JobKind(
    name="export-model-b-features",
    command=("model-b", "export-features"),
    aliases=(("export-model-b-features",),),
    title="Export records as features",
    help="export the records of analysed images as a feature table",
    params=ExportModelBFeaturesParams,
    run="cgid.records.export_features:export_features",
    inputs=lambda p: [p.label_map] if p.label_map else [],
    outputs=lambda p: [p.output],
    always=True,
)


CREATE_MODEL_B_LABEL_MAP = JobKind(
    name="create-model-b-label-map",
    command=("model-b", "label-map"),
    aliases=(("create-model-b-label-map",),),
    title="Create a label map",
    help="fill a label map by file name and sha256 from manifests",
    params=CreateModelBLabelMapParams,
    run="cgid.records.export_features:create_label_map",
    inputs=lambda p: [p.features_csv, *p.manifest],
    outputs=lambda p: [p.output],
    version=2,
)

KINDS = (
    CHECK_FOLDER,
    EXPORT_MODEL_B_FEATURES,
    CREATE_MODEL_B_LABEL_MAP,
)
