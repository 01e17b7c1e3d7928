"""`TrainingConfig`: the settings that a run, its cross-fit trainings and every resumption share."""

from __future__ import annotations

from dataclasses import dataclass

from cgid.errors import InputError
from cgid.train.augment import preset
from cgid.train.params import TrainModelAParams


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """epochs: the learning rate falls to zero over as many. label_smoothing: targets s/2 and 1 - s/2 instead of 0 and
    1.

    balance: as many images of each class in every epoch. augment: a preset of cgid.train.augment.
    """

    epochs: int
    batch_size: int
    lr: float
    seed: int
    jpeg_share: float = 0.0
    augment: str = "none"
    label_smoothing: float = 0.0
    balance: bool = False


def training_config(params: TrainModelAParams, seed: int) -> TrainingConfig:
    return TrainingConfig(
        params.epochs,
        params.batch_size,
        params.lr,
        seed,
        params.jpeg_augment,
        params.augment,
        params.label_smoothing,
        params.balance,
    )


def check(params: TrainModelAParams) -> None:
    """Raises InputError where augmentation, label smoothing or patience is invalid."""
    if preset(params.augment) is not None and params.jpeg_augment:
        raise InputError(f"--augment {params.augment} saves as JPEG already; leave --jpeg-augment out.")
    if not 0 <= params.label_smoothing < 1:
        raise InputError(
            f"--label-smoothing must be at least 0 and less than 1 (usual: 0.1), not {params.label_smoothing}."
        )
    if params.patience < 0:
        raise InputError(f"--patience must be 0 (never stop early) or more, not {params.patience}.")
