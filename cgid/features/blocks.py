"""Means over the whole blocks of a picture, for groups that ask whether one part of it differs from the rest."""

from __future__ import annotations

import numpy as np


def block_means(values: np.ndarray, block: int) -> np.ndarray:
    """float64 (H // block, W // block): mean of each whole block of a 2-D array; what is left over is not counted."""
    rows, columns = values.shape[0] // block, values.shape[1] // block
    whole = values[: rows * block, : columns * block]
    return whole.reshape(rows, block, columns, block).mean(axis=(1, 3), dtype=np.float64)
