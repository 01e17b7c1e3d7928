"""Parameters of leave-one-source-out: which data sets, how each network is trained, how it is judged."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cgid.params import arg
from cgid.train.same_field import as_in_training

TRAINING = (
    "arch", "input", "stem", "fit", "image_size", "epochs", "batch_size", "lr", "augment", "jpeg_augment", "balance",
    "label_smoothing", "weights", "patience", "early_stop_source", "device", "workers",
)  # fmt: skip


@dataclass(frozen=True)
class LeaveOneSourceOutParams:
    manifest: tuple[Path, ...] = arg(
        help="manifests of all data sets (CSV); their column `source` says what is left out"
    )
    output_dir: Path = arg(help="folder that receives leave_one_source_out.csv, .json, .md and folds/")
    tiers: str = arg("clean,web,hard", help="comma-separated: clean, web (long side <= 768, Q60), hard (<= 512, Q40)")
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
