"""Parameters of the preset `robust`: what helped on sources never seen, of what was tried; the rest as in any training.

Measured with small networks trained from nothing on ten public sources, train and test sharing none: residuals of the
image instead of the image, no scaling before the network, the web's damage drawn for both classes, several seeds
averaged. Even so AUC was 0.58 to 0.63 on sources never seen, and 0.55 once images were made smaller and saved again.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cgid.params import arg
from cgid.train.same_field import as_in_training


@dataclass(frozen=True)
class TrainRobustParams:
    """Fields but `seeds` are those of TrainModelAParams."""

    train_manifest: Path = as_in_training("train_manifest")
    val_manifest: Path = as_in_training("val_manifest")
    test_manifest: Path = as_in_training("test_manifest")
    output_dir: Path = arg(help="run folder of the average; the trainings lie beside it as NAME_seedN")
    external_manifest: tuple[Path, ...] = as_in_training("external_manifest")
    seeds: int = arg(3, help="trainings to average, each with a seed of its own")
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
