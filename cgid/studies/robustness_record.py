"""robustness/ of a run: predictions at every tier and strength, figures with intervals, and what they say in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cgid.artifacts import RUN_EXPORTS
from cgid.evaluate.comparison import compare
from cgid.files import write_json, write_text
from cgid.models import model_card
from cgid.models.robustness_found import FIGURES, FILE, FOLDER, TABLE
from cgid.studies.degradation import all_degradations
from cgid.studies.robustness_points import CLEAN, Point
from cgid.studies.robustness_words import sentences, table_text
from cgid.train import calibrate, predictions

COUNTS = ("n", "n_real", "n_ai", "groups", "threshold")
# What `evaluate.comparison.compare` calls the fall of each, clean minus degraded, and its sign as a change.
CHANGES = {
    "auc": ("auc", -1),
    "balanced_accuracy": ("balanced_accuracy", -1),
    "false_positive_rate": ("specificity", 1),
    "false_negative_rate": ("recall", 1),
}


def write(
    run: Path,
    rows: pd.DataFrame,
    skipped: list[dict[str, str]],
    manifest: Mapping[str, Any],
    frozen: dict[str, Any],
    about: Mapping[str, Any],
) -> dict[str, Any]:
    """Write robustness.json, .csv, predictions.parquet, exports/robustness.csv and the model card; the job's result.

    rows: predictions with `calibrated` and the columns of a point, of the same images at every point; `clean` first.
    """
    points = figures(rows, frozen)
    content = {
        **about,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "degradations": [
            {"name": d.name, "title": d.title, "unit": d.unit, "falling": d.levels[0] > d.levels[-1]}
            for d in all_degradations().values()
            if (rows["degradation"] == d.name).any()
        ],
        "points": points,
        "n_skipped": len(skipped),
        "skipped": skipped[:100],
    }
    content["sentences"] = sentences(content)
    table = pd.DataFrame([_flat(point) for point in points]).to_csv(index=False)
    folder = run / FOLDER
    predictions.write(rows, folder / "predictions.parquet")
    write_text(folder / TABLE, table)
    write_text(run / RUN_EXPORTS / TABLE, table)
    write_json(folder / FILE, content)
    model_card.write(run, dict(manifest))
    return {
        "summary": " ".join([f"{about['run_id']}, {about['images']}:", *content["sentences"]]),
        "table_text": table_text(points),
        "folder": str(folder),
        "points": points,
        "skipped": skipped[:100],
        "n_skipped": len(skipped),
    }


def figures(rows: pd.DataFrame, frozen: dict[str, Any]) -> list[dict[str, Any]]:
    """A block per point, in the order of the rows: figures with intervals by group, and `change` against `clean`.

    The change is paired: both sides are drawn from the same groups, so its interval is narrower than theirs.
    """
    clean = rows[rows["tier"] == CLEAN].reset_index(drop=True)
    threshold = frozen["thresholds"][calibrate.HEADLINE]
    found = []
    for (tier, degradation, level), part in rows.groupby(["tier", "degradation", "level"], sort=False, dropna=False):
        point = Point(tier, degradation, float(level))
        block = calibrate.figures(frozen, part)
        made = {"tier": tier, "degradation": degradation, "level": None if np.isnan(level) else float(level)}
        made |= {"title": point.title} | {k: block[k] for k in (*COUNTS, *FIGURES, "confusion")}
        if tier != CLEAN:
            paired = compare(
                clean["label"].to_numpy(), clean["calibrated"].to_numpy(), part["calibrated"].to_numpy(),
                clean["group"].to_numpy(), threshold, threshold,
            )["bootstrap"]  # fmt: skip
            made["change"] = {name: _signed(paired[key], sign) for name, (key, sign) in CHANGES.items()}
        found.append(made)
    return found


def _signed(difference: Mapping[str, float | None], sign: int) -> dict[str, float | None]:
    value, low, high = (difference[k] for k in ("difference", "low", "high"))
    if sign < 0:
        value, low, high = (None if x is None else 0.0 - x for x in (value, high, low))
    return {"value": value, "low": low, "high": high}


def _flat(point: Mapping[str, Any]) -> dict[str, Any]:
    row = {k: point[k] for k in ("tier", "degradation", "level", "title", *COUNTS)}
    for name in FIGURES:
        row |= {name: point[name]["value"], f"{name}_low": point[name]["low"], f"{name}_high": point[name]["high"]}
    for name, change in point.get("change", {}).items():
        row |= {f"{name}_change": change["value"], f"{name}_change_low": change["low"]}
        row |= {f"{name}_change_high": change["high"]}
    return row
