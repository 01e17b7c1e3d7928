"""What is left when features are taken away: the same model on the same folds for every arm of a plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cgid.errors import InputError
from cgid.evaluate.corrected_t import corrected_t
from cgid.evaluate.folds import grouped_folds, possible_folds
from cgid.evaluate.intervals import group_codes
from cgid.evaluate.multiple import holm
from cgid.evaluate.plans import keeps
from cgid.report import Report, silent

METRICS = ("auc", "balanced_accuracy", "f1")
RESULT_COLUMNS = (
    *("plan", "n_features", "metric", "mean", "low", "high", "difference", "diff_low", "diff_high"),
    *("p_corrected", "p_holm", "folds", "n_excluded", "excluded"),
)
Fold = tuple[int, int]


@dataclass(frozen=True)
class Ablation:
    """results: a row per arm and metric, RESULT_COLUMNS. folds: a row per arm, repeat and fold. scores: out-of-fold.

    scores columns: plan, repeat, fold, row (position in the frame), label, score.
    """

    results: pd.DataFrame
    folds: pd.DataFrame
    scores: pd.DataFrame
    summary: dict[str, Any]


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
) -> Ablation:
    """Compare the arms of `plans` (see `plans.py`) on a feature table with `target_label` and, where there, `group`.

    finished: scores of a (repeat, fold) of an earlier run, or None; keep: called with each new one, so that a stopped
    run goes on where it was. Fewer folds are made where a class has fewer groups. Raises InputError where a class has
    fewer than two groups, and where an arm would keep no feature.
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
    values = frame[list(columns)].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float)
    values = np.where(np.isfinite(values), values, np.nan)
    place = {c: i for i, c in enumerate(columns)}
    parts, steps = [], repeats * made
    for repeat in range(repeats):
        fold_of = grouped_folds(label, codes, made, seed + repeat)
        for fold in range(made):
            scores = finished((repeat, fold))
            if scores is None:
                test = fold_of == fold
                arms = {name: values[:, [place[c] for c in own]] for name, own in kept.items()}
                scores = pd.concat([_arm(n, x, label, test) for n, x in arms.items()], ignore_index=True)
                scores.insert(1, "repeat", repeat)
                scores.insert(2, "fold", fold)
                keep((repeat, fold), scores)
            parts.append(scores)
            report(len(parts), steps, f"repeat {repeat + 1} of {repeats}, fold {fold + 1} of {made}, {len(kept)} arms")
    scores = pd.concat(parts, ignore_index=True)
    per_fold = _per_fold(scores)
    results = _results(per_fold, kept, columns, made)
    notes = [f"Only {made} folds instead of {folds}: a class has no more groups."] if made < folds else []
    notes += [f"Arm `{name}` keeps no feature of this table and was left out." for name in left_out]
    return Ablation(results, per_fold, scores, _summary(results, label, codes, made, repeats, notes))


def linear_model():
    """The quick model of all arms: medians for missing values with a flag each, standardised, logistic regression."""
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    return make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        StandardScaler(),
        FunctionTransformer(np.clip, kw_args={"a_min": -8, "a_max": 8}),  # one absurd value must not steer the line
        LogisticRegression(C=1.0, class_weight="balanced", max_iter=300),
    )


def _arm(name: str, values: np.ndarray, label: np.ndarray, test: np.ndarray) -> pd.DataFrame:
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # the products are small: more threads only wait for each other
        model = linear_model().fit(values[~test], label[~test])
        score = model.predict_proba(values[test])[:, 1]
    rows = np.flatnonzero(test)
    return pd.DataFrame({"plan": name, "row": rows, "label": label[rows], "score": score})


def _per_fold(scores: pd.DataFrame) -> pd.DataFrame:
    from cgid.evaluate.metrics import summary

    total = scores.groupby(["plan", "repeat"])["row"].size()
    rows = []
    for (plan, repeat, fold), part in scores.groupby(["plan", "repeat", "fold"], sort=False):
        figures = summary(part["label"], part["score"], draws=0)
        rows.append(
            {"plan": plan, "repeat": repeat, "fold": fold, "n_test": len(part)}
            | {"n_train": int(total[plan, repeat]) - len(part)}
            | {m: figures[m]["value"] for m in METRICS}
        )
    return pd.DataFrame(rows).astype(dict.fromkeys(METRICS, float))


def _results(per_fold: pd.DataFrame, kept: Mapping[str, list[str]], columns: Sequence[str], folds: int) -> pd.DataFrame:
    ratio = float((per_fold["n_test"] / per_fold["n_train"]).mean())
    wide = {m: per_fold.pivot(index=["repeat", "fold"], columns="plan", values=m) for m in METRICS}
    rows = []
    for plan, own in kept.items():
        excluded = [c for c in columns if c not in set(own)]
        for metric in METRICS:
            level = corrected_t(wide[metric][plan], ratio)
            gap = dict.fromkeys(("mean", "low", "high", "p"))
            if plan != "all":
                gap = corrected_t(wide[metric][plan] - wide[metric]["all"], ratio)
            rows.append(
                {"plan": plan, "n_features": len(own), "metric": metric, "mean": level["mean"]}
                | {side: None if level[side] is None else min(max(level[side], 0), 1) for side in ("low", "high")}
                | {"difference": gap["mean"], "diff_low": gap["low"], "diff_high": gap["high"]}
                | {"p_corrected": gap["p"], "folds": folds, "n_excluded": len(excluded), "excluded": " ".join(excluded)}
            )
    results = pd.DataFrame(rows)
    numbers = ["mean", "low", "high", "difference", "diff_low", "diff_high", "p_corrected"]
    results[numbers] = results[numbers].astype(float)
    results["p_holm"] = holm(results["p_corrected"].to_numpy())
    return results[list(RESULT_COLUMNS)]


def _summary(results: pd.DataFrame, label, codes, folds: int, repeats: int, notes: list[str]) -> dict[str, Any]:
    auc = results[results["metric"] == "auc"].set_index("plan")
    return {
        "rows": len(label),
        "class_counts": {"real": int((label == 0).sum()), "ai": int((label == 1).sum())},
        "groups": len(np.unique(codes)),
        "folds": folds,
        "repeats": repeats,
        "model": "logistic regression, balanced classes, standardised, missing values flagged",
        "plans": {p: {"n_features": int(r["n_features"]), "auc": r["mean"]} for p, r in auc.iterrows()},
        "notes": notes,
        "sentences": [sentence(plan, row) for plan, row in auc.iterrows()],
    }


def sentence(plan: str, row: Mapping[str, Any]) -> str:
    """One arm's AUC result in plain words. row: of `results`, metric `auc`."""
    if plan == "all":
        return f"All {row['n_features']} features: AUC {row['mean']:.3f} ({row['low']:.3f} to {row['high']:.3f})."
    words = f"`{plan}`: AUC {row['mean']:.3f} from {row['n_features']} features"
    if not np.isfinite(row["diff_low"]):
        return f"{words}."
    if abs(row["difference"]) < 0.0005:
        return f"{words}, the same as with all ({row['diff_low']:+.3f} to {row['diff_high']:+.3f})."
    change = "lower" if row["difference"] < 0 else "higher"
    size = f"{abs(row['difference']):.3f} {change} than with all ({row['diff_low']:+.3f} to {row['diff_high']:+.3f})"
    if row["p_holm"] <= 0.05:
        return f"{words}, {size}: more than chance."
    return f"{words}, {size}: may be chance."
