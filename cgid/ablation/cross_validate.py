"""Cross-validation of an ablation: the same models on the same folds for every configuration of a plan.

In one fold every configuration is fitted on the other folds and scores this one; folds can run in any process.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cgid.ablation.plans import selected_columns
from cgid.ablation.results import RESULT_COLUMNS, compare, per_fold, summarise
from cgid.errors import InputError
from cgid.evaluate.cross_validation import KINDS, grouped_folds, possible_folds, quick_model
from cgid.evaluate.intervals import group_codes
from cgid.progress import Progress, silent

MAX_VALUE = 1e30  # larger values would overflow the standard deviation


@dataclass(frozen=True)
class FitFold:
    """values: (n, features), NaN = missing. label: 0/1, (n,). configurations: {name: indices of its features}."""

    values: np.ndarray
    label: np.ndarray
    configurations: Mapping[str, list[int]]
    seed: int

    def __call__(self, chunk: tuple[str, np.ndarray]) -> np.ndarray:
        """chunk: (kind of model, rows to score as truth values, (n,)). P(ai) of those rows, (configurations, rows)."""
        kind, test = chunk
        return np.array(
            [
                fit_configuration(kind, self.values[:, own], self.label, test, self.seed)
                for own in self.configurations.values()
            ]
        )


def fit_configuration(kind: str, values: np.ndarray, label: np.ndarray, test: np.ndarray, seed: int) -> np.ndarray:
    """P(ai) of the rows in `test` by a model fitted on the other rows."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # the matrices are small: further threads only wait for each other
        model = quick_model(kind, seed).fit(values[~test], label[~test])
        return model.predict_proba(values[test])[:, 1]


def numbers(frame, columns) -> np.ndarray:
    """Feature values, (n, features): non-finite values are missing, values are clipped to MAX_VALUE."""
    import pandas as pd

    values = frame[list(columns)].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float)
    return np.clip(np.where(np.isfinite(values), values, np.nan), -MAX_VALUE, MAX_VALUE)


__all__ = ["RESULT_COLUMNS", "Ablation", "Fold", "map_serially", "run"]
Fold = tuple[str, int, int]  # kind of model, repeat, fold


@dataclass(frozen=True)
class Ablation:
    """results: a row per configuration, model and metric, RESULT_COLUMNS. folds: a row per configuration, model, repeat and fold.

    scores, out of fold: plan, model, repeat, fold, row (position in the frame), label, score.
    """

    results: pd.DataFrame
    folds: pd.DataFrame
    scores: pd.DataFrame
    summary: dict[str, Any]


def map_serially(function: Callable[[Any], Any], chunks: Iterable[Any]) -> Generator[tuple[int, Any], None, None]:
    """(index, result) of each chunk, serially in this process."""
    return ((index, function(chunk)) for index, chunk in enumerate(chunks))


