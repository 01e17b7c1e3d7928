"""A Model A run in, a checked ONNX file out."""

from pathlib import Path

from cgid.artifacts import MODEL_A_WEIGHTS, ONNX_MODEL, RUN_MANIFEST
from cgid.jobs.kind import JobKind
from cgid.train.params import ExportOnnxParams


def _inputs(params: ExportOnnxParams) -> list[Path]:
    """The weights; a run without (imported, an average) goes to the step, which says why it cannot be exported."""
    weights = params.run / MODEL_A_WEIGHTS
    return [weights if weights.is_file() else params.run / RUN_MANIFEST]


def _outputs(params: ExportOnnxParams) -> list[Path]:
    """A refused copy is no file: asked for again, it is judged again."""
    names = [name.strip() for name in params.variants.split(",") if name.strip()]
    return [params.run / ONNX_MODEL, *(params.run / f"model_{name}.onnx" for name in names)]


KIND = JobKind(
    name="export-onnx",
    verb=("export-onnx",),
    title="Export Model A to ONNX",
    help="export a Model A run to ONNX, with parity check; smaller copies by --variants",
    params=ExportOnnxParams,
    run="cgid.train.export_onnx:export",
    inputs=_inputs,
    outputs=_outputs,
)
