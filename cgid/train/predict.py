"""Predictions of a network: of cached rows, of a whole manifest, and out of fold for the training rows.

Model B needs out-of-fold probabilities: those of images the network was trained on would leak the label. Every fold's
network is trained as the run's own is, for as many epochs as that one had before it stopped (early, with --patience),
and used after the last of them; nothing is selected on the fold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import nn

from cgid.errors import InputError
from cgid.models.image_cache import Images
from cgid.models.preprocess import Preprocess
from cgid.runs import predictions
from cgid.runs.run import Run
from cgid.train.loader import prefetch
from cgid.train.loop import predict
from cgid.train.parallel import SINGLE_PROCESS, Ranks

BATCH = 64


def predict_rows(network: nn.Module, images: Images, rows: np.ndarray, device: torch.device) -> np.ndarray:
    """Raw logits of rows of `images`, float64 (n,)."""
    network.eval()
    parts = [rows[i : i + BATCH] for i in range(0, len(rows), BATCH)]
    logits = [predict(network, s, images.preprocess, device) for _, s in prefetch(images.centre_crops, parts)]
    return np.concatenate(logits) if logits else np.empty(0)


def predict_manifest(
    network: nn.Module,
    frame: pd.DataFrame,
    preprocess: Preprocess,
    device: torch.device,
    pool: Executor,
    on_progress: Callable[[int, int], None],
) -> tuple[pd.DataFrame, list[tuple[str, str]]]:
    """(predictions of every readable image, [(path, reason)] of the others)."""
    network.eval()
    images = Images(frame["path"], preprocess, pool)
    results = [(rows, predict(network, inputs, preprocess, device)) for rows, inputs in images.read(on_progress)]
    rows = np.concatenate([r for r, _ in results]) if results else np.empty(0, int)
    logits = np.concatenate([logit for _, logit in results]) if results else np.empty(0)
    table = predictions.table(frame, rows, [images.sha256[r] for r in rows], logits)
    return table, [(images.paths[row], reason) for row, reason in images.problems.items()]


def assign_folds(target: np.ndarray, group: np.ndarray, k: int, seed: int) -> np.ndarray:
    """Fold 0..k-1 of each row, (n,): whole groups, classes as even as groups allow. Raises InputError on too few
    groups."""
    from sklearn.model_selection import StratifiedGroupKFold

    for value, name in ((0, "real"), (1, "ai")):
        count = len(set(group[target == value].tolist()))
        if count < k:
            raise InputError(
                f"The training manifest has {count} groups of `{name}` images, too few for --cross-fit {k}; "
                "use a smaller --cross-fit, or 0."
            )
    fold = np.empty(len(target), int)
    splitter = StratifiedGroupKFold(k, shuffle=True, random_state=seed)
    for number, (_, held_out) in enumerate(splitter.split(target, target, group)):
        fold[held_out] = number
    return fold


def fold_files(run: Run, number: int) -> tuple[Path, Path]:
    """(checkpoint while it trains, predictions once it is done)."""
    return run.cross_fit_folder / f"fold_{number}.pt", run.cross_fit_folder / f"fold_{number}.parquet"


def out_of_fold_predictions(
    frame: pd.DataFrame,
    rows: np.ndarray,
    images: Images,
    fold: np.ndarray,
    run: Run,
    train: Callable[[int, np.ndarray, Path], nn.Module],
    predict_fold: Callable[[nn.Module, np.ndarray], np.ndarray],
    ranks: Ranks = SINGLE_PROCESS,
) -> Iterator[pd.DataFrame]:
    """Predictions of each fold in turn; a fold whose file is there is not trained again.

    rows: usable rows of `frame`. fold: of each of `rows`. train: (fold number, rows to train on, checkpoint) to a
    trained network. judge: (network, rows) to logits. ranks: they train together; the first one predicts and writes,
    and the others yield nothing.
    """
    for number in range(int(fold.max()) + 1):
        checkpoint, done = fold_files(run, number)
        if not ranks.broadcast(done.exists()):
            held_out = rows[fold == number]
            network = train(number, rows[fold != number], checkpoint)
            if not ranks.first:
                continue
            sha256 = [images.sha256[r] for r in held_out]
            predictions.write(
                predictions.table(frame, held_out, sha256, predict_fold(network, held_out)).assign(fold=number), done
            )
            checkpoint.unlink(missing_ok=True)
        if ranks.first:
            yield predictions.read(done)
