"""Manifests in, a trained CNN out.

Manifests in, an average of trainings on noise residuals out: the preset for generators never seen.

Trainings of one network in, their average as one Model A run out.

The flags of a training in, how long it would take on this machine out.

Manifests of several sources in, how a training does on sources it has never seen out.

A Model A run in, a checked ONNX file out.

Feature table in, learned fusion out.

Manifests in, a labelled feature table for Model B out.
"""

from __future__ import annotations

from pathlib import Path

from cgid.artifacts import MODEL_A_WEIGHTS, MODEL_B_FEATURES, ONNX_MODEL, RUN_MANIFEST
from cgid.data.paths import images_stamp
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


def _slot(params: TrainModelAParams) -> str:
    """The graphics card's slot unless the processor is asked for or there is no card to see."""
    import shutil

    if params.device.startswith("cuda"):
        return "gpu"
    return "gpu" if params.device == "auto" and shutil.which("nvidia-smi") else "cpu"


TRAIN_MODEL_A = JobKind(
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


TRAIN_ROBUST = JobKind(
    name="train-robust",
    verb=("train-robust",),
    title="Train Model A, robust",
    help="train three networks on what noise filters leave of both classes damaged alike, and average them",
    params=TrainRobustParams,
    run="cgid.pipelines.robust_training:train_robust",
    inputs=TRAIN_MODEL_A.inputs,
    outputs=lambda p: [p.output_dir / n for n in (RUN_MANIFEST, ONNX_MODEL)],
    stamp=lambda p: images_stamp([p.train_manifest, p.val_manifest, p.test_manifest, *p.external_manifest]),
    slot=TRAIN_MODEL_A.slot,
)


AVERAGE_RUNS = JobKind(
    name="average-runs",
    verb=("average-runs",),
    title="Average runs",
    help="make one Model A run of several trainings that differ by their seed",
    params=AverageRunsParams,
    run="cgid.train.average:average_runs",
    inputs=lambda p: list(p.run),
    outputs=lambda p: [p.output_dir / n for n in (RUN_MANIFEST, ONNX_MODEL)],
)


ESTIMATE_TRAINING = JobKind(
    name="estimate-training",
    verb=("estimate-training",),
    title="Estimate a training's duration",
    help="measure for some seconds how long train-model-a with the same flags would take here, and its memory",
    params=EstimateTrainingParams,
    run="cgid.train.estimate:estimate",
    inputs=TRAIN_MODEL_A.inputs,
    outputs=lambda p: [],
    slot=TRAIN_MODEL_A.slot,
    always=True,
)


LEAVE_ONE_SOURCE_OUT = JobKind(
    name="leave-one-source-out",
    verb=("leave-one-source-out",),
    title="Leave one source out",
    help="train without each source in turn and judge it: how a recipe does on sources it has never seen",
    params=LeaveOneSourceOutParams,
    run="cgid.train.leave_one_source_out:leave_one_source_out",
    inputs=lambda p: p.manifest,
    outputs=lambda p: [p.output_dir / f"leave_one_source_out.{ending}" for ending in ("json", "csv", "md")],
    stamp=lambda p: images_stamp(p.manifest),
    slot=TRAIN_MODEL_A.slot,
)


def _inputs(params: ExportOnnxParams) -> list[Path]:
    """The weights; a run without (imported, an average) goes to the step, which says why it cannot be exported."""
    weights = params.run / MODEL_A_WEIGHTS
    return [weights if weights.is_file() else params.run / RUN_MANIFEST]


def _outputs(params: ExportOnnxParams) -> list[Path]:
    """A refused copy is no file: asked for again, it is judged again."""
    names = [name.strip() for name in params.variants.split(",") if name.strip()]
    return [params.run / ONNX_MODEL, *(params.run / f"model_{name}.onnx" for name in names)]


EXPORT_ONNX = JobKind(
    name="export-onnx",
    verb=("export-onnx",),
    title="Export Model A to ONNX",
    help="export a Model A run to ONNX, with parity check; smaller copies by --variants",
    params=ExportOnnxParams,
    run="cgid.train.export_onnx:export",
    inputs=_inputs,
    outputs=_outputs,
)


TRAIN_MODEL_B = JobKind(
    name="train-model-b",
    verb=("train-model-b",),
    title="Train Model B",
    help="train the learned fusion over forensic features",
    params=TrainModelBParams,
    run="cgid.model_b.train:train",
    inputs=lambda p: [p.features_csv, *p.external_features],
    outputs=lambda p: [p.output_dir / RUN_MANIFEST],
    version=4,
)


BUILD_MODEL_B_DATASET = JobKind(
    name="build-model-b-dataset",
    verb=("build-model-b-dataset",),
    title="Build a Model B data set",
    help="draw images from manifests and measure their features",
    params=BuildModelBDatasetParams,
    run="cgid.model_b.dataset:build",
    inputs=lambda p: list(p.manifest),
    outputs=lambda p: [p.output_dir / MODEL_B_FEATURES],
    stamp=lambda p: images_stamp(p.manifest),
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
