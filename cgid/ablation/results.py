"""Results of an ablation: metrics per fold, means and differences with tests, and a summary in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cgid.evaluate.cross_validation import KINDS
from cgid.evaluate.significance import corrected_t, holm

METRICS = ("auc", "balanced_accuracy", "f1")
RESULT_COLUMNS = (
    *("plan", "model", "n_features", "metric", "mean", "low", "high", "difference", "diff_low", "diff_high"),
    *("p_corrected", "p_holm", "folds", "n_excluded", "excluded"),
)
MODEL_TITLES = {"linear": "logistic regression", "forest": "random forest", "boosting": "gradient boosting"}


def with_model(table: pd.DataFrame) -> pd.DataFrame:
    """Results, folds or scores with the column `model`, which earlier versions lack (they used the linear model)."""
    if "model" in table:
        return table
    table = table.copy()
    table.insert(1, "model", "linear")
    return table


def per_fold(scores: pd.DataFrame, rows: int) -> pd.DataFrame:
    """METRICS of each configuration, model, repeat and fold. rows: of the whole table."""
    from cgid.evaluate.metrics import summary

    rows_per_fold = []
    for (plan, model, repeat, fold), part in scores.groupby(
        ["plan", "model", "repeat", "fold"], sort=False, observed=True
    ):
        metrics = summary(part["label"], part["score"], draws=0)
        rows_per_fold.append(
            {"plan": plan, "model": model, "repeat": repeat, "fold": fold}
            | {"n_test": len(part), "n_train": rows - len(part)}
            | {m: metrics[m]["value"] for m in METRICS}
        )
    return pd.DataFrame(rows_per_fold).astype(dict.fromkeys(METRICS, float))


def compare(
    folds: pd.DataFrame, features: Mapping[str, Sequence[str]], columns: Sequence[str], count: int
) -> pd.DataFrame:
    """RESULT_COLUMNS: each configuration against `all` of the same model on the same folds; Holm over the whole table.

    folds: of `per_fold`. features: {configuration: its columns}. count: folds in one repeat.
    """
    ratio = float((folds["n_test"] / folds["n_train"]).mean())
    rows = []
    for model in folds["model"].unique():
        model_folds = folds[folds["model"] == model]
        wide = {m: model_folds.pivot(index=["repeat", "fold"], columns="plan", values=m) for m in METRICS}
        for plan, names in features.items():
            excluded = [c for c in columns if c not in set(names)]
            for metric in METRICS:
                level = corrected_t(wide[metric][plan], ratio)
                gap = dict.fromkeys(("mean", "low", "high", "p"))
                if plan != "all":
                    gap = corrected_t(wide[metric][plan] - wide[metric]["all"], ratio)
                rows.append(
                    {"plan": plan, "model": model, "n_features": len(names), "metric": metric, "mean": level["mean"]}
                    | {
                        side: None if (value := level[side]) is None else min(max(value, 0), 1)
                        for side in ("low", "high")
                    }
                    | {"difference": gap["mean"], "diff_low": gap["low"], "diff_high": gap["high"]}
                    | {"p_corrected": gap["p"], "folds": count}
                    | {"n_excluded": len(excluded), "excluded": " ".join(excluded)}
                )
    results = pd.DataFrame(rows)
    numbers = ["mean", "low", "high", "difference", "diff_low", "diff_high", "p_corrected"]
    results[numbers] = results[numbers].astype(float)
    results["p_holm"] = holm(results["p_corrected"].to_numpy())
    return results[list(RESULT_COLUMNS)]


def summarise(results: pd.DataFrame) -> dict[str, Any]:
    """{"model", "models", "plans", "comparisons", "correction", "sentences"} of a table by `compare`."""
    auc = results[results["metric"] == "auc"]
    models = list(auc["model"].unique())
    several = len(models) > 1
    levels = {
        model: {r["plan"]: {"n_features": int(r["n_features"]), "auc": r["mean"]} for _, r in part.iterrows()}
        for model, part in auc.groupby("model", sort=False)
    }
    count = int(results["p_corrected"].notna().sum())
    return {
        "model": "; ".join(KINDS[m] for m in models),
        "models": levels,
        "plans": levels[models[0]],
        "comparisons": count,
        "correction": f"p_holm is Holm-corrected for all {count} comparisons of the table: every configuration, metric "
        "and kind of model.",
        "sentences": [
            (f"{MODEL_TITLES[row['model']].capitalize()}: " if several else "") + sentence(row["plan"], row)
            for _, row in auc.iterrows()
        ],
    }


def agreement(results: pd.DataFrame, metric: str) -> tuple[int, list[str]]:
    """(number of configurations besides `all`, those whose change the kinds of model rate differently by sign or significance)."""
    rows = results[(results["metric"] == metric) & (results["plan"] != "all")]
    verdict = np.sign(rows["difference"]).where(rows["p_holm"] <= 0.05, 0)
    kinds = verdict.groupby(rows["plan"], sort=False).nunique()
    return len(kinds), list(kinds.index[kinds > 1])


def sentence(plan: str, row: Mapping[str, Any]) -> str:
    """The AUC result of one configuration as a sentence. row: of the results, metric `auc`."""
    if not np.isfinite(row["mean"]):
        return f"`{plan}`: no AUC, because no fold contains both classes."
    if plan == "all":
        interval = f" ({row['low']:.3f} to {row['high']:.3f})" if np.isfinite(row["low"]) else ""
        return f"All {_features(row)}: AUC {row['mean']:.3f}{interval}."
    start = f"`{plan}`: AUC {row['mean']:.3f} from {_features(row)}"
    if not np.isfinite(row["diff_low"]):
        return f"{start}."
    if abs(row["difference"]) < 0.0005:
        return f"{start}, the same as with all ({row['diff_low']:+.3f} to {row['diff_high']:+.3f})."
    change = "lower" if row["difference"] < 0 else "higher"
    size = f"{abs(row['difference']):.3f} {change} than with all ({row['diff_low']:+.3f} to {row['diff_high']:+.3f})"
    if row["p_holm"] <= 0.05:
        return f"{start}, {size}: statistically significant."
    return f"{start}, {size}: not statistically significant."


def _features(row: Mapping[str, Any]) -> str:
    return f"{row['n_features']} feature" + ("" if row["n_features"] == 1 else "s")
