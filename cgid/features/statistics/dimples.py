"""JPEG dimples: one pixel of each block a little too dark or too bright, as some cameras' encoders leave it.

An encoder that rounds coefficients down or up instead of to the nearest shifts all of them the same way, and cosines
that are all shifted alike meet in the block's first pixel (Agarwal and Farid, Photo forensics from JPEG dimples, WIFS
2017). The mean block of a picture shows it: averaging over blocks is averaging their coefficients.
"""

from __future__ import annotations

import numpy as np

from cgid.features.shared import dct_basis

MOST = 8.0  # a coefficient beyond that is the scene's; it counts as that much
LEAST_BLOCKS = 16


def mean_block(dct: np.ndarray) -> np.ndarray:
    """float64 (8, 8): the mean block of the picture, levels, without its four coarsest frequencies."""
    means = np.clip(dct, np.float32(-MOST), np.float32(MOST)).reshape(64, -1).mean(axis=1, dtype=np.float64)
    means[[0, 1, 8, 9]] = 0
    basis = dct_basis().astype(np.float64)
    return basis.T @ means.reshape(8, 8) @ basis


def strength(dct: np.ndarray) -> float:
    """Levels by which the first pixel of the mean block stands out, over the others' spread; NaN under 16 blocks."""
    if dct.shape[2] * dct.shape[3] < LEAST_BLOCKS:
        return np.nan
    block = mean_block(dct).ravel()
    spread = block[1:].std()
    return float((block[0] - block[1:].mean()) / (spread + 0.01))
