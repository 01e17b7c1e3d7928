"""The verdict on leakage: severity and finding of each feature, and the summary of the audit in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cgid.evaluate.intervals import wilson

RANK = {"issue": 0, "warning": 1, "none": 2}
PERFECT_ACCURACY, NEAR_PERFECT_ACCURACY = 0.999, 0.95
SUSPICIOUS_AUC = 0.60
SUSPICIOUS_ACCURACY = 0.75
PIXEL_FAMILIES = ("content", "model")  # families that are meant to separate real from AI


def separability(row: Mapping[str, Any]) -> tuple[bool, bool]:
    """(perfectly separable, near-perfect): by accuracy and by balanced accuracy, so that a rare class is no evidence."""
    best = min(row["single_feature_best_accuracy"], row["single_feature_best_balanced_accuracy"])
    return bool(best >= PERFECT_ACCURACY), bool(best >= NEAR_PERFECT_ACCURACY)


def rate_feature(row: Mapping[str, Any], rows: int, groups: int) -> tuple[str, str]:
    """(severity none | warning | issue, finding) of one row of the report; only significant differences are flagged."""
    name, rule = row["feature"], row["single_feature_rule"]
    pixel = row["family"] in PIXEL_FAMILIES
    percent = f"{row['single_feature_best_accuracy']:.1%}"
    if row["zero_variance"]:
        return "none", "No image has a value." if row["missing_share"] else "Constant in all images."
    strong = row["looks_near_perfect"]
    if strong and not row["significant"]:
        return "none", f"Separates these {rows} images, but there are too few independent groups for evidence."
    if row["looks_perfectly_separable"]:
        text = f"`{name}` alone classifies {percent} of {rows} images correctly (AI where {rule})"
        if row["family"] == "model":
            return "warning", f"{text}: expected of a model's score on unseen images, a leak on its training images."
        end = "implausibly good for a pixel feature." if pixel else "a model can use this instead of the pixels."
        return "issue", f"{text}: {end}"
    if strong:
        text = f"`{name}` alone classifies {percent} of {rows} images correctly (AI where {rule})"
        return ("warning" if pixel else "issue"), f"{text}: it nearly determines the label."
    return _rate_weak_feature(row, groups, pixel)


def _rate_weak_feature(row: Mapping[str, Any], groups: int, pixel: bool) -> tuple[str, str]:
    name, binned = row["feature"], row["binned_balanced_accuracy"]
    lower_bound = wilson(binned * groups, groups)[0] if np.isfinite(binned) else None
    if lower_bound and binned >= NEAR_PERFECT_ACCURACY and lower_bound > SUSPICIOUS_AUC:
        return (
            "issue",
            f"`{name}` leaks the label within ranges: a table of its values reaches {binned:.1%} balanced accuracy.",
        )
    beyond = binned > row["single_feature_best_balanced_accuracy"] + 0.05
    if lower_bound and beyond and binned >= SUSPICIOUS_ACCURACY and lower_bound > SUSPICIOUS_AUC:
        return (
            "warning",
            f"`{name}` predicts the class in the middle of its range ({binned:.1%} balanced accuracy by bins).",
        )
    if row["missing_significant"] and row["missing_auc"] >= SUSPICIOUS_AUC:
        shares = f"{row['missing_share_real']:.0%} of real and {row['missing_share_ai']:.0%} of AI images"
        return "warning", f"`{name}` is missing for {shares}: its absence alone is informative about the label."
    floor = row["auc_low"] if np.isfinite(row["auc_low"]) else row["auc"]
    if row["significant"] and not pixel and floor >= SUSPICIOUS_AUC:
        low, high = row["auc_low"], row["auc_high"]
        between = f", {low:.2f} to {high:.2f}" if np.isfinite(low) else ""
        return (
            "warning",
            f"`{name}` differs between the classes (AUC {row['auc']:.2f}{between}) though it is not a pixel feature.",
        )
    if row["significant"]:
        return "none", f"Differs between the classes (AUC {row['auc']:.2f}), too little to determine the label."
    return "none", "No significant difference between the classes."


def verdict(table: pd.DataFrame, checks: list[dict[str, Any]]) -> str:
    """Summary of the audit in one sentence."""
    issues = [c["title"].lower() for c in checks if c["result"] == "issue"]
    warned = [c["title"].lower() for c in checks if c["result"] == "warning"]
    leaking = table.loc[table["severity"] == "issue", "feature"].tolist()
    if leaking:
        return (
            f"The label leaks: {len(leaking)} of {len(table)} features predict it on their own, first `{leaking[0]}`."
        )
    if issues:
        return f"No single feature leaks the label, but the data set has issues: {', '.join(issues)}."
    suspicious = table.loc[table["severity"] == "warning", "feature"].tolist()
    if suspicious or warned:
        look = [f"{len(suspicious)} of {len(table)} features, first `{suspicious[0]}`"] if suspicious else []
        return f"No leak is proven, but check: {'; '.join(look + warned)}."
    return f"No leak found in {len(table)} features."


def findings(table: pd.DataFrame, checks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All issues and warnings, issues first: {"severity", "code", "title", "finding", "remedy"}."""
    result = [
        {"severity": c["result"], **{k: c[k] for k in ("code", "title", "finding", "remedy")}}
        for c in checks
        if c["result"] in ("issue", "warning")
    ]
    for row in table[table["severity"] != "none"].to_dict("records"):
        remedy = f"Train without it (--exclude-features {row['feature']}), or match it between the classes first."
        result.append(
            {
                "severity": row["severity"],
                "code": "feature",
                "title": row["feature"],
                "finding": row["finding"],
                "remedy": remedy,
            }
        )
    return sorted(result, key=lambda f: RANK[f["severity"]])
