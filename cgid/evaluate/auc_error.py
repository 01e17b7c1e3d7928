"""How sure an area under the ROC curve is: DeLong's components of each row, summed over the groups that belong together.

DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44; Obuchowski (1997), Biometrics 53 (clustered rows). The interval
is made on the logit scale, where it stays inside 0..1 and keeps its level close to 1 (Pepe 2003, section 5.2).
"""

from __future__ import annotations

import numpy as np


def components(label: np.ndarray, score: np.ndarray) -> tuple[float, np.ndarray]:
    """(AUC, share of the other class that each row beats or is beaten by, (n,)), by midranks."""
    from scipy.stats import rankdata

    ai = label == 1
    m, n = int(ai.sum()), int((~ai).sum())
    every, part = rankdata(score), np.empty(len(score))
    part[ai] = (every[ai] - rankdata(score[ai])) / n
    part[~ai] = 1 - (every[~ai] - rankdata(score[~ai])) / m
    return float(part[ai].mean()), part


def variance(label: np.ndarray, part: np.ndarray, mean: float, codes: np.ndarray | None) -> float:
    """Of an AUC, or of a difference of two: part (n,) are the components or their difference, mean their mean."""
    ai = label == 1
    m, n = int(ai.sum()), int((~ai).sum())
    if codes is None or len(np.unique(codes)) == len(label):
        return float(np.var(part[ai], ddof=1) / m + np.var(part[~ai], ddof=1) / n)
    summed = np.bincount(codes, weights=np.where(ai, (part - mean) / m, (part - mean) / n))
    count = len(np.unique(codes))
    return float(np.sum(summed**2) * count / max(count - 1, 1))


def interval(label: np.ndarray, score: np.ndarray, codes: np.ndarray) -> tuple[float, float]:
    """95 % interval of the AUC; both classes need two groups. A perfect order has no variance: (1, 1), or (0, 0)."""
    from scipy.stats import t

    value, part = components(label, score)
    error = np.sqrt(variance(label, part, value, codes))
    if error <= 1e-12 or not 1e-12 < value < 1 - 1e-12:
        return value, value
    far = t.ppf(0.975, len(np.unique(codes)) - 1) * error / (value * (1 - value))
    middle = np.log(value / (1 - value))
    low, high = 1 / (1 + np.exp(-(middle + np.array([-far, far]))))
    return float(low), float(high)
