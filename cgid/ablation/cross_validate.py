"""What is left when features are taken away: the same models on the same folds for every arm of a plan.

One fold of an ablation: every arm learns from the other folds and scores this one. It can be sent to any process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cgid.ablation.plans import keeps
from cgid.ablation.results import RESULT_COLUMNS, compare, in_words, per_fold
from cgid.errors import InputError
from cgid.evaluate.cross_validation import KINDS, grouped_folds, possible_folds, quick_model
from cgid.evaluate.intervals import group_codes
from cgid.progress import Report, silent

LARGEST = 1e30  # beyond it a standard deviation is no number any more


@dataclass(frozen=True)
class FitFold:
    """values: (n, features), NaN = missing. label: 0/1, (n,). arms: {name: places of the features it keeps}."""

    values: np.ndarray
    label: np.ndarray
    arms: Mapping[str, list[int]]
    seed: int

    def __call__(self, chunk: tuple[str, np.ndarray]) -> np.ndarray:
        """chunk: (kind of model, rows to score as truth values, (n,)). P(ai) of those rows, (arms, rows)."""
        kind, test = chunk
        return np.array([fit_arm(kind, self.values[:, own], self.label, test, self.seed) for own in self.arms.values()])


def fit_arm(kind: str, values: np.ndarray, label: np.ndarray, test: np.ndarray, seed: int) -> np.ndarray:
    """P(ai) of the rows in `test` by a model of the others."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # the products are small: more threads only wait for each other
        model = quick_model(kind, seed).fit(values[~test], label[~test])
        return model.predict_proba(values[test])[:, 1]


def numbers(frame, columns) -> np.ndarray:
    """Feature values, (n, features): what is no finite number is missing, what is absurdly large is LARGEST."""
    import pandas as pd

    values = frame[list(columns)].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float)
    return np.clip(np.where(np.isfinite(values), values, np.nan), -LARGEST, LARGEST)


__all__ = ["RESULT_COLUMNS", "Ablation", "Fold", "in_turn", "run"]
Fold = tuple[str, int, int]  # kind of model, repeat, fold


@dataclass(frozen=True)
class Ablation:
    """results: a row per arm, model and metric, RESULT_COLUMNS. folds: a row per arm, model, repeat and fold.

    scores, out of fold: plan, model, repeat, fold, row (position in the frame), label, score.
    """

    results: pd.DataFrame
    folds: pd.DataFrame
    scores: pd.DataFrame
    summary: dict[str, Any]


def in_turn(function: Callable[[Any], Any], chunks: Iterable[Any]) -> Iterator[tuple[int, Any]]:
    """(index, result) of each chunk, here and one after another."""
    return ((index, function(chunk)) for index, chunk in enumerate(chunks))


def run(
    frame: pd.DataFrame,
    columns: Sequence[str],
    plans: Mapping[str, Mapping[str, Sequence[str]]],
    folds: int = 5,
    repeats: int = 5,
    seed: int = 2026,
    report: Report = silent,
    finished: Callable[[Fold], pd.DataFrame | None] = lambda _: None,
    keep: Callable[[Fold, pd.DataFrame], None] = lambda fold, scores: None,
    models: Sequence[str] = ("linear",),
    map_folds: Callable[[Callable[[Any], Any], Sequence[Any]], Iterator[tuple[int, Any]]] = in_turn,
) -> Ablation:
    """Compare the arms of `plans` (see `plans.py`) on a feature table with `target_label` and, where there, `group`.

    finished: scores of a fold of an earlier run, or None; keep: called with each new one, so that a stopped run goes on
    where it was. map_folds: yields (index, result) of a function over chunks in any order; results do not depend on it.
    models: of `model_kinds.KINDS`, all on the same folds. Arms of the same features are computed once. Fewer folds are
    made where a class has fewer groups. Raises InputError where a class has fewer than two groups, and where an arm
    would keep no feature.
    """
    label = frame["target_label"].to_numpy().astype(int)
    codes = group_codes(frame["group"] if "group" in frame else frame.get("record_id"), len(frame))
    made = possible_folds(label, codes, folds)
    if made < 2:
        raise InputError("An ablation needs at least two independent groups of real and two of AI images in the table.")
    kept = {name: keeps(arm, columns) for name, arm in plans.items()}
    left_out = [name for name, own in kept.items() if not own]
    kept = {name: own for name, own in kept.items() if own}
    if len(kept) < 2 and len(plans) > 1:
        raise InputError(f"No arm of the plan keeps a feature of this table: {', '.join(left_out)}.")
    first: dict[tuple[str, ...], str] = {}
    computed_as = {name: first.setdefault(tuple(own), name) for name, own in kept.items()}
    place = {c: i for i, c in enumerate(columns)}
    arms = {name: [place[c] for c in own] for own, name in first.items()}
    fold_of = [grouped_folds(label, codes, made, seed + repeat) for repeat in range(repeats)]
    every = [(model, repeat, fold) for model in models for repeat in range(repeats) for fold in range(made)]
    parts = {fold: scores for fold in every if (scores := finished(fold)) is not None}
    missing = [fold for fold in every if fold not in parts]
    say = f"{len(arms)} arms" + (f", {len(models)} kinds of model" if len(models) > 1 else "")
    report(len(parts), len(every), f"{made} folds, {repeats} times, {say}")
    work = FitFold(numbers(frame, columns), label, arms, seed)
    with closing(map_folds(work, [(m, fold_of[r] == f) for m, r, f in missing])) as found:
        for index, matrix in found:
            fold = model, repeat, number = missing[index]
            rows = np.flatnonzero(fold_of[repeat] == number)
            parts[fold] = _frame(fold, dict(zip(arms, matrix)), computed_as, rows, label)
            keep(fold, parts[fold])
            where = f"repeat {repeat + 1} of {repeats}, fold {number + 1} of {made}, {len(arms)} arms"
            report(len(parts), len(every), where + (f", {model}" if len(models) > 1 else ""))
    scores = pd.concat([parts[fold] for fold in every], ignore_index=True)
    by_fold = per_fold(scores, len(label))
    results = compare(by_fold, kept, columns, made)
    notes = [f"Only {made} folds instead of {folds}: a class has no more groups."] if made < folds else []
    notes += [f"Arm `{name}` keeps no feature of this table and was left out." for name in left_out]
    twins = [f"`{name}` as `{other}`" for name, other in computed_as.items() if name != other]
    notes += [f"Computed once, since they keep the same features: {', '.join(twins)}."] if twins else []
    return Ablation(results, by_fold, scores, _summary(results, label, codes, made, repeats) | {"notes": notes})


def _frame(fold: Fold, found: Mapping[str, np.ndarray], computed_as: Mapping[str, str], rows, label) -> pd.DataFrame:
    """Rows of `Ablation.scores`, narrow types: with every arm and model there may be many millions."""
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
            "score": np.concatenate([found[source] for source in computed_as.values()]),
        }
    )


def _summary(results: pd.DataFrame, label, codes, folds: int, repeats: int) -> dict[str, Any]:
    return {
        "rows": len(label),
        "class_counts": {"real": int((label == 0).sum()), "ai": int((label == 1).sum())},
        "groups": len(np.unique(codes)),
        "folds": folds,
        "repeats": repeats,
        **in_words(results),
    }
