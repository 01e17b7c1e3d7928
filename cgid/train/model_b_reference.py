"""Keeps how each feature lies in Model B's training rows, small enough to be read whenever an image is checked.

`reference.json` of a run: per feature the spread over real photos and AI images (`evaluate.class_spread`), how many had
no value, and its AUC with a 95 % interval, groups as the unit. A check shows with it where one image lies.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from cgid.evaluate.class_spread import Spread
from cgid.files import plain, sha256_of, write_text
from cgid.train.model_b_rows import Rows

REFERENCE = "reference.json"
FORMAT = 1
MOST_ROWS = 40_000  # a ten-thousandth of a rank is finer than any strip: more rows would only cost time


def write(folder: Path, rows: Rows, seed: int = 2026) -> dict[str, str]:
    """{"file", "sha256"} of the reference of the training rows, for the run's manifest."""
    text = json.dumps(plain(describe(rows, seed)), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    write_text(folder / REFERENCE, text + "\n")
    return {"file": REFERENCE, "sha256": sha256_of(folder / REFERENCE)}


def describe(rows: Rows, seed: int = 2026) -> dict[str, Any]:
    """{"format", "rows": {"real", "ai"}, "groups": {"real", "ai"}, "features": {column: {"edges", "real", "ai",
    "missing": {"real", "ai"}, "independent": [real, ai], "auc": {"value", "low", "high"}}}}.

    independent: what an image of the class is worth, since images of a group hang together (`design_effect`). auc: that
    AI is higher; null where undefined.
    """
    from cgid.evaluate.design_effect import independent_share
    from cgid.evaluate.intervals import group_codes
    from cgid.evaluate.leakage import auc_intervals
    from cgid.evaluate.single_feature import auc_and_influence
    from cgid.features.table import feature_columns

    taught = np.flatnonzero(rows.where("train"))
    if len(taught) > MOST_ROWS:
        taught = np.sort(np.random.default_rng(seed).choice(taught, MOST_ROWS, replace=False))
    frame, label = rows.frame.iloc[taught], rows.label[taught].astype(int)
    codes = group_codes(rows.groups[taught], len(taught))
    columns = [c for c in feature_columns(rows.frame) if not c.endswith("_missing")]
    features: dict[str, dict[str, Any]] = {}
    ranked = []
    for column in columns:
        value = frame[column].to_numpy(dtype=float)
        missing = ~np.isfinite(value)
        if missing.all():
            continue
        lost = {name: int((missing & (label == k)).sum()) for k, name in enumerate(("real", "ai"))}
        worth = [round(independent_share(value[m], codes[m]), 4) for m in (~missing & (label == k) for k in (0, 1))]
        features[column] = {**Spread.of(value, label).to_json(), "missing": lost, "independent": worth}
        ranked.append(auc_and_influence(value, label, codes))
    if ranked:
        auc = np.array([a for a, _ in ranked])
        low, high = auc_intervals(auc, [i for _, i in ranked], label, codes)
        for block, *figures in zip(features.values(), auc, low, high):
            block["auc"] = dict(zip(("value", "low", "high"), (round(float(f), 4) for f in figures)))
    return {
        "format": FORMAT,
        "rows": {name: int((label == k).sum()) for k, name in enumerate(("real", "ai"))},
        "groups": {name: len(np.unique(codes[label == k])) for k, name in enumerate(("real", "ai"))},
        "features": features,
    }
