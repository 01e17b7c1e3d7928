"""Data-set checks of the audit: the input they get, the outcome they return, and their registration."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from cgid.audit.crosstabs import by_name
from cgid.audit.single_feature import table_balanced_accuracy
from cgid.evaluate.intervals import wilson
from cgid.registry import load

RESULTS = ("issue", "warning", "passed", "not_applicable")


@dataclass(frozen=True)
class AuditInput:
    """Input of the checks.

    frame: the feature table with `target_label` and any columns on files, splits and sources. label, codes, fold:
    class, group and cross-validation fold of each row, (n,). features: the report, a row per feature. probes: a row
    per family. columns: the feature columns. notes: messages on cells that were not numeric when the table was read.
    """

    frame: pd.DataFrame
    label: np.ndarray
    codes: np.ndarray
    fold: np.ndarray
    features: pd.DataFrame
    probes: list[dict[str, Any]] = field(default_factory=list)
    columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def groups(self) -> int:
        return len(np.unique(self.codes))

    def text(self, column: str) -> np.ndarray | None:
        """A column as strings, (n,), '' where unknown; None where the table lacks the column or it is empty."""
        if column not in self.frame:
            return None
        values = self.frame[column].astype(object).where(self.frame[column].notna(), "").astype(str).to_numpy()
        return values if (values != "").any() else None


@dataclass(frozen=True)
class Outcome:
    """result: one of RESULTS. finding: one sentence. details: the values behind it, for tables."""

    result: str
    finding: str
    details: dict[str, Any] = field(default_factory=dict)


class Check:
    """Base class of checks; modules in `checks/` register them in `CHECKS`. remedy: the suggestion shown with a finding."""

    code: ClassVar[str]
    title: ClassVar[str]
    remedy: ClassVar[str]

    def run(self, audited: AuditInput) -> Outcome:
        """The outcome for one audited table."""
        raise NotImplementedError

    def finding(self, audited: AuditInput) -> dict[str, Any]:
        """The outcome as it stands in `feature_leakage_summary.json`."""
        outcome = self.run(audited)
        return {
            "code": self.code,
            "title": self.title,
            "result": outcome.result,
            "finding": outcome.finding,
            "remedy": self.remedy if outcome.result in ("issue", "warning") else "",
            "details": outcome.details,
        }


@cache
def all_checks() -> tuple[Check, ...]:
    """Every check of `checks/` and of the entry points `cgid.checks`, by code. Raises InputError where two share one."""
    from cgid.audit import checks

    checks_by_code = load(checks, "CHECK", entry_points="cgid.checks", name="code")
    return tuple(sorted(checks_by_code.values(), key=lambda c: c.code))


def by_category(audited: AuditInput, category: np.ndarray, what: str) -> Outcome:
    """How well a category (strings, (n,)) predicts the class: balanced accuracy of a cross-validated table."""
    codes, names = pd.factorize(category)
    accuracy = table_balanced_accuracy(codes, audited.label, audited.fold)
    counts = {
        str(name): {
            "real": int(np.sum((codes == i) & (audited.label == 0))),
            "ai": int(np.sum((codes == i) & (audited.label == 1))),
        }
        for i, name in enumerate(names)
    }
    shown = dict(sorted(counts.items(), key=lambda item: -sum(item[1].values()))[:50])
    details = {"balanced_accuracy": accuracy, "counts": shown, "tables": {what: by_name(category, audited.label)}}
    if not np.isfinite(accuracy):
        return Outcome("not_applicable", "Only one class is present.", details)
    if len(names) == 1:
        return Outcome("passed", f"All images have the same {what}.", details)
    return graded(accuracy, audited.groups, f"{what[:1].upper()}{what[1:]} alone predicts the class", details)


def graded(accuracy: float, groups: int, statement: str, details: dict[str, Any]) -> Outcome:
    """Issue from 95 %, warning from 65 % balanced accuracy, where significantly above chance. statement: start of the sentence."""
    lower_bound = wilson(accuracy * groups, groups)[0]
    if lower_bound is not None and lower_bound > 0.5 and accuracy >= 0.95:
        return Outcome("issue", f"{statement} with {accuracy:.1%} balanced accuracy.", details)
    if lower_bound is not None and lower_bound > 0.5 and accuracy >= 0.65:
        return Outcome("warning", f"{statement} with {accuracy:.1%} balanced accuracy (50 % is chance).", details)
    return Outcome("passed", f"{statement} with {accuracy:.1%} balanced accuracy only (50 % is chance).", details)


def list_features(features: list[str], max_shown: int = 6) -> str:
    """`a`, `b` and 3 more."""
    shown = ", ".join(f"`{f}`" for f in features[:max_shown])
    return f"{shown} and {len(features) - max_shown} more" if len(features) > max_shown else shown
