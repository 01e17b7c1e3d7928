"""Manifests in, an average of trainings on noise residuals out: the preset for generators never seen."""

from cgid.artifacts import ONNX_MODEL, RUN_MANIFEST
from cgid.data.stamp import images_stamp
from cgid.jobs.kind import JobKind
from cgid.jobs.kinds.train_model_a import KIND as TRAINING
from cgid.studies.robust_params import TrainRobustParams

KIND = JobKind(
    name="train-robust",
    verb=("train-robust",),
    title="Train Model A, robust",
    help="train three networks on what noise filters leave of both classes damaged alike, and average them",
    params=TrainRobustParams,
    run="cgid.studies.robust:train_robust",
    inputs=TRAINING.inputs,
    outputs=lambda p: [p.output_dir / n for n in (RUN_MANIFEST, ONNX_MODEL)],
    stamp=lambda p: images_stamp([p.train_manifest, p.val_manifest, p.test_manifest, *p.external_manifest]),
    slot=TRAINING.slot,
)
