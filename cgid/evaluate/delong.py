"""DeLong's test and interval of areas under the ROC curve, for grouped rows.

DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44; Obuchowski (1997), Biometrics 53 (clustered rows). The interval
is computed on the logit scale, where it stays within 0..1 and keeps its coverage near 1 (Pepe 2003, section 5.2).
"""

from __future__ import annotations

import numpy as np

from cgid.evaluate.calibration import sigmoid


def components(label: np.ndarray, score: np.ndarray) -> tuple[float, np.ndarray]:
    """(AUC, fraction of the other class that each row is ranked correctly against, (n,)), by midranks."""
    from scipy.stats import rankdata

    ai = label == 1
    m, n = int(ai.sum()), int((~ai).sum())
    every, part = rankdata(score), np.empty(len(score))
    part[ai] = (every[ai] - rankdata(score[ai])) / n
    part[~ai] = 1 - (every[~ai] - rankdata(score[~ai])) / m
    return float(part[ai].mean()), part


def variance(label: np.ndarray, part: np.ndarray, mean: float, codes: np.ndarray | None) -> tuple[float, float]:
    """(variance, degrees of freedom) of an AUC, or of a difference of two. part: components or their difference, (n,).

    mean: of `part` in each class. Groups of real images, of AI images and of both are separate strata (one stratum
    where one of them has a single group); degrees of freedom after Welch and Satterthwaite, so that three photographs
    count as three however many AI images they are compared with.
    """
    ai = label == 1
    row = np.where(ai, (part - mean) / ai.sum(), (part - mean) / (~ai).sum())
    own = np.arange(len(label)) if codes is None else np.unique(codes, return_inverse=True)[1]
    summed, holds_ai = np.bincount(own, weights=row), np.bincount(own, weights=ai) > 0
    kind = 2 * holds_ai + (np.bincount(own, weights=~ai) > 0)
    sizes = np.bincount(kind)
    if (sizes == 1).any():
        kind, sizes = np.zeros_like(kind), np.array([len(kind)])
    n = sizes[sizes > 0]
    shares = np.bincount(kind, weights=summed**2)[sizes > 0] * n / np.maximum(n - 1, 1)
    total = float(shares.sum())
    if total <= 0:
        return 0.0, float(np.maximum(n - 1, 1).sum())
    return total, float(total**2 / np.sum(shares**2 / np.maximum(n - 1, 1)))


def interval(label: np.ndarray, score: np.ndarray, codes: np.ndarray) -> tuple[float, float]:
    """95 % interval of the AUC; both classes need two groups. A perfect order has no variance: (1, 1), or (0, 0)."""
    from scipy.special import stdtrit

    value, part = components(label, score)
    variance_sum, degrees = variance(label, part, value, codes)
    error = np.sqrt(variance_sum)
    if error <= 1e-12 or not 1e-12 < value < 1 - 1e-12:
        return value, value
    half_width = -stdtrit(degrees, 0.025) * error / (value * (1 - value))
    centre = np.log(value / (1 - value))
    low, high = sigmoid(centre + np.array([-half_width, half_width]))
    return float(low), float(high)


def delong(label: np.ndarray, a: np.ndarray, b: np.ndarray, codes: np.ndarray | None = None) -> dict[str, float | None]:
    """{"auc_a", "auc_b", "difference", "low", "high", "z", "p"} of two correlated AUCs; codes: group of each row."""
    empty = dict.fromkeys(("auc_a", "auc_b", "difference", "low", "high", "z", "p"))
    ai, real = int(np.sum(label == 1)), int(np.sum(label == 0))
    if ai < 2 or real < 2:
        return empty
    auc_a, part_a = components(label, a)
    auc_b, part_b = components(label, b)
    difference = auc_a - auc_b
    variance_sum, degrees = variance(label, part_a - part_b, difference, codes)
    error = float(np.sqrt(variance_sum))
    result = empty | {"auc_a": auc_a, "auc_b": auc_b, "difference": difference}
    if error <= 1e-12:
        return result | ({"low": 0.0, "high": 0.0, "z": 0.0, "p": 1.0} if abs(difference) < 1e-12 else {})
    from scipy.stats import norm, t

    independent = codes is None or len(np.unique(codes)) == len(label)
    distribution = norm() if independent else t(degrees)  # Student's t where there are few groups
    z, half_width = difference / error, float(distribution.ppf(0.975)) * error
    return result | {
        "low": difference - half_width,
        "high": difference + half_width,
        "z": z,
        "p": float(2 * distribution.sf(abs(z))),
    }
