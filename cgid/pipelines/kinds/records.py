"""A folder of images in, a verdict for each out.

Records of analysed images in, feature table out.

Exported features and manifests in, label map out.
"""

from __future__ import annotations

from cgid.jobs.kind import JobKind
from cgid.records.params import CheckFolderParams, CreateModelBLabelMapParams, ExportModelBFeaturesParams

CHECK_FOLDER = JobKind(
    name="check-folder",
    verb=("check-folder",),
    title="Check a folder of images",
    help="say of every image below a folder whether it looks real or AI-made, as a table",
    params=CheckFolderParams,
    run="cgid.records.check_folder:check_folder",
    inputs=lambda p: [],
    outputs=lambda p: [p.output_dir / "summary.json"],
    always=True,
)


EXPORT_MODEL_B_FEATURES = JobKind(
    name="export-model-b-features",
    verb=("export-model-b-features",),
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
    verb=("create-model-b-label-map",),
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
