"""The DCT coefficients of a view in steps of its own table, and their histograms: where earlier saves are read from."""

from __future__ import annotations

import numpy as np

from cgid.features.signals import double_quantisation
from cgid.features.signals.dct_histogram import LEAST, LOSSLESS_STEP, MODES, Histogram, course, reach_of
from cgid.features.signals.shared import dct_of_blocks
from cgid.fileformat.quantisation_tables import nearest_quality, zigzag
from cgid.inspector.view import View

BESIDE = 2  # qualities


def blocks(view: View) -> np.ndarray:
    """float32 (64, rows, columns), row-major frequencies, of each whole 8 x 8 block of the stored brightness."""
    dct = dct_of_blocks(view.stored_luma)
    return dct.reshape(64, *dct.shape[2:])


def step_of(view: View, mode: int) -> float:
    """Step of a frequency 0..63 (zig-zag order) of the JPEG's brightness table; LOSSLESS_STEP for other files."""
    table = view.image.jpeg.luma_table if view.image.format == "JPEG" else None
    return float(max(table[mode], 1)) if table else LOSSLESS_STEP


def levels(view: View, mode: int) -> np.ndarray:
    """int32 (rows, columns): that frequency in each block, in steps, rounded."""
    plane = view.once(blocks)[zigzag()[mode]]
    return np.rint(plane * np.float32(1 / step_of(view, mode))).astype(np.int32)


def magnitudes(view: View) -> np.ndarray:
    """int32 (MODES, rows, columns): sizes of frequencies 1..MODES in steps, at most one above what is counted."""
    most = reach_of(step_of(view, 1)) + 1
    return np.stack([np.minimum(np.abs(levels(view, mode)), most) for mode in range(1, MODES + 1)])


def histogram(view: View, mode: int) -> Histogram | None:
    """Of a frequency 1..63; None where too few of its coefficients are other than zero."""
    step = step_of(view, mode)
    reach = reach_of(step)
    size = np.abs(levels(view, mode)).ravel()
    counts = np.bincount(np.minimum(size, reach + 1), minlength=reach + 2)[1:-1].astype(np.float64)
    total = counts.cumsum()
    if total[-1] < LEAST:
        return None
    cut = int(np.searchsorted(total, 0.98 * total[-1])) + 1
    return Histogram(mode, step, counts[:cut], course(counts[:cut])) if cut >= 4 else None


def own_quality(view: View) -> int:
    """Nearest quality of the file's own last save; 0 where it is no JPEG."""
    table = view.image.jpeg.luma_table if view.image.format == "JPEG" else None
    return nearest_quality(table)[0] if table else 0


def evidence(view: View) -> np.ndarray:
    """float64 (100,): standard errors by which an earlier save at qualities 1..100 explains the view's histograms.

    0 beside the file's own quality: a save with the same steps leaves nothing, and tables that are nearly those of the
    reference would be taken for one.
    """
    found = double_quantisation.evidence([h for m in range(1, MODES + 1) if (h := histogram(view, m))])
    if own := own_quality(view):
        found[max(0, own - 1 - BESIDE) : own + BESIDE] = 0
    return found
