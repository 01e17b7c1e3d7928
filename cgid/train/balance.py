"""Class-balanced epochs: as many images of each class, whatever the manifest holds.

An epoch keeps its length. Of the larger class it sees a part, another one every epoch; of the smaller class every image
as often as the next, but for the rest of the division, which is drawn. Where an image comes again within an epoch it is
augmented anew: a *place* is row + n x (how often it has come before), and augmentation is drawn for places.
"""

from __future__ import annotations

import numpy as np

COPIES = 8  # different augmentations of one image in one epoch; from then on they repeat


def places(rows: np.ndarray, label: np.ndarray, n: int, seed: int, epoch: int) -> np.ndarray:
    """Places of one epoch, as many as `rows`, in no order that matters; place % n is the row.

    label: of all n rows of the manifest. With an odd number of rows the classes take turns at the odd one.
    """
    random = np.random.default_rng([seed, epoch, 5])
    classes = np.unique(label[rows])
    parts = []
    for i, value in enumerate(classes):
        own = rows[label[rows] == value]
        wanted = (len(rows) + (i + epoch) % len(classes)) // len(classes)
        whole, rest = divmod(wanted, len(own))
        parts += [own + n * (copy % COPIES) for copy in range(whole)]
        parts.append(random.permutation(own)[:rest] + n * (whole % COPIES))
    return np.concatenate(parts)
