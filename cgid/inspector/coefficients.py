"""DCT coefficients of a view in steps of its quantisation table, and their histograms: traces of earlier compression."""

from __future__ import annotations

import numpy as np

from cgid.features.signals import double_quantisation
from cgid.features.signals.dct_histogram import (
    LOSSLESS_STEP,
    MIN_COEFFICIENTS,
    MODES,
    Histogram,
    max_level,
    smooth_counts,
)
from cgid.features.signals.shared import dct_of_blocks
from cgid.fileformat.quantisation_tables import nearest_quality, zigzag_order
from cgid.inspector.view import View

EXCLUDED_QUALITIES = 2  # qualities


def block_coefficients(view: View) -> np.ndarray:
    """float32 (64, rows, columns), row-major frequencies, of each whole 8 x 8 block of the stored brightness."""
    dct = dct_of_blocks(view.stored_luma)
    return dct.reshape(64, *dct.shape[2:])


def quantisation_step(view: View, mode: int) -> float:
    """Step of a frequency 0..63 (zig-zag order) of the JPEG's brightness table; LOSSLESS_STEP for other files."""
    table = view.image.jpeg.luma_table if view.image.format == "JPEG" else None
    return float(max(table[mode], 1)) if table else LOSSLESS_STEP


def coefficient_levels(view: View, mode: int) -> np.ndarray:
    """int32 (rows, columns): that frequency in each block, in steps, rounded."""
    plane = view.cached(block_coefficients)[zigzag_order()[mode]]
    return np.rint(plane * np.float32(1 / quantisation_step(view, mode))).astype(np.int32)


def magnitudes(view: View) -> np.ndarray:
    """int32 (MODES, rows, columns): magnitudes of frequencies 1..MODES in steps, clipped one above the largest counted
    level.
    """
    limit = max_level(quantisation_step(view, 1)) + 1
    return np.stack([np.minimum(np.abs(coefficient_levels(view, mode)), limit) for mode in range(1, MODES + 1)])


def histogram(view: View, mode: int) -> Histogram | None:
    """Of a frequency 1..63; None if too few of its coefficients are non-zero."""
    step = quantisation_step(view, mode)
    limit = max_level(step)
    size = np.abs(coefficient_levels(view, mode)).ravel()
    counts = np.bincount(np.minimum(size, limit + 1), minlength=limit + 2)[1:-1].astype(np.float64)
    total = counts.cumsum()
    if total[-1] < MIN_COEFFICIENTS:
        return None
    length = int(np.searchsorted(total, 0.98 * total[-1])) + 1
    return Histogram(mode, step, counts[:length], smooth_counts(counts[:length])) if length >= 4 else None


def own_quality(view: View) -> int:
    """Nearest quality of the file's last JPEG compression; 0 if it is not a JPEG."""
    table = view.image.jpeg.luma_table if view.image.format == "JPEG" else None
    return nearest_quality(table)[0] if table else 0


def evidence(view: View) -> np.ndarray:
    """float64 (100,): standard errors by which an earlier compression at quality 1..100 explains the histograms.

    0 next to the file's own quality: a compression with the same steps leaves no trace, and tables close to the
    reference encoder's would be mistaken for one.
    """
    errors = double_quantisation.evidence([h for m in range(1, MODES + 1) if (h := histogram(view, m))])
    if quality := own_quality(view):
        errors[max(0, quality - 1 - EXCLUDED_QUALITIES) : quality + EXCLUDED_QUALITIES] = 0
    return errors
