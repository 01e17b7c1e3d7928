"""How much of what is called AI is AI, and how much of the AI is found, over all thresholds."""

from __future__ import annotations

from typing import Any

import numpy as np

from cgid.evaluate.ranking import Ranking


def precision_recall(label: Any, score: Any, points: int = 400):
    """DataFrame(recall, precision, threshold), strictest cut first; at most about `points` rows.

    label: 0/1, (n,), 1 = AI. score: larger means more likely AI, (n,); rows without one are left out. precision depends
    on the share of AI among these images: of all places to use it, only where that share is alike. Empty without AI.
    """
    import pandas as pd

    y, s = np.asarray(label, dtype=float).ravel(), np.asarray(score, dtype=float).ravel()
    keep = np.isfinite(y) & np.isfinite(s)
    y, s = y[keep], s[keep]
    if not len(y) or not y.any():
        return pd.DataFrame({"recall": [], "precision": [], "threshold": []}, dtype=float)
    ranking = Ranking.of(y, s)
    true, false = (side[0] for side in ranking.counts())
    recall, precision = true / true[-1], true / (true + false)
    keep = np.arange(len(recall))
    if len(keep) > points:
        keep = np.unique(np.linspace(0, len(recall) - 1, points).astype(int))
    return pd.DataFrame({"recall": recall[keep], "precision": precision[keep], "threshold": ranking.scores[keep]})
