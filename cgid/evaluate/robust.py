"""Robust statistics: median-based deviation, and outliers in one feature or in all jointly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MAD_TO_STD = 1.4826  # standard deviation of normal values over their median absolute deviation
OUTLIER_THRESHOLD = 3.5
"""|modified z| above which Iglewicz and Hoaglin (How to Detect and Handle Outliers, 1993) call a value an outlier."""


@dataclass(frozen=True, slots=True)
class MultivariateOutliers:
    """distance: Mahalanobis distance of each row, (rows,); about the root of the number of features for ordinary rows.

    part: contribution of each feature to the squared distance, (rows, features); may be negative.
    rank: rank of each value within its feature, 0..1, 0.5 where it is missing, (rows, features).
    """

    distance: np.ndarray
    part: np.ndarray
    rank: np.ndarray


def mad_std(values: np.ndarray, floor: float = 0.0, centre: float | None = None) -> float:
    """Standard deviation estimated from the median absolute deviation of roughly normal values; at least `floor`.

    centre: centre of the deviations; default: the median.
    """
    distances = np.abs(values - np.median(values)) if centre is None else np.abs(values - centre)
    deviation = MAD_TO_STD * float(np.median(distances))
    return floor if deviation < floor else deviation


def robust_z(values: np.ndarray, among: np.ndarray | None = None) -> np.ndarray:
    """Robust z of each value, (n,): (x - median) / (1.4826 MAD), NaN where the value is missing.

    among: codes (n,); each value is compared with those of the same code. Where half of the values are equal the MAD is
    0: then the mean absolute deviation times 1.2533 replaces it; constant values have z = 0.
    """
    z = np.full(len(values), np.nan)
    codes = np.zeros(len(values), int) if among is None else np.asarray(among)
    for code in np.unique(codes):
        rows = np.flatnonzero((codes == code) & np.isfinite(values))
        if not len(rows):
            continue
        deviations = values[rows] - np.median(values[rows])
        scale = mad_std(values[rows]) or 1.2533 * float(np.mean(np.abs(deviations)))
        z[rows] = deviations / scale if scale > 0 else 0.0
    return z


def multivariate_outliers(sample: np.ndarray, ridge: float = 0.1) -> MultivariateOutliers:
    """Mahalanobis distance of the rows after a rank-based normal transformation of each feature.

    sample: (rows, features), NaN where missing (counts as the median). Ranks limit heavy tails: an unusual combination
    counts, not one huge value. The correlation matrix is shrunk towards the identity by `ridge`, so that highly
    correlated features do not inflate the distance. Constant features do not contribute.
    """
    from scipy.special import ndtri
    from scipy.stats import rankdata

    rows, features = sample.shape
    rank = np.full(sample.shape, 0.5)
    for at in range(features):
        keep = np.isfinite(sample[:, at])
        if keep.any():
            rank[keep, at] = (rankdata(sample[keep, at]) - 0.5) / keep.sum()
    scores = ndtri(rank)
    scores -= scores.mean(0) if rows else 0
    spread = scores.std(0) if rows else np.zeros(features)
    scores = np.divide(scores, spread, out=np.zeros_like(scores), where=spread > 1e-9)
    correlation = (1 - ridge) * (scores.T @ scores) / max(rows, 1) + ridge * np.eye(features)
    part = scores * np.linalg.solve(correlation, scores.T).T
    return MultivariateOutliers(np.sqrt(np.maximum(part.sum(1), 0)), part, rank)
