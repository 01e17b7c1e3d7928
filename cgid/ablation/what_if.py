"""What if only these families were there? Exact where an arm kept just them, else the arms of one family each, fused.

Late fusion: the mean of the log odds that the models of one family alone gave an image, out of fold. It is no model of
the families together, which may weigh them or use what only their combination tells; `trust` says how far it was off
where both are known.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cgid.ablation.plans import keeps
from cgid.ablation.results import METRICS, per_fold
from cgid.evaluate.calibration import logit, sigmoid
from cgid.evaluate.curves import auc
from cgid.evaluate.significance import corrected_t

EDGE = 1e-3  # a forest's vote of 0 or 1 has no finite log odds: votes are drawn in by this much
ORDER = ["repeat", "fold", "row"]


def kept_by(summary: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """{arm: features it keeps} of an ablation's summary; {} where it is of a version that did not list its features."""
    owners = summary.get("owners")
    columns = list(owners["family"]) if isinstance(owners, Mapping) else []
    kept = (
        {name: frozenset(keeps(arm, columns)) for name, arm in (summary.get("arms") or {}).items()} if columns else {}
    )
    return {name: own for name, own in kept.items() if own}


def members(owner: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """{family or group: its features}, by name. owner: {feature: family or group}."""
    return {name: frozenset(c for c, n in owner.items() if n == name) for name in sorted(set(owner.values()))}


def arm_of(features: Collection[str], kept: Mapping[str, frozenset[str]]) -> str | None:
    """The arm that keeps exactly these features."""
    wanted = frozenset(features)
    return next((name for name, own in kept.items() if own == wanted), None)


@dataclass(frozen=True)
class Votes:
    """Out-of-fold log odds of arms of one model. rows: repeat, fold, row, label, (n,). logits: {arm: (n,)}."""

    rows: pd.DataFrame
    logits: dict[str, np.ndarray]

    @classmethod
    def of(cls, scores: pd.DataFrame, arms: Collection[str]) -> Votes:
        """scores: of one model, as an ablation writes them."""
        tables = {name: t.sort_values(ORDER) for name, t in scores.groupby("plan", observed=True) if name in arms}
        rows = next(iter(tables.values()))[[*ORDER, "label"]].reset_index(drop=True)
        return cls(rows, {name: logit(t["score"].to_numpy(), EDGE) for name, t in tables.items()})

    def fuse(self, arms: Sequence[str]) -> pd.DataFrame:
        """repeat, fold, row, label, score: the mean of the arms' log odds as a share."""
        odds = np.mean([self.logits[arm] for arm in arms], axis=0)
        return self.rows.assign(score=sigmoid(odds))


def estimate(votes: Votes, arms: Sequence[str], folds: pd.DataFrame) -> dict[str, dict[str, float | None]]:
    """{metric: {"mean", "low", "high", "difference", "diff_low", "diff_high"}} of the fused arms against `all`.

    folds: of the votes' model. Intervals are those of the folds, corrected as in the results (Nadeau and Bengio).
    """
    base = folds[folds["plan"] == "all"].sort_values(["repeat", "fold"])
    rows = int(base["n_test"].iloc[0] + base["n_train"].iloc[0])
    mine = per_fold(votes.fuse(arms).assign(plan="fused", model="fused"), rows).sort_values(["repeat", "fold"])
    ratio = float((mine["n_test"] / mine["n_train"]).mean())
    found = {}
    for metric in METRICS:
        level = corrected_t(mine[metric].to_numpy(), ratio)
        gap = corrected_t(mine[metric].to_numpy() - base[metric].to_numpy(), ratio)
        edges = {s: None if level[s] is None else min(max(level[s], 0.0), 1.0) for s in ("low", "high")}
        found[metric] = {"mean": level["mean"], **edges, "difference": gap["mean"]}
        found[metric] |= {"diff_low": gap["low"], "diff_high": gap["high"]}
    return found


def trust(
    votes: Votes, single: Mapping[str, str], kept: Mapping[str, frozenset[str]], folds: pd.DataFrame
) -> pd.DataFrame:
    """arm, exact, fused: mean AUC of every arm that is a union of families whose own arms are there, both ways.

    single: {family: the arm of it alone}. folds: of the votes' model.
    """
    alone = {family: kept[arm] for family, arm in single.items()}
    exact = folds.groupby("plan", observed=True)["auc"].mean()
    parts = list(votes.rows.groupby(["repeat", "fold"]).indices.values())
    rows, known = [], set()
    for arm, own in kept.items():
        inside = tuple(sorted(f for f, columns in alone.items() if columns <= own))
        if len(inside) < 2 or inside in known or frozenset().union(*(alone[f] for f in inside)) != own:
            continue
        known.add(inside)
        fused = votes.fuse([single[f] for f in inside])
        each = [auc(fused["label"].to_numpy()[p], fused["score"].to_numpy()[p]) for p in parts]
        each = [value for value in each if np.isfinite(value)]
        if each and np.isfinite(exact[arm]):
            rows.append({"arm": arm, "exact": float(exact[arm]), "fused": float(np.mean(each))})
    return pd.DataFrame(rows, columns=["arm", "exact", "fused"])
