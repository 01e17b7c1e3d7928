"""The audit as a Markdown page: the verdict, what to check first, then the tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cgid import formatting
from cgid.audit.crosstabs import from_summary
from cgid.audit.gate import gate_result
from cgid.escape import escaped
from cgid.schema import Severity

if TYPE_CHECKING:
    import pandas as pd

MAX_FEATURES = 30


def markdown(table: pd.DataFrame, summary: Mapping[str, Any]) -> str:
    """Markdown. table: the report, worst first. summary: as in feature_leakage_summary.json, with `findings`."""
    counts = summary["class_counts"]
    lines = ["# Leakage audit", "", f"**{summary['verdict']}**", ""]
    if summary["simulated"]:
        lines += [
            "> **Simulated data**: these images come from cgid's own demo sets, not from cameras or generators.",
            "",
        ]
    lines += [
        f"{summary['total_rows']} images ({counts['real']} real, {counts['ai']} AI) in {summary['groups']} independent "
        f"groups; {summary['feature_count']} features. Perfect separators: {summary['perfect_separator_count']}, "
        f"near-perfect or better: {summary['near_perfect_count']}, without variance: {summary['zero_variance_count']}.",
        "",
    ]
    whole = [f for f in summary["findings"] if f["code"] != "feature"]
    if whole:
        lines += ["## What to check first", ""]
        lines += [
            f"- **{_severity_label(f['severity'])}: {f['title']}.** {f['finding']} *{f['remedy']}*" for f in whole
        ] + [""]
    lines += ["## Families", "", "A small model of one family alone, on images it was not trained on.", ""]
    lines += _rows(
        ("family", "features", "balanced accuracy", "AUC", "perfect", "issues", "warnings"),
        [
            (
                *(
                    name,
                    f["features"],
                    *(formatting.decimal(f[k], 3, "not tested") for k in ("balanced_accuracy", "auc")),
                ),
                *(f["perfect_separators"], f["issues"], f["warnings"]),
            )
            for name, f in summary["families"].items()
        ],
    )
    lines += [gate_result(summary["families"])[1], "", "## Checks of the data set", ""]
    lines += _rows(
        ("check", "result", "finding"),
        [(c["title"], _severity_label(c["result"]), c["finding"]) for c in summary["dataset_checks"]],
    )
    counted = [(what, r) for what, rows in from_summary(summary).items() for r in rows]
    if counted:
        lines += ["## Format, size and quality by class", ""]
        lines += _rows(
            ("property", "value", "real", "AI"), [(w, escaped(r["value"], 60), r["real"], r["ai"]) for w, r in counted]
        )
    flagged = table[table["severity"] != "none"]
    lines += [f"## Flagged features ({len(flagged)} of {len(table)})", ""]
    if len(flagged):
        shown = flagged.head(MAX_FEATURES).to_dict("records")
        lines += _rows(
            ("feature", "family", "severity", "accuracy", "AUC", "finding"),
            [
                (
                    *(f"`{r['feature']}`", r["family"], r["severity"]),
                    *(_number(r["single_feature_best_accuracy"]), _number(r["auc"]), r["finding"]),
                )
                for r in shown
            ],
        )
        if len(flagged) > MAX_FEATURES:
            lines += [f"{len(flagged) - MAX_FEATURES} more are in `feature_leakage_report.csv`.", ""]
    else:
        lines += ["None.", ""]
    lines += [
        "## How to read this",
        "",
        "*Accuracy* is that of the best single rule (`value >= t` or `value <= t`) over all images, fitted on the same "
        "images; *AUC* is over the images that have a value; intervals resample whole groups; a feature is flagged only "
        "where the difference is statistically significant (false discovery rate 5 %). A content feature that differs is "
        "what a detector should use; a format or metadata feature that differs is what it must not learn.",
        "",
    ]
    # column and source names are untrusted: one that contains a line break must not start a heading
    return "\n".join(" ".join(line.splitlines()) for line in lines)


def _rows(head: tuple[Any, ...], rows: list[tuple[Any, ...]]) -> list[str]:
    cells = [[str(c).replace("|", "\\|").replace("\n", " ") for c in row] for row in (head, *rows)]
    lines = ["| " + " | ".join(row) + " |" for row in cells]
    return [lines[0], "|" + " --- |" * len(head), *lines[1:], ""]


def _number(value: float) -> str:
    return f"{value:.3f}" if value == value else "–"


def _severity_label(result: str) -> str:
    """Severity of a finding or result of a check; issues are in capitals, so that they are visible without colour."""
    label = Severity(result).label
    return label.upper() if result == Severity.ISSUE else label
