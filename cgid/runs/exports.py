"""Writes exports/: the metrics of a run or an evaluation as tables and Markdown, weakest group first."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from cgid import formatting
from cgid.artifacts import CONFUSION_MATRICES, EVALUATION_SUMMARY, METRICS_SUMMARY, METRICS_TABLE
from cgid.evaluate.metrics import summary
from cgid.evaluate.operating_points import DEFAULT_POINT
from cgid.files import write_json, write_text
from cgid.schema import external_split

REAL = "(real)"  # real photos have no generator
UNNAMED_GENERATOR = "(not named)"
SHOWN_METRICS = (
    "n",
    "accuracy",
    "balanced_accuracy",
    "auc",
    "false_positive_rate",
    "false_negative_rate",
    "tpr_at_5fpr",
)


def write(
    folder: Path,
    title: str,
    tables: Mapping[str, pd.DataFrame],
    thresholds: Mapping[str, Any],
    overall: Mapping[str, Any],
    beside: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Write metrics_summary.csv, confusion_matrices.csv, metrics_summary.json, evaluation_summary.md; the JSON's
    content.

    tables: {split: predictions with `calibrated`}. overall: metrics as in metrics.json, or {split: block}.
    beside: {title: block} of further metrics shown with these, such as the run's own in-domain test.
    """
    blocks = _blocks(overall)
    threshold = thresholds["thresholds"][DEFAULT_POINT]
    splits = {
        split: {
            "overall": blocks[split],
            "by_generator": parts(_evaluated_rows(split, table), "generator", threshold),
            "by_source": parts(_evaluated_rows(split, table), "source", threshold),
        }
        for split, table in tables.items()
    }
    content = {"title": title, "threshold": threshold, "splits": splits, "beside": dict(beside or {})}
    rows = [row for split, of in splits.items() for row in _rows(split, of)]
    write_text(folder / METRICS_TABLE, pd.DataFrame([_flat(*r) for r in rows]).to_csv(index=False))
    write_text(folder / CONFUSION_MATRICES, pd.DataFrame([_matrix(*r) for r in rows]).to_csv(index=False))
    write_text(folder / EVALUATION_SUMMARY, _markdown(content))
    write_json(folder / METRICS_SUMMARY, content)
    return content


def metric_text(metric: Mapping[str, Any]) -> str:
    """A metric with its interval in one line, for summaries of jobs: three digits, or "not defined"."""
    return formatting.decimal(metric, 3, "not defined")


def parts(table: pd.DataFrame, column: str, threshold: float) -> list[dict[str, Any]]:
    """A block of metrics per generator or source, each with `name`, lowest accuracy first.

    Proportions have Wilson intervals; real photos form one group where `column` is generator.
    """
    name = table[column].astype(str).where(table[column].astype(str) != "", UNNAMED_GENERATOR)
    if column == "generator":
        name = name.where(table["label"] == 1, REAL)
    blocks = []
    for key, rows in table.groupby(name, sort=True):
        block = summary(
            rows["label"].to_numpy(), rows["calibrated"].to_numpy(), threshold, rows["group"].to_numpy(), draws=0
        )
        blocks.append({"name": str(key), **block})
    return sorted(blocks, key=lambda block: (block["accuracy"]["value"], block["name"]))


def _evaluated_rows(split: str, table: pd.DataFrame) -> pd.DataFrame:
    """The rows a split is evaluated on: of val those that thresholds were not fitted on."""
    return table[~table["calibration"]] if "calibration" in table else table


def _blocks(overall: Mapping[str, Any]) -> dict[str, Any]:
    blocks = {k: v for k, v in overall.items() if k != "external"}
    return blocks | {external_split(e["name"]): e for e in overall.get("external", [])}


def _rows(split: str, of: Mapping[str, Any]) -> list[tuple[str, str, str, Mapping[str, Any]]]:
    rows = [(split, "all", "all", of["overall"])]
    for part in ("generator", "source"):
        rows += [(split, part, block["name"], block) for block in of[f"by_{part}"]]
    return rows


def _flat(split: str, part: str, name: str, block: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {"split": split, "part": part, "name": name}
    row |= {k: block[k] for k in ("n", "n_real", "n_ai", "groups", "threshold")}
    for key, metric in block.items():
        if isinstance(metric, Mapping) and "value" in metric:
            row |= {key: metric["value"], f"{key}_low": metric["low"], f"{key}_high": metric["high"]}
    return row


def _matrix(split: str, part: str, name: str, block: Mapping[str, Any]) -> dict[str, Any]:
    head = {"split": split, "part": part, "name": name, "threshold": block["threshold"]}
    return head | dict(block["confusion"]) | {"n": block["n"]}


def _markdown(content: Mapping[str, Any]) -> str:
    lines = [f"# Evaluation of {content['title']}", ""]
    lines += ["`ai` is the positive class. Probabilities are calibrated; an image is called AI from"]
    lines += [f"{content['threshold']:.3f} on. Brackets: 95 % intervals.", ""]
    lines += _table({split: of["overall"] for split, of in content["splits"].items()} | content["beside"])
    for split, of in content["splits"].items():
        for part in ("generator", "source"):
            if len(of[f"by_{part}"]) > 1:
                lines += ["", f"## {split} by {part}, worst first", ""]
                lines += _part_table(of[f"by_{part}"])
    return "\n".join(lines) + "\n"


def _table(blocks: Mapping[str, Mapping[str, Any]]) -> list[str]:
    lines = ["| | " + " | ".join(SHOWN_METRICS) + " |", "|---" * (len(SHOWN_METRICS) + 1) + "|"]
    for name, block in blocks.items():
        lines.append(f"| {name} | " + " | ".join(_cell(block[k]) for k in SHOWN_METRICS) + " |")
    return lines


def _part_table(blocks: list[dict[str, Any]]) -> list[str]:
    lines = ["| name | n | accuracy | real called AI | AI called real |", "|---|---|---|---|---|"]
    for block in blocks:
        cells = (_cell(block[k]) for k in ("n", "accuracy", "false_positive_rate", "false_negative_rate"))
        lines.append(f"| {_escaped(block['name'])} | " + " | ".join(cells) + " |")
    return lines


def _cell(value: Any) -> str:
    if not isinstance(value, Mapping):
        return str(value)
    if value["value"] is None:
        return "–"
    if value["low"] is None:
        return f"{value['value']:.3f}"
    return f"{value['value']:.3f} [{value['low']:.3f}, {value['high']:.3f}]"


def _escaped(name: str) -> str:
    """Names come from files: nothing in them may end a cell or become markup."""
    return "".join(c if c.isalnum() or c in " _-.,()" else " " for c in name)
