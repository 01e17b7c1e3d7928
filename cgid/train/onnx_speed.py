"""Images a second of two ONNX files, in turns in one process, so that what else the machine does befalls both alike."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cgid.models.onnx_model import OnnxModel

BATCHES = (1, 32)
ROUNDS = 5


def speed(models: Mapping[str, OnnxModel], squares: Sequence[np.ndarray]) -> dict[str, Any]:
    """{"images_per_second": {name: {"1", "32"}}, "ratio": {"1", "32"} of the second to the first, "rounds"}.

    squares: uint8 (S, S, 3); repeated where they are fewer than a batch. The best of ROUNDS counts.
    """
    pace: dict[str, dict[str, float]] = {name: {} for name in models}
    for batch in BATCHES:
        chosen = [squares[i % len(squares)] for i in range(batch)]
        best = dict.fromkeys(models, float("inf"))
        for _ in range(ROUNDS):
            for name, model in models.items():
                begun = time.perf_counter()
                model.logits_of_squares(chosen)
                best[name] = min(best[name], time.perf_counter() - begun)
        for name, seconds in best.items():
            pace[name][str(batch)] = batch / max(seconds, 1e-9)
    first, second = models
    ratio = {str(batch): pace[second][str(batch)] / pace[first][str(batch)] for batch in BATCHES}
    return {"images_per_second": pace, "ratio": ratio, "rounds": ROUNDS}
