"""Importance of clusters of correlated features of Model B, measured on test images.

Clusters come from the training rows (Spearman, average linkage at |rho| 0.7), the loss of AUC from the test rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cgid.audit.probes import sample_groups
from cgid.evaluate.feature_clusters import clusters, losses, spearman
from cgid.evaluate.intervals import group_codes
from cgid.model_b.preparation import Preparation
from cgid.model_b.rows import Rows

MAX_TRAINING_ROWS = 4000  # training rows that are correlated
MAX_TEST_ROWS = 600  # test rows that are shuffled; whole groups are drawn


def importance(
    score: Callable[[np.ndarray], np.ndarray],
    preparation: Preparation,
    families: list[str],
    rows: Rows,
    raw: np.ndarray,
    matrix: np.ndarray,
    seed: int,
) -> dict[str, list[Any]]:
    """Columns of importance_clusters.csv, the most important cluster first.

    score: prepared rows to logits. raw: (n, features) with NaN for missing. matrix: (n, prepared columns). families: of
    the features. `largest_single`: the largest loss of a member that is shuffled alone, on the same rows.
    """
    training = np.flatnonzero(rows.where("train"))
    if len(training) > MAX_TRAINING_ROWS:
        training = np.random.default_rng(seed).choice(training, MAX_TRAINING_ROWS, replace=False)
    feature_clusters = clusters(spearman(raw[training]))
    test = np.flatnonzero(rows.where("test"))
    codes = group_codes(rows.groups[test], len(test))
    selected = sample_groups(codes, seed, MAX_TEST_ROWS)
    test, codes = test[selected], codes[selected]
    members = [np.flatnonzero(feature_clusters.number == n) for n in range(int(feature_clusters.number.max()) + 1)]
    singles = np.concatenate([m for m in members if len(m) > 1] or [np.empty(0, int)])
    sets = [np.flatnonzero(np.isin(preparation.owners, m)) for m in (*members, *singles[:, None])]
    auc_losses = losses(score, matrix[test], rows.label[test], codes, sets, seed=seed)
    single_losses = dict(zip(singles.tolist(), (one.value for one in auc_losses[len(members) :])))
    names, rows_out = preparation.features, []
    for number, (cluster, loss) in enumerate(zip(members, auc_losses)):
        largest = cluster[np.argmax([single_losses.get(int(m), 0.0) for m in cluster])]
        rows_out.append(
            {
                "cluster": number,
                "representative": names[feature_clusters.representative[number]],
                "importance": loss.value,
                "low": loss.low,
                "high": loss.high,
                "size": len(cluster),
                "least_correlation": float(feature_clusters.tightness[number]),
                "largest_single": float(single_losses.get(int(largest), loss.value)),
                "families": " ".join(sorted({families[m] for m in cluster})),
                "features": " ".join(names[m] for m in cluster),
            }
        )
    rows_out.sort(key=lambda line: -line["importance"])
    for number, line in enumerate(rows_out):
        line["cluster"] = number
    return {key: [line[key] for line in rows_out] for key in rows_out[0]}
