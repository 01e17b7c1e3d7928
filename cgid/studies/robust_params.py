"""Parameters of the preset `robust`: what helped on sources never seen, of what was tried; the rest as in any training.

Measured with small networks trained from nothing on ten public sources, train and test sharing none: residuals of the
image instead of the image, no scaling before the network, the web's damage drawn for both classes, several seeds
averaged. Even so AUC was 0.58 to 0.63 on sources never seen, and 0.55 once images were made smaller and saved again.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cgid.params import arg
from cgid.train.params import TrainModelAParams


def _as_in_training(name: str, *default: Any) -> Any:
    """The field of `cgid train-model-a` in the same words; with its default unless another is given."""
    field = TrainModelAParams.__dataclass_fields__[name]
    [value] = default or [field.default]
    return arg(value, help=field.metadata["help"], choices=field.metadata["choices"])


@dataclass(frozen=True)
class TrainRobustParams:
    """Fields but `seeds` are those of TrainModelAParams."""

    train_manifest: Path = _as_in_training("train_manifest")
    val_manifest: Path = _as_in_training("val_manifest")
    test_manifest: Path = _as_in_training("test_manifest")
    output_dir: Path = arg(help="run folder of the average; the trainings lie beside it as NAME_seedN")
    external_manifest: tuple[Path, ...] = _as_in_training("external_manifest")
    seeds: int = arg(3, help="trainings to average, each with a seed of its own")
    seed: int = arg(2026, help="random seed of the first training; the others follow 1000 apart")
    arch: str = _as_in_training("arch")
    input: str = _as_in_training("input", "srm")
    stem: str = _as_in_training("stem")
    fit: str = _as_in_training("fit", "crop")
    image_size: int = _as_in_training("image_size")
    epochs: int = _as_in_training("epochs", 12)
    batch_size: int = _as_in_training("batch_size", 32)
    lr: float = _as_in_training("lr", 3e-4)
    augment: str = _as_in_training("augment", "web")
    balance: bool = _as_in_training("balance")
    label_smoothing: float = _as_in_training("label_smoothing")
    weights: str = _as_in_training("weights")
    patience: int = _as_in_training("patience", 3)
    early_stop_source: str = _as_in_training("early_stop_source")
    cross_fit: int = _as_in_training("cross_fit")
    device: str = _as_in_training("device")
    workers: int = _as_in_training("workers")
