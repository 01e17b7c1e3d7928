"""Prediction tables: the logit of each image of a split and its calibrated probability."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from cgid.evaluate.calibration import sigmoid
from cgid.files import atomic

META = ("filepath", "sha256", "label", "group", "source", "generator")


def table(
    frame: pd.DataFrame, rows: Sequence[int] | np.ndarray, sha256: Sequence[str], logit: np.ndarray
) -> pd.DataFrame:
    """One line per row of a manifest's frame (see `examples`): META, logit, probability (raw). sha256 and logit:
    (n,)."""
    chosen = frame.iloc[list(rows)]
    result = pd.DataFrame(
        {
            "filepath": chosen["path"].to_numpy(),
            "sha256": list(sha256),
            "label": chosen["target"].to_numpy(),
            "group": chosen["group"].to_numpy(),
            "source": chosen["source"].to_numpy(),
            "generator": chosen["generator"].to_numpy(),
            "logit": np.asarray(logit, dtype=np.float64),
        }
    )
    result["probability"] = sigmoid(result["logit"].to_numpy())
    return result


def calibrated(predictions: pd.DataFrame, calibrate: Callable[[np.ndarray], np.ndarray]) -> pd.DataFrame:
    """With the column `calibrated`; calibrate: logits (n,) to P(ai) (n,)."""
    return predictions.assign(calibrated=calibrate(predictions["logit"].to_numpy()))


def write(predictions: pd.DataFrame, path: Path) -> None:
    with atomic(path) as temporary:
        predictions.to_parquet(temporary, index=False)


def read(path: Path) -> pd.DataFrame:
    return pd.read_parquet(path)
