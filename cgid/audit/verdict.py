"""The verdict on leakage: how bad a feature's figures are, what they mean in words, and the audit in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cgid.evaluate.intervals import wilson

RANK = {"issue": 0, "warning": 1, "none": 2}
PERFECT, NEAR = 0.999, 0.95
SUSPICIOUS_AUC = 0.60
TWO_SIDED = 0.75
PICTURE = ("content", "model")  # families that are meant to tell real from AI


def looks(row: Mapping[str, Any]) -> tuple[bool, bool]:
    """(perfectly separable, near-perfect): best accuracy, and balanced accuracy too, so a rare class proves nothing."""
    best = min(row["single_feature_best_accuracy"], row["single_feature_best_balanced_accuracy"])
    return bool(best >= PERFECT), bool(best >= NEAR)


def judge(row: Mapping[str, Any], rows: int, groups: int) -> tuple[str, str]:
    """(severity none | warning | issue, finding) of one row of the report; nothing is flagged that may be chance."""
    name, rule = row["feature"], row["single_feature_rule"]
    picture = row["family"] in PICTURE
    share = f"{row['single_feature_best_accuracy']:.1%}"
    if row["zero_variance"]:
        return "none", "Never measured in any image." if row["missing_share"] else "The same in every image."
    strong = row["looks_near_perfect"]
    if strong and not row["significant"]:
        return "none", f"Separates these {rows} images, but so few independent ones prove nothing."
    if row["looks_perfectly_separable"]:
        text = f"`{name}` alone tells real from AI in {share} of {rows} images (AI where {rule})"
        if row["family"] == "model":
            return "warning", f"{text}: fine for a model's score on unseen images, a leak on images it was trained on."
        end = "too good to be true for a measure of pixels." if picture else "a model can read this, not the picture."
        return "issue", f"{text}: {end}"
    if strong:
        text = f"`{name}` alone is right for {share} of {rows} images (AI where {rule})"
        return ("warning" if picture else "issue"), f"{text}: nearly gives the label away."
    return _weaker(row, groups, picture)


def _weaker(row: Mapping[str, Any], groups: int, picture: bool) -> tuple[str, str]:
    name, binned = row["feature"], row["binned_balanced_accuracy"]
    sure = wilson(binned * groups, groups)[0] if np.isfinite(binned) else None
    if sure and binned >= NEAR and sure > SUSPICIOUS_AUC:
        return "issue", f"`{name}` gives the label away within ranges: a table of its values is {binned:.1%} right."
    beyond = binned > row["single_feature_best_balanced_accuracy"] + 0.05
    if sure and beyond and binned >= TWO_SIDED and sure > SUSPICIOUS_AUC:
        return "warning", f"`{name}` is telling in the middle of its range ({binned:.1%} balanced accuracy by bins)."
    if row["missing_significant"] and row["missing_auc"] >= SUSPICIOUS_AUC:
        shares = f"{row['missing_share_real']:.0%} of real and {row['missing_share_ai']:.0%} of AI images"
        return "warning", f"`{name}` is missing for {shares}: that alone says something about the label."
    floor = row["auc_low"] if np.isfinite(row["auc_low"]) else row["auc"]
    if row["significant"] and not picture and floor >= SUSPICIOUS_AUC:
        low, high = row["auc_low"], row["auc_high"]
        between = f", {low:.2f} to {high:.2f}" if np.isfinite(low) else ""
        return "warning", f"`{name}` differs between the classes (AUC {row['auc']:.2f}{between}) though it is no pixel."
    if row["significant"]:
        return "none", f"Differs between the classes (AUC {row['auc']:.2f}), not enough to give the label away."
    return "none", "No difference between the classes beyond chance."


def verdict(table: pd.DataFrame, checks: list[dict]) -> str:
    """The audit in one sentence for people."""
    issues = [c["title"].lower() for c in checks if c["result"] == "issue"]
    warned = [c["title"].lower() for c in checks if c["result"] == "warning"]
    leaking = table.loc[table["severity"] == "issue", "feature"].tolist()
    if leaking:
        return (
            f"The label leaks: {len(leaking)} of {len(table)} features give it away on their own, first `{leaking[0]}`."
        )
    if issues:
        return f"No single feature gives the label away, but the data set has issues: {', '.join(issues)}."
    suspicious = table.loc[table["severity"] == "warning", "feature"].tolist()
    if suspicious or warned:
        look = [f"{len(suspicious)} of {len(table)} features, first `{suspicious[0]}`"] if suspicious else []
        return f"No leak is proven, but look at: {'; '.join(look + warned)}."
    return f"No leak found in {len(table)} features."


def findings(table: pd.DataFrame, checks: list[dict]) -> list[dict[str, Any]]:
    """Everything that is not fine, issues first: {"severity", "code", "title", "finding", "remedy"}."""
    found = [
        {"severity": c["result"], **{k: c[k] for k in ("code", "title", "finding", "remedy")}}
        for c in checks
        if c["result"] in ("issue", "warning")
    ]
    for row in table[table["severity"] != "none"].to_dict("records"):
        remedy = f"Train without it (--exclude-features {row['feature']}), or make both classes alike in it first."
        found.append(
            {
                "severity": row["severity"],
                "code": "feature",
                "title": row["feature"],
                "finding": row["finding"],
                "remedy": remedy,
            }
        )
    return sorted(found, key=lambda f: RANK[f["severity"]])
