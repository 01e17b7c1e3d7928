"""Which features of Model B say the same thing, and what each such cluster is worth on images kept for the test.

Clusters come from the training rows (Spearman, average linkage at |rho| 0.7), the loss of AUC from the test rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cgid.audit.probes import some_groups
from cgid.evaluate.feature_clusters import clusters, losses, spearman
from cgid.evaluate.intervals import group_codes
from cgid.model_b.preparation import Preparation
from cgid.model_b.rows import Rows

SAMPLE = 4000  # training rows that are correlated
JUDGED = 600  # test rows that are shuffled; whole groups are drawn


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
    teach = np.flatnonzero(rows.where("train"))
    if len(teach) > SAMPLE:
        teach = np.random.default_rng(seed).choice(teach, SAMPLE, replace=False)
    found = clusters(spearman(raw[teach]))
    test = np.flatnonzero(rows.where("test"))
    codes = group_codes(rows.groups[test], len(test))
    kept = some_groups(codes, seed, JUDGED)
    test, codes = test[kept], codes[kept]
    members = [np.flatnonzero(found.number == n) for n in range(int(found.number.max()) + 1)]
    singles = np.concatenate([m for m in members if len(m) > 1] or [np.empty(0, int)])
    sets = [np.flatnonzero(np.isin(preparation.owners, m)) for m in (*members, *singles[:, None])]
    lost = losses(score, matrix[test], rows.label[test], codes, sets, seed=seed)
    alone = dict(zip(singles.tolist(), (one.value for one in lost[len(members) :])))
    names, lines = preparation.features, []
    for number, (own, loss) in enumerate(zip(members, lost)):
        chief = own[np.argmax([alone.get(int(m), 0.0) for m in own])]
        lines.append(
            {
                "cluster": number,
                "representative": names[found.representative[number]],
                "importance": loss.value,
                "low": loss.low,
                "high": loss.high,
                "size": len(own),
                "least_correlation": float(found.tightness[number]),
                "largest_single": float(alone.get(int(chief), loss.value)),
                "families": " ".join(sorted({families[m] for m in own})),
                "features": " ".join(names[m] for m in own),
            }
        )
    lines.sort(key=lambda line: -line["importance"])
    for number, line in enumerate(lines):
        line["cluster"] = number
    return {key: [line[key] for line in lines] for key in lines[0]}
