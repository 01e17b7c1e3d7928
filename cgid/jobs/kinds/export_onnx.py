"""A Model A run in, a checked ONNX file out."""

from cgid.jobs.kind import JobKind
from cgid.train.params import ExportOnnxParams

KIND = JobKind(
    name="export-onnx",
    verb=("export-onnx",),
    title="Export Model A to ONNX",
    help="export a Model A run to ONNX, with parity check",
    params=ExportOnnxParams,
    run="cgid.train.export_onnx:export",
    inputs=lambda p: [p.run / "model_a_best.pt"],
    outputs=lambda p: [p.run / "model.onnx"],
)
