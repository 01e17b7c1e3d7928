"""`cgid.ablate`: what is left of a detector when features are taken away?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from typing import TYPE_CHECKING, Any

from cgid.api.result import Result, nothing_to_draw, rendered
from cgid.errors import InputError
from cgid.files import plain

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd
    from numpy.typing import ArrayLike

ARM_KEYS = "exclude_prefixes, exclude_features, only_prefixes, only_features"


@dataclass(frozen=True, eq=False)
class AblationReport(Result):
    """results: a row an arm, kind of model and metric, with its 95 % interval and its difference to the arm `all`; the
    columns of `ablation_results.csv`. folds: a row an arm, model, repeat and fold. scores: out of fold, a row an arm,
    model, repeat and image. summary: the content of `ablation_summary.json` but for `input`."""

    results: pd.DataFrame = field(repr=False)
    folds: pd.DataFrame = field(repr=False)
    scores: pd.DataFrame = field(repr=False)
    summary: dict[str, Any]

    def frame(self) -> pd.DataFrame:
        """`results`."""
        return self.results.copy()

    def to_dict(self) -> dict[str, Any]:
        """`summary` as plain values."""
        return plain(self.summary)

    def headline(self) -> str:
        return " ".join(self.summary["sentences"][:3])

    def plot(self, metric: str = "auc", model: str | None = None) -> alt.TopLevelMixin:
        """Each arm's difference to `all`. metric: auc, balanced_accuracy or f1. model: one of those asked for, default
        the first. Raises InputError on another, and as every `plot`."""
        return rendered(lambda: self._figure(metric, model))

    def _figure(self, metric: str = "auc", model: str | None = None) -> alt.TopLevelMixin:
        model = model or str(self.results["model"].iloc[0])
        rows = self.results[(self.results["metric"] == metric) & (self.results["model"] == model)]
        if rows.empty:
            raise InputError(f"There is no metric `{metric}` of a model `{model}` in this ablation.")
        rows = rows[rows["difference"].notna()]
        if rows.empty:
            raise nothing_to_draw("no arm could be compared with `all`")
        from cgid.charts.intervals import differences

        return differences(rows, metric)


def ablate(
    frame: pd.DataFrame,
    target: str = "label",
    groups: str | ArrayLike | None = None,
    *,
    plan: str | PathLike[str] | Mapping[str, Mapping[str, Sequence[str]]] = "presets",
    models: Sequence[str] = ("linear",),
    folds: int = 5,
    repeats: int = 5,
    seed: int = 2026,
) -> AblationReport:
    """Cross-validate the same quick models with and without features: the numbers of `cgid ablate` on the same table.

    frame, target, groups: as in `audit`; whole groups lie in one fold. plan: `presets` (all, no_jpeg, no_format),
    `groups` (without one family or feature group, only one), `everything` (both), a YAML file, or the arms themselves,
    {name: {key: [words]}} with the keys exclude_prefixes, exclude_features, only_prefixes, only_features. models: of
    linear, forest, boosting. folds: 2 or more. repeats: 1 or more. Nothing is written.

    Raises InputError: as `audit`; an unknown plan or model; fewer than two groups in a class.
    """
    from cgid.ablation import cross_validate
    from cgid.ablation.run import full_summary, read_plan
    from cgid.api.table import feature_table
    from cgid.evaluate.cross_validation import parse_kinds
    from cgid.features.table import feature_columns

    if folds < 2 or repeats < 1:
        raise InputError(f"folds is {folds} and repeats {repeats}; at least 2 folds and 1 repeat are needed.")
    kinds = parse_kinds(models if isinstance(models, str) else ",".join(map(str, models)))
    table, _ = feature_table(frame, target, groups)
    columns = feature_columns(table)
    arms = _arms(plan) if isinstance(plan, Mapping) else read_plan(str(plan), columns)
    result = cross_validate.run(table, columns, arms, folds, repeats, seed, models=kinds)
    name = "own" if isinstance(plan, Mapping) else str(plan)
    scores = result.scores
    if "record_id" in table:
        scores = scores.assign(record_id=table["record_id"].to_numpy()[scores["row"]])
    return AblationReport(
        result.results, result.folds, scores, full_summary(result.summary, table, columns, name, arms)
    )


def _arms(plan: Mapping[str, Mapping[str, Sequence[str]]]) -> dict[str, dict[str, list[str]]]:
    """The arms, `all` first, by the same rules as in a file. Raises InputError where they break one."""
    import yaml

    from cgid.ablation.plans import read_plan_text

    try:
        text = yaml.safe_dump(
            {str(n): {k: list(w) for k, w in arm.items()} for n, arm in plan.items()}, sort_keys=False
        )
    except (AttributeError, TypeError, ValueError, yaml.YAMLError) as problem:
        raise InputError(f"A plan is {{name: {{key: [words]}}}} with the keys {ARM_KEYS}.") from problem
    return read_plan_text(text, "The plan")
