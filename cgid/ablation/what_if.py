"""What-if estimates for a set of families: exact where a configuration has just them, else late fusion.

Late fusion: the mean of the out-of-fold log odds of the single-family models. It is not a model of the families
together, which may weight them and use interactions; `fusion_error` compares both where the exact result is known.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cgid.ablation.plans import selected_columns
from cgid.ablation.results import METRICS, per_fold
from cgid.evaluate.calibration import logit, sigmoid
from cgid.evaluate.curves import auc
from cgid.evaluate.significance import corrected_t

EDGE = 1e-3  # probabilities of 0 and 1 have no finite log odds: they are clipped by this much
ORDER = ["repeat", "fold", "row"]


def features_by_configuration(summary: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """{configuration: its features} of an ablation's summary; {} for summaries of earlier versions without features."""
    owners = summary.get("owners")
    columns = list(owners["family"]) if isinstance(owners, Mapping) else []
    selected = (
        {
            name: frozenset(selected_columns(configuration, columns))
            for name, configuration in (summary.get("arms") or {}).items()
        }
        if columns
        else {}
    )
    return {name: own for name, own in selected.items() if own}


def members(owner: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """{family or group: its features}, by name. owner: {feature: family or group}."""
    return {name: frozenset(c for c, n in owner.items() if n == name) for name in sorted(set(owner.values()))}


def matching_configuration(features: Collection[str], features_of: Mapping[str, frozenset[str]]) -> str | None:
    """The configuration with exactly these features, or None."""
    requested = frozenset(features)
    return next((name for name, own in features_of.items() if own == requested), None)


@dataclass(frozen=True)
class LogOdds:
    """Out-of-fold log odds of the configurations of one model. rows: repeat, fold, row, label, (n,). logits: {configuration: (n,)}."""

    rows: pd.DataFrame
    logits: dict[str, np.ndarray]

    @classmethod
    def of(cls, scores: pd.DataFrame, configurations: Collection[str]) -> LogOdds:
        """From the scores of one model, as written by an ablation."""
        tables = {
            name: t.sort_values(ORDER) for name, t in scores.groupby("plan", observed=True) if name in configurations
        }
        rows = next(iter(tables.values()))[[*ORDER, "label"]].reset_index(drop=True)
        return cls(rows, {name: logit(t["score"].to_numpy(), EDGE) for name, t in tables.items()})

    def fuse(self, configurations: Sequence[str]) -> pd.DataFrame:
        """repeat, fold, row, label, score: the mean of the log odds as a probability."""
        odds = np.mean([self.logits[name] for name in configurations], axis=0)
        return self.rows.assign(score=sigmoid(odds))


def estimate(
    log_odds: LogOdds, configurations: Sequence[str], folds: pd.DataFrame
) -> dict[str, dict[str, float | None]]:
    """{metric: {"mean", "low", "high", "difference", "diff_low", "diff_high"}} of the fused configurations against `all`.

    folds: of the same model. Intervals are those of the folds, corrected as in the results (Nadeau and Bengio).
    """
    base = folds[folds["plan"] == "all"].sort_values(["repeat", "fold"])
    rows = int(base["n_test"].iloc[0] + base["n_train"].iloc[0])
    fused = per_fold(log_odds.fuse(configurations).assign(plan="fused", model="fused"), rows).sort_values(
        ["repeat", "fold"]
    )
    ratio = float((fused["n_test"] / fused["n_train"]).mean())
    result = {}
    for metric in METRICS:
        level = corrected_t(fused[metric].to_numpy(), ratio)
        gap = corrected_t(fused[metric].to_numpy() - base[metric].to_numpy(), ratio)
        edges = {s: None if (value := level[s]) is None else min(max(value, 0.0), 1.0) for s in ("low", "high")}
        result[metric] = {"mean": level["mean"], **edges, "difference": gap["mean"]}
        result[metric] |= {"diff_low": gap["low"], "diff_high": gap["high"]}
    return result


def fusion_error(
    log_odds: LogOdds, single: Mapping[str, str], features_of: Mapping[str, frozenset[str]], folds: pd.DataFrame
) -> pd.DataFrame:
    """arm, exact, fused: mean AUC of every configuration that is a union of families with single-family configurations.

    single: {family: its single-family configuration}. folds: of the same model.
    """
    alone = {family: features_of[configuration] for family, configuration in single.items()}
    exact = folds.groupby("plan", observed=True)["auc"].mean()
    folds_rows = list(log_odds.rows.groupby(["repeat", "fold"]).indices.values())
    rows, known = [], set()
    for configuration, selected in features_of.items():
        families = tuple(sorted(f for f, columns in alone.items() if columns <= selected))
        if len(families) < 2 or families in known or frozenset().union(*(alone[f] for f in families)) != selected:
            continue
        known.add(families)
        fused = log_odds.fuse([single[f] for f in families])
        values = [auc(fused["label"].to_numpy()[p], fused["score"].to_numpy()[p]) for p in folds_rows]
        values = [value for value in values if np.isfinite(value)]
        if values and np.isfinite(exact[configuration]):
            rows.append({"arm": configuration, "exact": float(exact[configuration]), "fused": float(np.mean(values))})
    return pd.DataFrame(rows, columns=["arm", "exact", "fused"])
