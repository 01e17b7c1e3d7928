"""A network of a few hundred weights with dropout, standing in for an architecture; run as a script it trains one.

Script: tiny_network.py OUTPUT TRAIN VAL TEST: trains like `recipe`, saving after every step, and says so on stdout.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import cgid.models.architecture as registry
from cgid.train.params import TrainModelAParams


def _build(imagenet: bool):
    from torch import nn

    return nn.Sequential(
        nn.Conv2d(3, 8, 5, stride=2),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(8, 1),
    )


TINY = registry.Architecture(name="tiny", title="", paper="", licence="", build=_build, smallest=8)


def recipe(manifests: dict[str, Path], output: Path, **changes) -> TrainModelAParams:
    values = {
        "train_manifest": manifests["train"],
        "val_manifest": manifests["val"],
        "test_manifest": manifests["test"],
        "output_dir": output,
        "arch": "tiny",
        "epochs": 3,
        "batch_size": 8,
        "image_size": 32,
        "lr": 1e-2,
        "cross_fit": 0,
        "device": "cpu",
    }
    return TrainModelAParams(**(values | changes))


if __name__ == "__main__":
    registry.all_architectures = lambda: {"tiny": TINY}
    from cgid.train import loop
    from cgid.train.model_a import train

    loop.SAVE_SECONDS, loop.SAVE_SHARE = 0, 0

    def slow(done: int, total: int, note: str = "") -> None:
        print(done, note, flush=True)
        time.sleep(0.2)

    paths = dict(zip(("train", "val", "test"), map(Path, sys.argv[2:])))
    train(recipe(paths, Path(sys.argv[1]), cross_fit=2), slow)
