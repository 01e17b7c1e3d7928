"""The audit of a feature table: features and families of features that leak the label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cgid.audit.check import AuditInput, all_checks
from cgid.audit.probes import probe
from cgid.audit.single_feature import FeatureStatistics, measure
from cgid.audit.verdict import RANK, findings, rate_feature, separability, verdict
from cgid.evaluate.calibration import logit, sigmoid
from cgid.evaluate.cross_validation import grouped_folds, possible_folds
from cgid.evaluate.intervals import group_codes, wilson_bounds
from cgid.evaluate.significance import benjamini_hochberg
from cgid.progress import Progress, silent

COLUMNS = (
    *("feature", "family", "real_mean", "ai_mean", "real_std", "ai_std"),
    *("overall_unique_values", "real_unique_values", "ai_unique_values", "shared_unique_values"),
    *("mean_gap_abs", "missing_share", "auc", "auc_low", "auc_high"),
    *("single_feature_best_accuracy", "single_feature_best_f1_ai", "single_feature_rule", "single_feature_threshold"),
    *("looks_perfectly_separable", "looks_near_perfect", "zero_variance", "severity", "finding"),
    *("single_feature_best_balanced_accuracy", "missing_share_real", "missing_share_ai", "missing_auc"),
    *("binned_balanced_accuracy", "mutual_information", "p_value", "p_adjusted", "significant", "missing_significant"),
)
SIGNIFICANT = 0.05


@dataclass(frozen=True)
class Audit:
    """report: a row per feature, worst first, COLUMNS. summary: JSON-able. findings: of checks and features, worst first."""

    report: pd.DataFrame
    summary: dict[str, Any]
    findings: list[dict[str, Any]]


def audit(
    frame: pd.DataFrame,
    columns: Sequence[str],
    families: Mapping[str, str],
    bootstrap: int = 200,
    seed: int = 2026,
    progress: Progress = silent,
    notes: Sequence[str] = (),
) -> Audit:
    """Audit `columns` of a feature table with `target_label` 0/1 (`group`, `filename`, `split`, … used where there).

    families: family of each column; columns without one count as `unknown` and are rated like format features.
    bootstrap: group resamples for the intervals of the family probes; 0 for no intervals at all, including those of the
    features' AUC (which need no resampling: `auc_intervals`). "Significant" means a false discovery rate of 5 % over all
    features and their missingness (Benjamini-Hochberg), with groups as the unit.
    notes: messages on non-numeric cells of the table, for the check of that.
    """
    label = frame["target_label"].to_numpy().astype(int)
    codes = group_codes(frame["group"] if "group" in frame else frame.get("record_id"), len(frame))
    folds = possible_folds(label, codes, 5)
    fold = grouped_folds(label, codes, folds, seed) if folds else np.zeros(len(label), dtype=int)
    names = sorted({families.get(c, "unknown") for c in columns})
    steps = len(columns) + len(names) + 1
    values = {c: pd.to_numeric(frame[c], errors="coerce").to_numpy(dtype=float) for c in columns}
    measured, absent = [], []
    for done, column in enumerate(columns, 1):
        measured.append(measure(values[column], label, codes, fold))
        absent.append(_missingness(values[column], label, codes, fold))
        progress(done, steps, f"feature {column}")
    table = _table(columns, families, measured, absent, (label, codes), bootstrap > 0)
    probes = []
    for done, name in enumerate(names, len(columns) + 1):
        own = [c for c in columns if families.get(c, "unknown") == name]
        result = probe(np.column_stack([values[c] for c in own]), label, codes, draws=bootstrap, seed=seed)
        probes.append({"family": name, "features": len(own), **result})
        progress(done, steps, f"family {name}")
    audited = AuditInput(frame, label, codes, fold, table, probes, tuple(columns), tuple(notes))
    checks = [check.finding(audited) for check in all_checks()]
    progress(steps, steps, "done")
    return Audit(table, _summary(audited, checks), findings(table, checks))


def _missingness(value: np.ndarray, label: np.ndarray, codes: np.ndarray, fold: np.ndarray) -> tuple[float, float]:
    """(AUC >= 0.5, p) of "has no value" as a feature; (0.5, NaN) where all images or none have a value."""
    missing = ~np.isfinite(value)
    if missing.all() or not missing.any():
        return 0.5, np.nan
    statistics = measure(missing.astype(float), label, codes, fold).metrics
    return max(statistics["auc_ai_higher"], 1 - statistics["auc_ai_higher"]), statistics["p_value"]


def _table(
    columns: Sequence[str],
    families: Mapping[str, str],
    measured: Sequence[FeatureStatistics],
    absent: Sequence[tuple[float, float]],
    data: tuple[np.ndarray, np.ndarray],
    intervals: bool,
) -> pd.DataFrame:
    label, codes = data
    if not columns:
        return pd.DataFrame(columns=list(COLUMNS))
    table = pd.DataFrame([m.metrics for m in measured])
    table.insert(0, "feature", list(columns))
    table["family"] = [families.get(c, "unknown") for c in columns]
    low, high = np.full((2, len(table)), np.nan)
    if intervals:
        low, high = auc_intervals(table["auc_ai_higher"].to_numpy(), [m.influence for m in measured], label, codes)
    inverted = (table["auc_ai_higher"] < 0.5).to_numpy()
    table["auc"] = np.where(inverted, 1 - table["auc_ai_higher"], table["auc_ai_higher"])
    table["auc_low"], table["auc_high"] = np.where(inverted, 1 - high, low), np.where(inverted, 1 - low, high)
    table["missing_auc"] = [a for a, _ in absent]
    adjusted = benjamini_hochberg(np.concatenate([table["p_value"], [p for _, p in absent]]))
    table["p_adjusted"] = adjusted[: len(columns)]
    table["missing_significant"] = adjusted[len(columns) :] <= SIGNIFICANT
    # a feature that separates only through missing values has no p of its own: that of its missingness counts
    table["significant"] = (table["p_adjusted"] <= SIGNIFICANT) | table["missing_significant"]
    rows = table.to_dict("records")
    table["looks_perfectly_separable"], table["looks_near_perfect"] = zip(*(separability(r) for r in rows))
    groups = len(np.unique(codes))
    table["severity"], table["finding"] = zip(*(rate_feature(r, len(label), groups) for r in table.to_dict("records")))
    order = pd.DataFrame(
        {
            "severity": table["severity"].map(RANK),
            "accuracy": -table["single_feature_best_balanced_accuracy"].fillna(0),
            "auc": -table["auc"].fillna(0),
        }
    ).sort_values(["severity", "accuracy", "auc"], kind="stable")
    return table.loc[order.index, list(COLUMNS)].reset_index(drop=True)


def auc_intervals(
    auc: np.ndarray, influence: Sequence[np.ndarray], label: np.ndarray, codes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """95 % (low, high) of each AUC, (k,), groups as the unit; NaN with fewer than two groups in a class.

    influence: of each group on each AUC, (G,) each. The sum of their squares is the variance that a bootstrap over groups
    would estimate, without its noise (DeLong's variance, summed by group: Obuchowski 1997, Biometrics 53). On the
    log-odds scale, with Student's t for the groups of the rarer class. A perfect ranking has no variance: there
    Wilson's bound for that many groups is used.
    """
    from scipy.special import stdtrit

    low, high = np.full((2, len(auc)), np.nan)
    fewest = min(len(np.unique(codes[label == c])) for c in (0, 1))
    if fewest < 2:
        return low, high
    error = np.sqrt([np.sum(i.astype(float) ** 2) * fewest / (fewest - 1) for i in influence])
    inside = np.isfinite(auc) & (auc > 1e-9) & (auc < 1 - 1e-9)
    centre = logit(auc[inside])
    half_width = stdtrit(2 * fewest - 2, 0.975) * error[inside] / (auc[inside] * (1 - auc[inside]))
    low[inside], high[inside] = sigmoid(centre - half_width), sigmoid(centre + half_width)
    bound = wilson_bounds(fewest, fewest)[0]
    low[auc >= 1 - 1e-9], high[auc >= 1 - 1e-9] = bound, 1.0
    low[auc <= 1e-9], high[auc <= 1e-9] = 0.0, 1 - bound
    return low, high


def _summary(audited: AuditInput, checks: list[dict[str, Any]]) -> dict[str, Any]:
    label, table = audited.label, audited.features
    extension: dict[str, Any] = next((c for c in checks if c["code"] == "extension_by_class"), {"details": {}})
    severity = {name: int((table["severity"] == name).sum()) for name in RANK}
    return {
        "total_rows": len(label),
        "groups": audited.groups,
        "class_counts": {"real": int((label == 0).sum()), "ai": int((label == 1).sum())},
        "extension_counts": extension["details"].get("counts", {}),
        "feature_count": len(table),
        "perfect_separator_count": int(table["looks_perfectly_separable"].sum()),
        "near_perfect_count": int(table["looks_near_perfect"].sum()),
        "zero_variance_count": int(table["zero_variance"].sum()),
        "severity_counts": severity,
        "perfect_separators": table.loc[table["looks_perfectly_separable"].astype(bool), "feature"].tolist(),
        "families": {p["family"]: _family(p, table) for p in audited.probes},
        "dataset_checks": checks,
        "verdict": verdict(table, checks),
    }


def _family(probe_result: dict[str, Any], table: pd.DataFrame) -> dict[str, Any]:
    own = table[table["family"] == probe_result["family"]]
    return {k: v for k, v in probe_result.items() if k != "family"} | {
        "perfect_separators": int(own["looks_perfectly_separable"].sum()),
        "near_perfect": int(own["looks_near_perfect"].sum()),
        "issues": int((own["severity"] == "issue").sum()),
        "warnings": int((own["severity"] == "warning").sum()),
        "best_feature": own["feature"].iloc[0] if len(own) else None,
    }
