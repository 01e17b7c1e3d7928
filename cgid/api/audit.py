"""`cgid.audit`: does a feature, or a family of features, leak the label?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cgid.api.result import Result, nothing_to_draw
from cgid.errors import InputError
from cgid.files import plain

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd
    from numpy.typing import ArrayLike


@dataclass(frozen=True, eq=False)
class AuditReport(Result):
    """features: a row a feature, worst first; the columns of `feature_leakage_report.csv`. summary: the content of
    `feature_leakage_summary.json` but for `input`: counts, families, checks of the data set, verdict, findings."""

    features: pd.DataFrame = field(repr=False)
    summary: dict[str, Any]

    @property
    def verdict(self) -> str:
        """The audit in one sentence."""
        return self.summary["verdict"]

    @property
    def findings(self) -> list[dict[str, Any]]:
        """What is not fine, issues first: {"severity", "code", "title", "finding", "remedy"}."""
        return self.summary["findings"]

    def frame(self) -> pd.DataFrame:
        """A row a feature, worst first."""
        return self.features.copy()

    def to_dict(self) -> dict[str, Any]:
        """`summary` as plain values."""
        return plain(self.summary)

    def headline(self) -> str:
        return self.verdict

    def _figure(self) -> alt.TopLevelMixin:
        if not self.features["auc"].notna().any():
            raise nothing_to_draw("no feature has an AUC")
        from cgid.charts.leakage import ranked

        return ranked(self.features)


def audit(
    frame: pd.DataFrame,
    target: str = "label",
    groups: str | ArrayLike | None = None,
    *,
    bootstrap: int = 200,
    seed: int = 2026,
) -> AuditReport:
    """Audit a feature table for leakage: the numbers of `cgid audit` on the same table.

    frame: a row an image; every numeric column is a feature, but for those that say which image a row is about
    (`record_id`, `split`, `width`, …). Missing values are NaN. Columns such as `filename`, `split`, `source` and
    `near_duplicate_group` let the checks of the data set say more. target: column of the label (real / ai, or 0 / 1).
    groups: what belongs together (source photograph, video), one value a row, (n,), or the name of a column; default
    the column `group`, else `record_id`, else every row by itself. bootstrap: draws for the intervals (95 %) of the
    families; 0 for no intervals. Nothing is read from disk or written.

    Raises InputError where the frame has no rows, no features, no such column, or labels that are neither.
    """
    from cgid.api.table import feature_table
    from cgid.audit.manifest_columns import with_derived
    from cgid.audit.run import audit_frame

    if bootstrap < 0:
        raise InputError(f"bootstrap is {bootstrap}; it is a number of draws, or 0.")
    table, notes = feature_table(frame, target, groups)
    result = audit_frame(with_derived(table), bootstrap, seed, notes)
    return AuditReport(result.report, result.summary)
