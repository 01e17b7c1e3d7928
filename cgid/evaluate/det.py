"""Both kinds of error against each other: the DET curve, on axes that make well-behaved scores a straight line.

Martin, Doddington, Kamm, Ordowski and Przybocki (1997), "The DET curve in assessment of detection task performance",
Eurospeech: the axes are the normal quantiles (probits) of the two error rates.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cgid.evaluate.ranking import Ranking


def det(label: Any, score: Any, points: int = 400):
    """DataFrame(fpr, fnr, threshold, x, y) of every cut, strictest first; at most about `points` rows.

    label: 0/1, (n,), 1 = AI. score: larger means more likely AI, (n,); rows without one are left out. fpr: share of
    real photographs called AI; fnr: share of AI images called real, called AI being score >= threshold. x, y: probits
    of fpr and fnr; a rate of 0 or 1 has none and is drawn half an image away from it. Empty with one class.
    """
    import pandas as pd

    y, s = np.asarray(label, dtype=float).ravel(), np.asarray(score, dtype=float).ravel()
    keep = np.isfinite(y) & np.isfinite(s)
    y, s = y[keep], s[keep]
    columns = ("fpr", "fnr", "threshold", "x", "y")
    if not len(y) or y.min() == y.max():
        return pd.DataFrame({name: [] for name in columns}, dtype=float)
    ranking = Ranking.of(y, s)
    true, false = (side[0] for side in ranking.counts())
    fpr, fnr = np.append(0, false / false[-1]), np.append(1, 1 - true / true[-1])
    cut = np.append(np.nextafter(ranking.scores[0], np.inf), ranking.scores)
    across, up = probit(fpr, int(false[-1])), probit(fnr, int(true[-1]))
    along = across - up  # rises with every cut
    keep = np.arange(len(cut))
    if len(keep) > points:
        wanted = np.linspace(along[0], along[-1], points)
        keep = np.unique(np.searchsorted(along, wanted).clip(0, len(along) - 1))
    return pd.DataFrame(dict(zip(columns, (side[keep] for side in (fpr, fnr, cut, across, up)))))


def probit(rate: Any, n: int) -> np.ndarray:
    """Normal quantile of shares of n images; 0 and 1 count as half an image (1 / 2n) away from the end."""
    from scipy.special import ndtri

    half = 0.5 / max(n, 1)
    return ndtri(np.clip(np.asarray(rate, dtype=float), half, 1 - half))
