"""What a network says about images: rows already in memory, or a whole manifest streamed past once.

Out-of-fold probabilities of the training rows: what Model A says about images it has not learnt from.

Model B needs them: a probability of the very image the network was trained on would hand the label through.
Every fold's network is trained as the run's own is, for as many epochs as that one had before it stopped (early, with
--patience), and judged after the last of them; nothing is chosen on the fold.
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
from cgid.train.loader import ahead
from cgid.train.loop import predict
from cgid.train.parallel import ALONE, Ranks

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


def folds_of(target: np.ndarray, group: np.ndarray, k: int, seed: int) -> np.ndarray:
    """Fold 0..k-1 of each row, (n,): whole groups, classes as even as groups allow. Raises InputError on too few groups."""
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
    for number, (_, held) in enumerate(splitter.split(target, target, group)):
        fold[held] = number
    return fold


def fold_files(run: Run, number: int) -> tuple[Path, Path]:
    """(checkpoint while it trains, predictions once it is done)."""
    return run.cross_fit_folder / f"fold_{number}.pt", run.cross_fit_folder / f"fold_{number}.parquet"


def run(
    frame: pd.DataFrame,
    rows: np.ndarray,
    images: Images,
    fold: np.ndarray,
    run: Run,
    train: Callable[[int, np.ndarray, Path], nn.Module],
    judge: Callable[[nn.Module, np.ndarray], np.ndarray],
    ranks: Ranks = ALONE,
) -> Iterator[pd.DataFrame]:
    """Predictions of each fold in turn; a fold whose file is there is not trained again.

    rows: usable rows of `frame`. fold: of each of `rows`. train: (fold number, rows to learn from, checkpoint) to a
    trained network. judge: (network, rows) to logits. ranks: they train together; the first one judges and writes, and
    nothing is yielded to the others.
    """
    for number in range(int(fold.max()) + 1):
        checkpoint, done = fold_files(run, number)
        if not ranks.told(done.exists()):
            held = rows[fold == number]
            network = train(number, rows[fold != number], checkpoint)
            if not ranks.first:
                continue
            sha256 = [images.sha256[r] for r in held]
            predictions.write(predictions.table(frame, held, sha256, judge(network, held)).assign(fold=number), done)
            checkpoint.unlink(missing_ok=True)
        if ranks.first:
            yield predictions.read(done)
