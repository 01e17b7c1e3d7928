"""Manifests in, a trained CNN out."""

from cgid.artifacts import MODEL_A_WEIGHTS, ONNX_MODEL, RUN_MANIFEST
from cgid.data.stamp import images_stamp
from cgid.jobs.kind import JobKind
from cgid.train.params import TrainModelAParams


def _slot(params: TrainModelAParams) -> str:
    """The graphics card's slot unless the processor is asked for or there is no card to see."""
    import shutil

    if params.device.startswith("cuda"):
        return "gpu"
    return "gpu" if params.device == "auto" and shutil.which("nvidia-smi") else "cpu"


KIND = JobKind(
    name="train-model-a",
    verb=("train-model-a",),
    title="Train Model A",
    help="train a CNN on the pixels of a manifest",
    params=TrainModelAParams,
    run="cgid.train.model_a:train",
    inputs=lambda p: [p.train_manifest, p.val_manifest, p.test_manifest, *p.external_manifest],
    outputs=lambda p: [p.output_dir / n for n in (RUN_MANIFEST, MODEL_A_WEIGHTS, ONNX_MODEL)],
    stamp=lambda p: images_stamp([p.train_manifest, p.val_manifest, p.test_manifest, *p.external_manifest]),
    slot=_slot,
)
