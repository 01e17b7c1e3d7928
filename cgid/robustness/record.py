"""The folder robustness/ of a run: predictions under every condition, metrics with intervals, and a summary."""

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
from cgid.robustness.points import CLEAN, Condition
from cgid.runs import model_card, predictions
from cgid.runs.robustness_file import FILE, FOLDER, METRICS, TABLE

ERROR_RATES = {
    "false_positive_rate": "the false positive rate",
    "false_negative_rate": "the false negative rate",
}


def sentences(content: Mapping[str, Any]) -> list[str]:
    """One sentence per tier and per curve. content: robustness.json."""
    conditions = content["points"]
    clean = next(p for p in conditions if p["tier"] == CLEAN)
    result = [_tier_sentence(p, clean) for p in conditions if p["tier"] and p is not clean]
    for degradation in content["degradations"]:
        curve = [p for p in conditions if p["degradation"] == degradation["name"]]
        result.append(f"{degradation['title']}: {_curve_sentence(curve, clean)}.")
    return result


def doubled(curve: Sequence[Mapping[str, Any]], clean: Mapping[str, Any], metric: str) -> Mapping[str, Any] | None:
    """The first condition, from mild to severe, at which an error rate is at least twice the clean one, significantly.

    Significantly: the interval of the paired change lies above zero. Where the clean rate is zero, that is sufficient.
    """
    before = clean[metric]["value"]
    for condition in curve:
        rate, low = condition[metric]["value"], condition["change"][metric]["low"]
        if None not in (before, rate, low) and low > 0 and rate >= 2 * before:
            return condition
    return None


def _curve_sentence(curve: Sequence[Mapping[str, Any]], clean: Mapping[str, Any]) -> str:
    known = {key: name for key, name in ERROR_RATES.items() if any(p["change"][key]["low"] is not None for p in curve)}
    if not known:
        return "there are too few independent sources to determine where errors increase"
    statements, unchanged = [], []
    for key, name in known.items():
        before, condition = clean[key]["value"], doubled(curve, clean, key)
        if before > 0.5:
            statements.append(f"{name} already exceeds 50 % ({before:.0%})")
        elif condition:
            grows = "first doubles" if before else "first exceeds zero"
            statements.append(
                f"{name} {grows} at {condition['title']} ({condition[key]['value']:.0%} instead of {before:.0%})"
            )
        else:
            unchanged.append(f"{name} {before:.0%}")
    if not statements:
        return f"neither error rate doubles at any tested level ({', '.join(unchanged)} without it)"
    return "; ".join(statements) + ("; the other error rate does not double" if unchanged else "")


def _tier_sentence(condition: Mapping[str, Any], clean: Mapping[str, Any]) -> str:
    statements = (
        [f"AUC {_decimal(condition['auc'])}, before {_decimal(clean['auc'])}"]
        if clean["auc"]["value"] is not None
        else []
    )
    for metric, name in ERROR_RATES.items():
        if clean[metric]["value"] is not None:
            statements.append(f"{name} {_percent(condition[metric])}, before {_percent(clean[metric])}")
    return f"At {condition['title']}: {'; '.join(statements)}."


def table_text(points: Sequence[Mapping[str, Any]]) -> str:
    """The table for a terminal: a line per condition."""
    head = f"{'images':<58} {'n':>6}  {'AUC':<20} {'FPR':<18} {'FNR':<18}"
    lines = [
        f"{p['title']:<58} {p['n']:>6}  {_decimal(p['auc']):<20} {_percent(p['false_positive_rate']):<18} "
        f"{_percent(p['false_negative_rate']):<18}".rstrip()
        for p in points
    ]
    return "\n".join([head.rstrip(), *lines])


def _decimal(metric: Mapping[str, Any]) -> str:
    return formatting.decimal(metric, unknown="not defined")


def _percent(metric: Mapping[str, Any]) -> str:
    return formatting.percentage(metric, unknown="not defined")


