"""robustness/ of a run: predictions at every tier and strength, figures with intervals, and what they say in words.

A run's robustness in sentences: what the web leaves of it, and where each kind of damage begins to cost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cgid import formatting
from cgid.artifacts import RUN_EXPORTS
from cgid.evaluate import operating_points
from cgid.evaluate.comparison import compare
from cgid.files import write_json, write_text
from cgid.robustness.degradation import all_degradations
from cgid.robustness.points import CLEAN, Point
from cgid.runs import model_card, predictions
from cgid.runs.robustness_file import FIGURES, FILE, FOLDER, TABLE

ERRORS = {
    "false_positive_rate": "the share of real photos wrongly accused",
    "false_negative_rate": "the share of AI images missed",
}


def sentences(content: Mapping[str, Any]) -> list[str]:
    """Plain text: one for each tier, one for each curve. content: robustness.json."""
    points = content["points"]
    clean = next(p for p in points if p["tier"] == CLEAN)
    said = [_tier(p, clean) for p in points if p["tier"] and p is not clean]
    for each in content["degradations"]:
        curve = [p for p in points if p["degradation"] == each["name"]]
        said.append(f"{each['title']}: {_curve(curve, clean)}.")
    return said


def doubled(curve: Sequence[Mapping[str, Any]], clean: Mapping[str, Any], figure: str) -> Mapping[str, Any] | None:
    """The first point, from mild to severe, at which an error rate is at least twice the clean one, beyond chance.

    Beyond chance: the interval of the paired change lies above zero. Where the clean rate is zero, that alone counts.
    """
    before = clean[figure]["value"]
    for point in curve:
        now, low = point[figure]["value"], point["change"][figure]["low"]
        if None not in (before, now, low) and low > 0 and now >= 2 * before:
            return point
    return None


def _curve(curve: Sequence[Mapping[str, Any]], clean: Mapping[str, Any]) -> str:
    known = {key: name for key, name in ERRORS.items() if any(p["change"][key]["low"] is not None for p in curve)}
    if not known:
        return "there are too few independent sources to tell where errors begin to grow"
    said, calm = [], []
    for key, name in known.items():
        before, point = clean[key]["value"], doubled(curve, clean, key)
        if before > 0.5:
            said.append(f"{name} is more than half already ({before:.0%})")
        elif point:
            grows = "first doubles or more" if before else "first leaves zero"
            said.append(f"{name} {grows} at {point['title']} ({point[key]['value']:.0%} instead of {before:.0%})")
        else:
            calm.append(f"{name} {before:.0%}")
    if not said:
        return f"at no strength tried does either error double ({', '.join(calm)} as they are)"
    return "; ".join(said) + ("; the other error does not double" if calm else "")


def _tier(point: Mapping[str, Any], clean: Mapping[str, Any]) -> str:
    told = (
        [f"AUC {_decimal(point['auc'])}, before {_decimal(clean['auc'])}"] if clean["auc"]["value"] is not None else []
    )
    for figure, name in ERRORS.items():
        if clean[figure]["value"] is not None:
            told.append(f"{name} {_percent(point[figure])}, before {_percent(clean[figure])}")
    return f"At {point['title']}: {'; '.join(told)}."


def table_text(points: Sequence[Mapping[str, Any]]) -> str:
    """The table for a terminal: a line per point."""
    head = f"{'images':<58} {'n':>6}  {'AUC':<20} {'real accused':<18} {'AI missed':<18}"
    lines = [
        f"{p['title']:<58} {p['n']:>6}  {_decimal(p['auc']):<20} {_percent(p['false_positive_rate']):<18} "
        f"{_percent(p['false_negative_rate']):<18}".rstrip()
        for p in points
    ]
    return "\n".join([head.rstrip(), *lines])


def _decimal(figure: Mapping[str, Any]) -> str:
    return formatting.decimal(figure, unknown="not defined")


def _percent(figure: Mapping[str, Any]) -> str:
    return formatting.share(figure, unknown="not defined")


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
    threshold = frozen["thresholds"][operating_points.HEADLINE]
    found = []
    for (tier, degradation, level), part in rows.groupby(["tier", "degradation", "level"], sort=False, dropna=False):
        point = Point(tier, degradation, float(level))
        block = operating_points.figures(frozen, part)
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
