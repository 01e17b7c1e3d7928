"""Parameters of leave-one-source-out: which data sets, how each network is trained, how it is judged."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cgid.params import arg
from cgid.train.params import TrainModelAParams

TRAINING = (
    "arch", "input", "stem", "fit", "image_size", "epochs", "batch_size", "lr", "augment", "jpeg_augment", "balance",
    "label_smoothing", "weights", "patience", "early_stop_source", "device", "workers",
)  # fmt: skip


def _as_in_training(name: str) -> Any:
    """The field of `cgid train-model-a`: same words, same default."""
    field = TrainModelAParams.__dataclass_fields__[name]
    return arg(field.default, help=field.metadata["help"], choices=field.metadata["choices"])


@dataclass(frozen=True)
class LeaveOneSourceOutParams:
    manifest: tuple[Path, ...] = arg(
        help="manifests of all data sets (CSV); their column `source` says what is left out"
    )
    output_dir: Path = arg(help="folder that receives leave_one_source_out.csv, .json, .md and folds/")
    tiers: str = arg("clean,web,hard", help="comma-separated: clean, web (long side <= 768, Q60), hard (<= 512, Q40)")
    seeds: int = arg(1, help="networks for each source left out, their logits averaged; seeds SEED, SEED + 1, …")
    seed: int = arg(2026, help="random seed of the first network and of the split")
    arch: str = _as_in_training("arch")
    input: str = _as_in_training("input")
    stem: str = _as_in_training("stem")
    fit: str = _as_in_training("fit")
    image_size: int = _as_in_training("image_size")
    epochs: int = _as_in_training("epochs")
    batch_size: int = _as_in_training("batch_size")
    lr: float = _as_in_training("lr")
    augment: str = _as_in_training("augment")
    jpeg_augment: float = _as_in_training("jpeg_augment")
    balance: bool = _as_in_training("balance")
    label_smoothing: float = _as_in_training("label_smoothing")
    weights: str = _as_in_training("weights")
    patience: int = _as_in_training("patience")
    early_stop_source: str = _as_in_training("early_stop_source")
    device: str = _as_in_training("device")
    workers: int = _as_in_training("workers")
