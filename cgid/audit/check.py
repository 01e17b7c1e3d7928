"""What a data-set check is: a small class that looks at the audited table and says what it found as a sentence."""

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
class Audited:
    """What checks may look at.

    frame: the feature table with `target_label` and whatever it knows of files, splits and sources. label, codes, fold:
    class, group and cross-validation fold of each row, (n,). features: the report, a row per feature. probes: a row
    per family. columns: the feature columns. notes: sentences on cells that were no numbers when the table was read.
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
        """A column as strings, (n,), '' where nothing is known; None where the table lacks it or it is all empty."""
        if column not in self.frame:
            return None
        values = self.frame[column].astype(object).where(self.frame[column].notna(), "").astype(str).to_numpy()
        return values if (values != "").any() else None


@dataclass(frozen=True)
class Outcome:
    """result: one of RESULTS. finding: one sentence. details: figures behind it, for tables."""

    result: str
    finding: str
    details: dict[str, Any] = field(default_factory=dict)


class Check:
    """A file in `checks/` that holds `CHECK = …()` is run by being there. `remedy` is what a person can do about it."""

    code: ClassVar[str]
    title: ClassVar[str]
    remedy: ClassVar[str]

    def run(self, audited: Audited) -> Outcome:
        raise NotImplementedError

    def finding(self, audited: Audited) -> dict[str, Any]:
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

    found = load(checks, "CHECK", entry_points="cgid.checks", name="code")
    return tuple(sorted(found.values(), key=lambda c: c.code))


def by_category(audited: Audited, category: np.ndarray, what: str) -> Outcome:
    """Does a category (strings, (n,)) give the class away? Balanced accuracy of a cross-validated table."""
    codes, names = pd.factorize(category)
    right = table_balanced_accuracy(codes, audited.label, audited.fold)
    counts = {
        str(name): {
            "real": int(np.sum((codes == i) & (audited.label == 0))),
            "ai": int(np.sum((codes == i) & (audited.label == 1))),
        }
        for i, name in enumerate(names)
    }
    shown = dict(sorted(counts.items(), key=lambda item: -sum(item[1].values()))[:50])
    details = {"balanced_accuracy": right, "counts": shown, "tables": {what: by_name(category, audited.label)}}
    if not np.isfinite(right):
        return Outcome("not_applicable", "Only one class is present.", details)
    if len(names) == 1:
        return Outcome("passed", f"All images have the same {what}.", details)
    return graded(right, audited.groups, f"{what[:1].upper()}{what[1:]} alone tells real from AI", details)


def graded(right: float, groups: int, words: str, details: dict[str, Any]) -> Outcome:
    """Issue from 95 %, warning from 65 % balanced accuracy, where more than chance; `words` begins the sentence."""
    sure = wilson(right * groups, groups)[0]
    if sure is not None and sure > 0.5 and right >= 0.95:
        return Outcome("issue", f"{words} with {right:.1%} balanced accuracy.", details)
    if sure is not None and sure > 0.5 and right >= 0.65:
        return Outcome("warning", f"{words} with {right:.1%} balanced accuracy (50 % is chance).", details)
    return Outcome("passed", f"{words} with {right:.1%} balanced accuracy only (50 % is chance).", details)


def named(features: list[str], most: int = 6) -> str:
    """`a`, `b` and 3 more."""
    shown = ", ".join(f"`{f}`" for f in features[:most])
    return f"{shown} and {len(features) - most} more" if len(features) > most else shown