COUNTS = ("n", "n_real", "n_ai", "groups", "threshold")
# Key of each change in `evaluate.comparison.compare` (clean minus degraded), and its sign as a change.
CHANGE_KEYS = {
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
    thresholds: dict[str, Any],
    about: Mapping[str, Any],
) -> dict[str, Any]:
    """Write robustness.json, .csv, predictions.parquet, exports/robustness.csv and the model card; the job's result.

    rows: predictions with `calibrated` and the columns of a condition, of the same images under every condition; `clean`
    first.
    """
    conditions = condition_metrics(rows, thresholds)
    content = {
        **about,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "degradations": [
            {"name": d.name, "title": d.title, "unit": d.unit, "falling": d.levels[0] > d.levels[-1]}
            for d in all_degradations().values()
            if (rows["degradation"] == d.name).any()
        ],
        "points": conditions,
        "n_skipped": len(skipped),
        "skipped": skipped[:100],
    }
    content["sentences"] = sentences(content)
    table = pd.DataFrame([_csv_row(point) for point in conditions]).to_csv(index=False)
    folder = run / FOLDER
    predictions.write(rows, folder / "predictions.parquet")
    write_text(folder / TABLE, table)
    write_text(run / RUN_EXPORTS / TABLE, table)
    write_json(folder / FILE, content)
    model_card.write(run, dict(manifest))
    return {
        "summary": " ".join([f"{about['run_id']}, {about['images']}:", *content["sentences"]]),
        "table_text": table_text(conditions),
        "folder": str(folder),
        "points": conditions,
        "skipped": skipped[:100],
        "n_skipped": len(skipped),
    }


def condition_metrics(rows: pd.DataFrame, thresholds: dict[str, Any]) -> list[dict[str, Any]]:
    """A block per condition, in the order of the rows: metrics with intervals by group, and `change` against `clean`.

    The change is paired: both sides use the same groups, so its interval is narrower than theirs.
    """
    clean = rows[rows["tier"] == CLEAN].reset_index(drop=True)
    threshold = thresholds["thresholds"][operating_points.DEFAULT_POINT]
    blocks = []
    for (tier, degradation, level), part in rows.groupby(["tier", "degradation", "level"], sort=False, dropna=False):
        condition = Condition(tier, degradation, float(level))
        block = operating_points.metrics(thresholds, part)
        entry = {"tier": tier, "degradation": degradation, "level": None if np.isnan(level) else float(level)}
        entry |= {"title": condition.title} | {k: block[k] for k in (*COUNTS, *METRICS, "confusion")}
        if tier != CLEAN:
            paired = compare(
                clean["label"].to_numpy(), clean["calibrated"].to_numpy(), part["calibrated"].to_numpy(),
                clean["group"].to_numpy(), threshold, threshold,
            )["bootstrap"]  # fmt: skip
            entry["change"] = {name: _signed(paired[key], sign) for name, (key, sign) in CHANGE_KEYS.items()}
        blocks.append(entry)
    return blocks


def _signed(difference: Mapping[str, float | None], sign: int) -> dict[str, float | None]:
    value, low, high = (difference[k] for k in ("difference", "low", "high"))
    if sign < 0:
        value, low, high = (None if x is None else 0.0 - x for x in (value, high, low))
    return {"value": value, "low": low, "high": high}


def _csv_row(condition: Mapping[str, Any]) -> dict[str, Any]:
    row = {k: condition[k] for k in ("tier", "degradation", "level", "title", *COUNTS)}
    for name in METRICS:
        row |= {
            name: condition[name]["value"],
            f"{name}_low": condition[name]["low"],
            f"{name}_high": condition[name]["high"],
        }
    for name, change in condition.get("change", {}).items():
        row |= {f"{name}_change": change["value"], f"{name}_change_low": change["low"]}
        row |= {f"{name}_change_high": change["high"]}
    return row
