"""A promoted Model B trained on a synthetic table around the values of one image, for tests of its explanations."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from cgid.model_b.params import TrainModelBParams
from cgid.model_b.train import train
from cgid.progress import silent
from cgid.runs.store import set_current
from cgid.settings import settings


def table(around: Mapping[str, float], n: int = 300, source: str = "camera", seed: int = 0) -> pd.DataFrame:
    """Each column: the picture's value is the middle of the AI images, two deviations off the real ones' middle."""
    random = np.random.default_rng(seed)
    ai = np.arange(n) % 2
    about = {
        "record_id": [f"{i:064x}" for i in range(n)],
        "filepath": [f"/images/{i}.png" for i in range(n)],
        "label": np.where(ai == 1, "ai", "real"),
        "source": source,
        "split": np.array(["train", "train", "train", "val", "test"])[np.arange(n) // 2 % 5],
        "group": [f"g{i}" for i in range(n)],
    }
    spread = {c: v + (0.1 + abs(v) / 10) * (random.normal(0, 1, n) - 2 * (1 - ai)) for c, v in around.items()}
    return pd.DataFrame(about | spread)


def promoted(around: Mapping[str, float], name: str = "made", source: str = "camera") -> Path:
    """The run's folder, in the home of the test."""
    file = settings().artifacts / "made" / "features.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    table(around, source=source).to_csv(file, index=False)
    folder = settings().runs / "model_b" / name
    train(TrainModelBParams(file, folder, epochs=8), silent)
    set_current(folder)
    return folder
