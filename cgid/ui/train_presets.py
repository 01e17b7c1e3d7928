"""Settings of a Model A training to start from: each says what it is for and which data it expects."""

from __future__ import annotations

from dataclasses import dataclass

from cgid.studies.robust_params import TrainRobustParams as ROBUST  # its defaults are class attributes


@dataclass(frozen=True, slots=True)
class Preset:
    """why: what it is for. data: what it expects to learn from. Both begin in lower case and end without a full stop.

    The rest are fields of TrainModelAParams under the form's names: batch images a step, side in pixels,
    sees the input representation, source what is kept out of training to choose the epoch. seeds: trainings averaged.
    """

    why: str
    data: str
    epochs: int = 5
    batch: int = 16
    side: int = 224
    fit: str = "resize"
    rate: float = 1e-4
    arch: str = "resnet18"
    augment: str = "none"
    patience: int = 0
    sees: str = "rgb"
    source: str = ""
    seeds: int = 1


PRESETS = {
    "Quick look": Preset(
        "a first answer in minutes on two processor cores; fine traces kept by cutting out, not scaling",
        "some hundred images or more, best at least 128 pixels a side",
        3, 32, 128, "crop", 5e-4,
    ),
    "Standard": Preset(
        "the whole picture scaled to 224 pixels, as most published detectors do",
        "some thousand photographs and AI images of any size",
    ),
    "Native crop": Preset(
        "a 224-pixel cut-out at native resolution; slower, keeps fine traces",
        "images larger than 224 pixels that nobody has scaled or saved again",
        8, 32, 224, "crop", 3e-4,
    ),
    "CIFAKE": Preset(
        "MobileNetV3-Large for eight epochs on pictures of 32 pixels, its first layers at full resolution",
        "CIFAKE, prepared on the Data page: 32-pixel images, 100,000 to learn from",
        8, 128, 32, "resize", 1e-3, "mobilenet_v3_large",
    ),
    "GenImage": Preset(
        "ResNet-18 on 224-pixel cut-outs with blur and JPEG drawn alike for both classes, stopping early",
        "GenImage, prepared on the Data page, with other generators as data to be judged on",
        10, 32, 224, "crop", 3e-4, "resnet18", "cnndetection", 3,
    ),
    "Robust": Preset(
        "pictures from generators the network has never seen. Three networks look at what noise filters leave of a "
        "native cut-out, both classes are damaged as the web does, and their mean is the answer. It takes three times "
        "as long as one. Even so, on sources never seen such networks did little better than chance in small trials (AUC "
        "0.58 to 0.63, and 0.55 after scaling down and saving again; 0.5 is chance): expect a wide inconclusive band",
        "photographs and AI images of as many sources as can be had, with other generators as data to be judged on",
        ROBUST.epochs, ROBUST.batch_size, ROBUST.image_size, ROBUST.fit, ROBUST.lr, ROBUST.arch, ROBUST.augment,
        ROBUST.patience, ROBUST.input, ROBUST.early_stop_source, ROBUST.seeds,
    ),
}  # fmt: skip
