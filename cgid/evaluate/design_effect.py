"""How many of the images of a class speak for themselves: crops of one photograph hang together, and say less than they count.

Kish, L. (1965), Survey Sampling: with intraclass correlation r, n images in groups of m are worth n / (1 + (m - 1) r).
r by one-way analysis of variance on ranks (Donner 1986, Int. Stat. Rev. 54), so that one wild value does not set it.
"""

from __future__ import annotations

import numpy as np


def independent_share(value: np.ndarray, codes: np.ndarray) -> float:
    """Images' worth over images, 0 < share <= 1; 1 where every image is a group of its own, 1 / n in a single group.

    value: (n) finite. codes: (n) group of each image, integers from 0.
    """
    n = len(value)
    sizes = np.bincount(codes)
    sizes = sizes[sizes > 0].astype(float)
    groups = len(sizes)
    if n < 2 or groups == n:
        return 1.0
    if groups == 1:
        return 1.0 / n
    _, row, counts = np.unique(value, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - counts / 2)[row]
    _, group = np.unique(codes, return_inverse=True)
    means = np.bincount(group, weights=rank) / sizes
    between = float(np.sum(sizes * (means - rank.mean()) ** 2)) / (groups - 1)
    within = float(np.sum((rank - means[group]) ** 2)) / (n - groups)
    usual = (n - np.sum(sizes**2) / n) / (groups - 1)
    spread = between + (usual - 1) * within
    correlation = min(max((between - within) / spread, 0.0), 1.0) if spread > 0 else 0.0
    return float(1 / (1 + (np.sum(sizes**2) / n - 1) * correlation))
