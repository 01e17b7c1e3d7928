"""Robust statistics: deviation by the median, and images that are unusual in one feature or in all together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MAD_TO_STD = 1.4826  # standard deviation of normal values over their median absolute deviation
CUT = 3.5
"""|modified z| above which Iglewicz and Hoaglin (How to Detect and Handle Outliers, 1993) call a value an outlier."""


@dataclass(frozen=True, slots=True)
class Together:
    """distance: how unusual each row is, (rows,); about the root of the number of features where nothing is unusual.

    part: each feature's share in the squared distance, (rows, features); negative where it makes the row more usual.
    rank: place of each value among the others of its feature, 0..1, 0.5 where it is missing, (rows, features).
    """

    distance: np.ndarray
    part: np.ndarray
    rank: np.ndarray


def mad_std(values: np.ndarray, floor: float = 0.0, centre: float | None = None) -> float:
    """Standard deviation by the median absolute deviation, of values that are mostly normal; at least `floor`.

    centre: what they are taken to lie around; their median where it is not given.
    """
    away = np.abs(values - np.median(values)) if centre is None else np.abs(values - centre)
    deviation = MAD_TO_STD * float(np.median(away))
    return floor if deviation < floor else deviation


def modified_z(values: np.ndarray, among: np.ndarray | None = None) -> np.ndarray:
    """Robust z of each value, (n,): (x - median) / (1.4826 MAD), NaN where the value is missing.

    among: codes (n,); each value is judged among those of its own code. Where half of the values are alike the MAD is 0:
    then the mean absolute deviation times 1.2533 takes its place; values that are all alike have z = 0.
    """
    z = np.full(len(values), np.nan)
    codes = np.zeros(len(values), int) if among is None else np.asarray(among)
    for code in np.unique(codes):
        mine = np.flatnonzero((codes == code) & np.isfinite(values))
        if not len(mine):
            continue
        away = values[mine] - np.median(values[mine])
        scale = mad_std(values[mine]) or 1.2533 * float(np.mean(np.abs(away)))
        z[mine] = away / scale if scale > 0 else 0.0
    return z


def together(sample: np.ndarray, ridge: float = 0.1) -> Together:
    """Mahalanobis distance of the rows after each feature was turned into normal scores of its ranks.

    sample: (rows, features), NaN where missing (counts as the middle). Ranks tame heavy tails: what counts is an unusual
    combination, not one huge value. The correlation matrix is drawn towards the identity by `ridge`, so that features
    which say the same thing do not blow the distance up. Features without spread have no part.
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
    return Together(np.sqrt(np.maximum(part.sum(1), 0)), part, rank)
