"""Parameters of training Model A and of what is built on it: export, time estimate, ensembles, leave-one-source-out.

Steps that train Model A as part of their work take its fields from `TrainModelAParams`, so that each help text is
written once. `TrainRobustParams` holds the preset `robust`: the settings that helped most on unseen sources, measured
with small networks trained from scratch on ten public sources with no source in both train and test: image residuals
as input, no scaling before the network, web degradations sampled for both classes, several seeds averaged. Even so the
AUC was 0.58 to 0.63 on unseen sources, and 0.55 once the images were downscaled and recompressed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cgid.models.architecture import all_architectures
from cgid.models.representation import all_representations
from cgid.params import arg


@dataclass(frozen=True)
class TrainModelAParams:
    train_manifest: Path = arg(help="training manifest (CSV)")
    val_manifest: Path = arg(help="validation manifest for epoch selection, calibration and thresholds (CSV)")
    test_manifest: Path = arg(help="test manifest for the reported metrics; used for nothing else (CSV)")
    output_dir: Path = arg(help="run folder to write")
    external_manifest: tuple[Path, ...] = arg(
        (), help="manifests of other data sets, evaluated and reported separately"
    )
    arch: str = arg(
        "resnet18", help=f"architecture: {', '.join(all_architectures())}, or torchvision's name of another classifier"
    )
    input: str = arg("rgb", help="input representation of the image", choices=tuple(all_representations()))
    stem: str = arg(
        "auto",
        help="first layers: tiny = at full resolution where the architecture can (new weights in ResNet and ConvNeXt), "
        "auto = tiny for images up to 48 px",
        choices=("auto", "tiny", "standard"),
    )
    epochs: int = arg(5, help="passes over the training images")
    batch_size: int = arg(16, help="images in one step")
    image_size: int = arg(224, help="side of the network's input in pixels")
    fit: str = arg(
        "resize",
        help="how an image becomes the square input: resize = scaled, crop = cropped at native resolution, "
        "resize_crop = its shorter side scaled to --resize-to, then the centre, as torchvision and timm evaluate",
        choices=("resize", "crop", "resize_crop"),
    )
    resize_to: int = arg(0, help="pixels of the shorter side for --fit resize_crop; 0 = --image-size x 256 / 224")
    lr: float = arg(1e-4, help="learning rate of AdamW at its peak")
    seed: int = arg(2026, help="random seed")
    weights: str = arg("none", help="`none`, `imagenet`, or a file of weights")
    cross_fit: int = arg(
        2, help="folds for out-of-fold probabilities of the training rows (Model B needs them); 0 = none"
    )
    jpeg_augment: float = arg(
        0.0, help="fraction of training images recompressed as JPEG of quality 60 to 95, both classes alike (0 to 1)"
    )
    augment: str = arg(
        "none",
        help="augmentation of both classes on top of flip and shift: web = crop, scaling, blur, noise, JPEG; "
        "cnndetection = blur and JPEG, each with probability 0.5 (Wang et al. 2020)",
        choices=("none", "web", "cnndetection"),
    )
    label_smoothing: float = arg(0.0, help="label smoothing: targets X/2 and 1 - X/2 (0 up to, but not including, 1)")
    balance: bool = arg(
        False, help="as many images of each class in every epoch; the length of an epoch stays the same"
    )
    patience: int = arg(0, help="early stopping: epochs without an improvement on the validation manifest; 0 = never")
    early_stop_source: str = arg(
        "",
        help="sources held out of training, whose images select the best epoch instead of "
        "val's; auto = the smallest with both classes, else the smallest pair of a real and an AI one; "
        "auto-or-none = as auto, but falls back to val's images where there is none",
        comma_list=True,
    )
    gate: float = arg(
        0.0,
        help="leakage gate: refuse training data whose format or metadata alone predict the label with a higher "
        "balanced accuracy than this, such as 0.60; 0 = off",
    )
    device: str = arg("auto", help="`auto`, `cpu`, `cuda`, `cuda:N`")
    processes: int = arg(
        1,
        help="processes that share every batch, one per CUDA device (or parts of the processor); 0 = as many as "
        "there are CUDA devices; a run is resumed with as many as it began with",
    )
    workers: int = arg(0, help="loader processes; 0 = in the training process")
    resume: bool = arg(False, help="continue from last.pt in the run folder")


@dataclass(frozen=True)
class ExportOnnxParams:
    run: Path = arg(help="Model A run folder")
    variants: str = arg(
        "",
        help="smaller copies to make of model.onnx: fp16, int8; each is kept only where it answers like it",
        comma_list=True,
    )


@dataclass(frozen=True)
class EstimateTrainingParams(TrainModelAParams):
    output_dir: Path = arg(
        Path("estimate"), help="neither read nor written, so that the flags of the training can be reused"
    )


def as_in_training(name: str, *default: Any) -> Any:
    """The field with the same help and choices, and with its default unless another is given."""
    field = TrainModelAParams.__dataclass_fields__[name]
    [value] = default or [field.default]
    return arg(value, **field.metadata)


@dataclass(frozen=True)
class AverageRunsParams:
    run: tuple[Path, ...] = arg(
        help="finished Model A runs of the same manifests, two or more: --run A --run B --run C"
    )
    output_dir: Path = arg(help="run folder to write")


@dataclass(frozen=True)
class TrainRobustParams:
    """Fields but `seeds` are those of TrainModelAParams."""

    train_manifest: Path = as_in_training("train_manifest")
    val_manifest: Path = as_in_training("val_manifest")
    test_manifest: Path = as_in_training("test_manifest")
    output_dir: Path = arg(help="run folder of the ensemble; the trainings lie next to it as NAME_seedN")
    external_manifest: tuple[Path, ...] = as_in_training("external_manifest")
    seeds: int = arg(3, help="trainings in the ensemble, each with its own seed")
    seed: int = arg(2026, help="random seed of the first training; the others follow 1000 apart")
    arch: str = as_in_training("arch")
    input: str = as_in_training("input", "srm")
    stem: str = as_in_training("stem")
    fit: str = as_in_training("fit", "crop")
    image_size: int = as_in_training("image_size")
    epochs: int = as_in_training("epochs", 12)
    batch_size: int = as_in_training("batch_size", 32)
    lr: float = as_in_training("lr", 3e-4)
    augment: str = as_in_training("augment", "web")
    balance: bool = as_in_training("balance")
    label_smoothing: float = as_in_training("label_smoothing")
    weights: str = as_in_training("weights")
    patience: int = as_in_training("patience", 3)
    early_stop_source: str = as_in_training("early_stop_source", "auto-or-none")
    cross_fit: int = as_in_training("cross_fit")
    gate: float = as_in_training("gate")
    device: str = as_in_training("device")
    workers: int = as_in_training("workers")


TRAINING = (
    "arch", "input", "stem", "fit", "image_size", "epochs", "batch_size", "lr", "augment", "jpeg_augment", "balance",
    "label_smoothing", "weights", "patience", "early_stop_source", "device", "workers",
)  # fmt: skip


@dataclass(frozen=True)
class LeaveOneSourceOutParams:
    manifest: tuple[Path, ...] = arg(
        help="manifests of all data sets (CSV); their column `source` defines what is left out"
    )
    output_dir: Path = arg(help="folder that receives leave_one_source_out.csv, .json, .md and folds/")
    tiers: str = arg("clean,web,hard", help="clean, web (long side <= 768, Q60), hard (<= 512, Q40)", comma_list=True)
    seeds: int = arg(1, help="networks for each source left out, their logits averaged; seeds SEED, SEED + 1, …")
    seed: int = arg(2026, help="random seed of the first network and of the split")
    arch: str = as_in_training("arch")
    input: str = as_in_training("input")
    stem: str = as_in_training("stem")
    fit: str = as_in_training("fit")
    image_size: int = as_in_training("image_size")
    epochs: int = as_in_training("epochs")
    batch_size: int = as_in_training("batch_size")
    lr: float = as_in_training("lr")
    augment: str = as_in_training("augment")
    jpeg_augment: float = as_in_training("jpeg_augment")
    balance: bool = as_in_training("balance")
    label_smoothing: float = as_in_training("label_smoothing")
    weights: str = as_in_training("weights")
    patience: int = as_in_training("patience")
    early_stop_source: str = as_in_training("early_stop_source")
    device: str = as_in_training("device")
    workers: int = as_in_training("workers")
