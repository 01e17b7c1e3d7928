"""A network without batch normalisation and dropout, and trainings of it that other processes can be sent.

Run as a script it stands for the command line: parallel_network.py OUTPUT TRAIN VAL TEST [NAME=NUMBER …].
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import cgid.models.architecture as registry
from cgid.progress import Progress
from cgid.train.params import TrainModelAParams
from tiny_network import TINY, recipe


def _build(imagenet: bool):
    from torch import nn

    return nn.Sequential(
        nn.Conv2d(3, 8, 5, stride=2), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 1)
    )


EXACT = replace(TINY, name="exact", build=_build)
KNOWN = {"tiny": TINY, "exact": EXACT}


def known() -> dict[str, Any]:
    return KNOWN


def trained(params: TrainModelAParams, report: Progress) -> dict[str, Any]:
    """`train` with the networks of these tests, saving after every step; each process notes the weights it ends with."""
    from cgid.train import export_onnx, loop
    from cgid.train.model_a import train

    registry.all_architectures = known
    export_onnx.EXPORTERS = {"torchscript": export_onnx.EXPORTERS["torchscript"]}
    loop.SAVE_SECONDS, loop.SAVE_SHARE = 0, 0
    run = loop.Training.run

    def noting(self):
        history = run(self)
        note_weights(Path(params.output_dir), self)
        return history

    loop.Training.run = noting
    return train(params, report)


def note_weights(folder: Path, training: Any) -> None:
    import hashlib

    weights = b"".join(v.cpu().numpy().tobytes() for v in training.network.state_dict().values())
    with open(folder / f"weights_{training.ranks.rank}.txt", "a") as file:
        print(hashlib.sha256(weights).hexdigest(), file=file)


def dying(params: TrainModelAParams, rank: str, how: str, report: Progress) -> dict[str, Any]:
    """`trained` in which one process comes to an end in its sixth step."""
    from cgid.train import loop

    learn, calls = loop.Training._train_step, []

    def step(self, pixels, rows):
        calls.append(1)
        if len(calls) == 6 and os.environ["RANK"] == rank:
            if how == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            if how == "memory":
                raise MemoryError
            raise ZeroDivisionError("of all things")
        return learn(self, pixels, rows)

    loop.Training._train_step = step
    return trained(params, report)


if __name__ == "__main__":
    paths = dict(zip(("train", "val", "test"), map(Path, sys.argv[2:5])))
    changes = dict(word.split("=") for word in sys.argv[5:])
    values = {k: v if k == "arch" else int(v) for k, v in changes.items()}
    print(trained(recipe(paths, Path(sys.argv[1]), **values), lambda done, total, note="": None)["summary"])
