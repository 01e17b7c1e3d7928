"""Parameters of the training steps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cgid.models.architecture import all_architectures
from cgid.models.representation import all_representations
from cgid.params import arg


@dataclass(frozen=True)
class TrainModelAParams:
    train_manifest: Path = arg(help="manifest to learn from (CSV)")
    val_manifest: Path = arg(help="manifest for choosing the best epoch, calibration and thresholds (CSV)")
    test_manifest: Path = arg(help="manifest for the reported figures; used for nothing else (CSV)")
    output_dir: Path = arg(help="run folder to write")
    external_manifest: tuple[Path, ...] = arg((), help="manifests of other data sets, evaluated and reported apart")
    arch: str = arg(
        "resnet18", help=f"architecture: {', '.join(all_architectures())}, or torchvision's name of another classifier"
    )
    input: str = arg("rgb", help="what the network sees of an image", choices=tuple(all_representations()))
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
        help="how an image becomes a square: resize = scaled, crop = cut out at native resolution, resize_crop = its "
        "shorter side scaled to --resize-to, then the centre, as torchvision and timm evaluate",
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
        0.0, help="share of training images saved again as JPEG of quality 60 to 95, both classes alike (0 to 1)"
    )
    augment: str = arg(
        "none",
        help="what both classes alike get on top of flip and shift: web = crop, scaling, blur, noise, JPEG; "
        "cnndetection = blur and JPEG, each with a chance of a half (Wang et al. 2020)",
        choices=("none", "web", "cnndetection"),
    )
    label_smoothing: float = arg(0.0, help="how far targets lie from certain: X/2 and 1 - X/2 (0 up to, not with, 1)")
    balance: bool = arg(False, help="as many images of each class in every epoch, whose length stays")
    patience: int = arg(0, help="stop after so many epochs without a better one on the validation manifest; 0 = never")
    early_stop_source: str = arg(
        "",
        help="sources (commas between) that are kept out of training and whose images choose the best epoch instead of "
        "val's; auto = the smallest with both classes, else the smallest pair of a real and an AI one; auto-or-none = as "
        "auto, but where there is none val's images choose",
    )
    gate: float = arg(
        0.0,
        help="refuse training data whose format or metadata alone tell real from AI with more balanced accuracy than "
        "this, such as 0.60; 0 = do not ask",
    )
    device: str = arg("auto", help="`auto`, `cpu`, `cuda`, `cuda:N`")
    processes: int = arg(
        1,
        help="processes that share out every batch, one for each CUDA device (or parts of the processor); 0 = as many as "
        "there are CUDA devices; a run goes on with as many as it began with",
    )
    workers: int = arg(0, help="loader processes; 0 = in the training process")
    resume: bool = arg(False, help="continue from last.pt in the run folder")


@dataclass(frozen=True)
class ExportOnnxParams:
    run: Path = arg(help="Model A run folder")
    variants: str = arg(
        "",
        help="smaller copies to make of model.onnx, comma-separated: fp16, int8; each is kept only where it answers like it",
    )