def run(
    frame: pd.DataFrame,
    columns: Sequence[str],
    plans: Mapping[str, Mapping[str, Sequence[str]]],
    folds: int = 5,
    repeats: int = 5,
    seed: int = 2026,
    progress: Progress = silent,
    finished: Callable[[Fold], pd.DataFrame | None] = lambda _: None,
    save: Callable[[Fold, pd.DataFrame], None] = lambda fold, scores: None,
    models: Sequence[str] = ("linear",),
    map_folds: Callable[[Callable[[Any], Any], Sequence[Any]], Generator[tuple[int, Any], None, None]] = map_serially,
) -> Ablation:
    """Compare the configurations of `plans` (see `plans.py`) on a feature table with `target_label` and, optionally, `group`.

    finished: scores of a fold of an earlier run, or None; save: called with each new one, so that an interrupted run
    resumes. map_folds: yields (index, result) of a function over chunks in any order; results do not depend on it.
    models: of `model_kinds.KINDS`, all on the same folds. Configurations with the same features are computed once. Fewer folds
    are used where a class has fewer groups. Raises InputError where a class has fewer than two groups, and where no
    configuration has a feature.
    """
    label = frame["target_label"].to_numpy().astype(int)
    codes = group_codes(frame["group"] if "group" in frame else frame.get("record_id"), len(frame))
    fold_count = possible_folds(label, codes, folds)
    if fold_count < 2:
        raise InputError("An ablation needs at least two independent groups of real and two of AI images in the table.")
    features = {name: selected_columns(configuration, columns) for name, configuration in plans.items()}
    left_out = [name for name, own in features.items() if not own]
    features = {name: own for name, own in features.items() if own}
    if len(features) < 2 and len(plans) > 1:
        raise InputError(f"No configuration of the plan selects a feature of this table: {', '.join(left_out)}.")
    first: dict[tuple[str, ...], str] = {}
    computed_as = {name: first.setdefault(tuple(own), name) for name, own in features.items()}
    column_index = {c: i for i, c in enumerate(columns)}
    configurations = {name: [column_index[c] for c in own] for own, name in first.items()}
    fold_of = [grouped_folds(label, codes, fold_count, seed + repeat) for repeat in range(repeats)]
    every = [(model, repeat, fold) for model in models for repeat in range(repeats) for fold in range(fold_count)]
    parts = {fold: scores for fold in every if (scores := finished(fold)) is not None}
    missing = [fold for fold in every if fold not in parts]
    summary = f"{len(configurations)} configurations" + (f", {len(models)} kinds of model" if len(models) > 1 else "")
    progress(len(parts), len(every), f"{fold_count} folds, {repeats} times, {summary}")
    work = FitFold(numbers(frame, columns), label, configurations, seed)
    with closing(map_folds(work, [(m, fold_of[r] == f) for m, r, f in missing])) as fold_results:
        for index, matrix in fold_results:
            fold = model, repeat, number = missing[index]
            rows = np.flatnonzero(fold_of[repeat] == number)
            parts[fold] = _frame(fold, dict(zip(configurations, matrix)), computed_as, rows, label)
            save(fold, parts[fold])
            note = f"repeat {repeat + 1} of {repeats}, fold {number + 1} of {fold_count}, {len(configurations)} configurations"
            progress(len(parts), len(every), note + (f", {model}" if len(models) > 1 else ""))
    scores = pd.concat([parts[fold] for fold in every], ignore_index=True)
    by_fold = per_fold(scores, len(label))
    results = compare(by_fold, features, columns, fold_count)
    notes = [f"Only {fold_count} folds instead of {folds}: a class has no more groups."] if fold_count < folds else []
    notes += [f"Configuration `{name}` selects no feature of this table and was left out." for name in left_out]
    duplicates = [f"`{name}` as `{other}`" for name, other in computed_as.items() if name != other]
    notes += [f"Computed once, because they select the same features: {', '.join(duplicates)}."] if duplicates else []
    return Ablation(results, by_fold, scores, _summary(results, label, codes, fold_count, repeats) | {"notes": notes})


def _frame(fold: Fold, scores: Mapping[str, np.ndarray], computed_as: Mapping[str, str], rows, label) -> pd.DataFrame:
    """Rows of `Ablation.scores` in compact types: with many configurations and models there may be millions."""
    model, repeat, number = fold
    plans = pd.Categorical.from_codes(np.repeat(np.arange(len(computed_as)), len(rows)), list(computed_as))
    return pd.DataFrame(
        {
            "plan": plans,
            "model": pd.Categorical.from_codes(np.full(len(plans), list(KINDS).index(model)), list(KINDS)),
            "repeat": np.int16(repeat),
            "fold": np.int16(number),
            "row": np.tile(rows, len(computed_as)).astype(np.int32),
            "label": np.tile(label[rows], len(computed_as)).astype(np.int8),
            "score": np.concatenate([scores[source] for source in computed_as.values()]),
        }
    )


def _summary(results: pd.DataFrame, label, codes, folds: int, repeats: int) -> dict[str, Any]:
    return {
        "rows": len(label),
        "class_counts": {"real": int((label == 0).sum()), "ai": int((label == 1).sum())},
        "groups": len(np.unique(codes)),
        "folds": folds,
        "repeats": repeats,
        **summarise(results),
    }
