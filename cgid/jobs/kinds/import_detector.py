"""An ONNX file and its sidecar in, a Model A run folder out."""

from cgid.artifacts import ONNX_MODEL, RUN_MANIFEST
from cgid.data.stamp import images_stamp
from cgid.jobs.kind import JobKind
from cgid.studies.import_params import ImportDetectorParams

KIND = JobKind(
    name="import-detector",
    verb=("import-detector",),
    title="Import a detector",
    help="judge any detector (ONNX and a sidecar) and make it a Model A run",
    params=ImportDetectorParams,
    run="cgid.studies.import_detector:import_detector",
    inputs=lambda p: [p.onnx, p.sidecar, p.val_manifest, p.test_manifest, *p.external_manifest],
    outputs=lambda p: [p.output_dir / n for n in (RUN_MANIFEST, ONNX_MODEL)],
    stamp=lambda p: images_stamp([p.val_manifest, p.test_manifest, *p.external_manifest]),
)
