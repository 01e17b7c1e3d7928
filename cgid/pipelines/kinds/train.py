"""Job kinds that train Model A or Model B, and what goes with it: estimate, ensemble, ONNX export, data set."""

from __future__ import annotations

from pathlib import Path

from cgid.artifacts import MODEL_A_WEIGHTS, MODEL_B_FEATURES, ONNX_MODEL, RUN_MANIFEST
from cgid.data.paths import images_fingerprint
from cgid.jobs.kind import JobKind
from cgid.model_b.params import BuildModelBDatasetParams, TrainModelBParams
from cgid.train.params import (
    AverageRunsParams,
    EstimateTrainingParams,
    ExportOnnxParams,
    LeaveOneSourceOutParams,
    TrainModelAParams,
    TrainRobustParams,
)


def _resource(params: TrainModelAParams) -> str:
    """`gpu` unless the processor is requested or no NVIDIA driver is there."""
    import shutil

    if params.device.startswith("cuda"):
        return "gpu"
    return "gpu" if params.device == "auto" and shutil.which("nvidia-smi") else "cpu"


TRAIN_MODEL_A = JobKind(
    name="train-model-a",
    command=("model-a", "train"),
    aliases=(("train-model-a",),),
    title="Train Model A",
    help="train a CNN on the pixels of a manifest",
    params=TrainModelAParams,
    run="cgid.train.model_a:train",
    inputs=lambda p: [p.train_manifest, p.val_manifest, p.test_manifest, *p.external_manifest],
    outputs=lambda p: [p.output_dir / n for n in (RUN_MANIFEST, MODEL_A_WEIGHTS, ONNX_MODEL)],
    fingerprint=lambda p: images_fingerprint([p.train_manifest, p.val_manifest, p.test_manifest, *p.external_manifest]),
    resource=_resource,
)


TRAIN_ROBUST = JobKind(
    name="train-robust",
    command=("model-a", "train-robust"),
    aliases=(("train-robust",),),
    title="Train Model A, robust",
    help="train several networks on noise residuals of degraded images and average their logits",
    params=TrainRobustParams,
    run="cgid.pipelines.robust_training:train_robust",
    inputs=TRAIN_MODEL_A.inputs,
    outputs=lambda p: [p.output_dir / n for n in (RUN_MANIFEST, ONNX_MODEL)],
    fingerprint=lambda p: images_fingerprint([p.train_manifest, p.val_manifest, p.test_manifest, *p.external_manifest]),
    resource=TRAIN_MODEL_A.resource,
)


AVERAGE_RUNS = JobKind(
    name="average-runs",
    command=("model-a", "average"),
    aliases=(("average-runs",),),
    title="Average runs",
    help="average the logits of trainings that differ by their seed, as one Model A run",
    params=AverageRunsParams,
    run="cgid.train.average:average_runs",
    inputs=lambda p: list(p.run),
    outputs=lambda p: [p.output_dir / n for n in (RUN_MANIFEST, ONNX_MODEL)],
)


ESTIMATE_TRAINING = JobKind(
    name="estimate-training",
    command=("model-a", "estimate"),
    aliases=(("estimate-training",),),
    title="Estimate a training's duration",
    help="estimate the duration and memory of model-a train with the same flags, measured here for some seconds",
    params=EstimateTrainingParams,
    run="cgid.train.estimate:estimate",
    inputs=TRAIN_MODEL_A.inputs,
    outputs=lambda p: [],
    resource=TRAIN_MODEL_A.resource,
    always=True,
)


LEAVE_ONE_SOURCE_OUT = JobKind(
    name="leave-one-source-out",
    command=("model-a", "leave-one-source-out"),
    aliases=(("leave-one-source-out",),),
    title="Leave one source out",
    help="train without each source in turn and evaluate on it: accuracy on unseen sources",
    params=LeaveOneSourceOutParams,
    run="cgid.train.leave_one_source_out:leave_one_source_out",
    inputs=lambda p: p.manifest,
    outputs=lambda p: [p.output_dir / f"leave_one_source_out.{ending}" for ending in ("json", "csv", "md")],
    fingerprint=lambda p: images_fingerprint(p.manifest),
    resource=TRAIN_MODEL_A.resource,
)


def _onnx_inputs(params: ExportOnnxParams) -> list[Path]:
    """The weights; a run without them (imported, an ensemble) goes to the step, which says why it refuses."""
    weights = params.run / MODEL_A_WEIGHTS
    return [weights if weights.is_file() else params.run / RUN_MANIFEST]


def _onnx_outputs(params: ExportOnnxParams) -> list[Path]:
    """A variant that was refused is not there, so requesting it again measures it again."""
    names = [name.strip() for name in params.variants.split(",") if name.strip()]
    return [params.run / ONNX_MODEL, *(params.run / f"model_{name}.onnx" for name in names)]


EXPORT_ONNX = JobKind(
    name="export-onnx",
    command=("model-a", "export-onnx"),
    aliases=(("export-onnx",),),
    title="Export Model A to ONNX",
    help="export a Model A run to ONNX, with parity check; smaller copies with --variants",
    params=ExportOnnxParams,
    run="cgid.train.export_onnx:export",
    inputs=_onnx_inputs,
    outputs=_onnx_outputs,
)


TRAIN_MODEL_B = JobKind(
    name="train-model-b",
    command=("model-b", "train"),
    aliases=(("train-model-b",),),
    title="Train Model B",
    help="train a classifier on forensic features",
    params=TrainModelBParams,
    run="cgid.model_b.train:train",
    inputs=lambda p: [p.features_csv, *p.external_features],
    outputs=lambda p: [p.output_dir / RUN_MANIFEST],
    version=4,
)


BUILD_MODEL_B_DATASET = JobKind(
    name="build-model-b-dataset",
    command=("model-b", "build-dataset"),
    aliases=(("build-model-b-dataset",),),
    title="Build a Model B data set",
    help="sample images from manifests and extract their features",
    params=BuildModelBDatasetParams,
    run="cgid.model_b.dataset:build",
    inputs=lambda p: list(p.manifest),
    outputs=lambda p: [p.output_dir / MODEL_B_FEATURES],
    fingerprint=lambda p: images_fingerprint(p.manifest),
    version=2,
)

KINDS = (
    TRAIN_MODEL_A,
    TRAIN_ROBUST,
    AVERAGE_RUNS,
    ESTIMATE_TRAINING,
    LEAVE_ONE_SOURCE_OUT,
    EXPORT_ONNX,
    TRAIN_MODEL_B,
    BUILD_MODEL_B_DATASET,
)
