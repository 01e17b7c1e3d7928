"""What a network says about images: rows already in memory, or a whole manifest streamed past once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor

import numpy as np
import pandas as pd
import torch
from torch import nn

from cgid.models.preprocess import Preprocess
from cgid.train import predictions
from cgid.train.images import Images
from cgid.train.loader import ahead
from cgid.train.loop import predict

BATCH = 64


def judge_rows(network: nn.Module, images: Images, rows: np.ndarray, device: torch.device) -> np.ndarray:
    """Raw logits of rows of `images`, float64 (n,)."""
    network.eval()
    parts = [rows[i : i + BATCH] for i in range(0, len(rows), BATCH)]
    logits = [predict(network, s, images.preprocess, device) for _, s in ahead(images.centres, parts)]
    return np.concatenate(logits) if logits else np.empty(0)


def judge_manifest(
    network: nn.Module,
    frame: pd.DataFrame,
    preprocess: Preprocess,
    device: torch.device,
    pool: Executor,
    tick: Callable[[int, int], None],
) -> tuple[pd.DataFrame, list[tuple[str, str]]]:
    """(predictions of every readable image, [(path, reason)] of the others)."""
    network.eval()
    images = Images(frame["path"], preprocess, pool)
    judged = [(rows, predict(network, squares, preprocess, device)) for rows, squares in images.read(tick)]
    rows = np.concatenate([r for r, _ in judged]) if judged else np.empty(0, int)
    logits = np.concatenate([logit for _, logit in judged]) if judged else np.empty(0)
    table = predictions.table(frame, rows, [images.sha256[r] for r in rows], logits)
    return table, [(images.paths[row], reason) for row, reason in images.problems.items()]
