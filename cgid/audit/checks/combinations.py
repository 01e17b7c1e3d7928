"""Checks of combined features: families other than pixel content that predict the class, and pairs of features.

Pairs: two features may leak the label together though neither does alone (width and height, size and quality). Each
feature is divided into quantile bins (a missing value is a bin of its own). The counts of every pair of bins per class
and fold are one matrix product, so that tens of thousands of pairs take seconds; the balanced accuracy of a pair's
table is cross-validated by group, as for a single feature.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from cgid.audit.check import AuditInput, Check, Outcome
from cgid.audit.probes import sample_groups
from cgid.audit.verdict import NEAR_PERFECT_ACCURACY, PIXEL_FAMILIES, SUSPICIOUS_ACCURACY
from cgid.evaluate.intervals import wilson


class FamilyProbe(Check):
    code = "family_probe"
    title = "Families that leak the label"
    remedy = "Read the ablation `no_format`, and match format and metadata of both classes before trusting a metric."

    def run(self, audited: AuditInput) -> Outcome:
        """Cross-validated model per family; container, provenance and unknown families should be at chance level."""
        probed = [
            p
            for p in audited.probes
            if p["family"] not in PIXEL_FAMILIES and p["balanced_accuracy"]["value"] is not None
        ]
        if not probed:
            return Outcome("not_applicable", "No family of format features, or too few images to test.")
        worst = max(probed, key=lambda p: p["balanced_accuracy"]["value"])
        value, low = worst["balanced_accuracy"]["value"], worst["balanced_accuracy"]["low"]
        details = {p["family"]: p["balanced_accuracy"] for p in probed}
        statement = f"The family `{worst['family']}` alone reaches {value:.1%} balanced accuracy"
        if value >= 0.95 and (low is None or low > 0.5):
            return Outcome("issue", f"{statement}: a model does not need the pixels.", details)
        if value >= 0.65 and (low is None or low > 0.5):
            return Outcome("warning", f"{statement} (50 % is chance).", details)
        return Outcome("passed", f"{statement}, which is close to chance level.", details)


FAMILY_PROBE = FamilyProbe()


BINS = 6
BLOCK = 48  # features per block: bounds the memory of the counts


def pair_accuracies(values: np.ndarray, label: np.ndarray, fold: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(balanced accuracy of each feature alone, (k,); of each pair, (k, k), NaN on and below the diagonal).

    values: (n, k), not finite = missing. label: 0/1, (n,). fold: cross-validation fold of each row, (n,).
    """
    n, k = values.shape
    codes = np.column_stack([_bins(column) for column in values.T]) if k else np.empty((n, 0), int)
    size = BINS + 1
    hot = np.zeros((n, k * size), np.float32)
    hot[np.arange(n)[:, None], codes + np.arange(k) * size] = 1
    parts = [[hot[(fold == f) & (label == c)] for c in (0, 1)] for f in np.unique(fold)]
    alone = _accuracy(np.stack([np.stack([p.sum(0).reshape(k, size) for p in sides]) for sides in parts]), 1)
    joint = np.full((k, k), np.nan)
    for start in range(0, k, BLOCK):
        stop = min(start + BLOCK, k)
        left = slice(start * size, stop * size)
        counts = np.stack([np.stack([p[:, left].T @ p[:, left.start :] for p in sides]) for sides in parts])
        counts = counts.reshape(*counts.shape[:2], stop - start, size, k - start, size)
        joint[start:stop, start:] = _accuracy(counts.transpose(0, 1, 2, 4, 3, 5), 2)
    joint[np.tril_indices(k)] = np.nan
    return alone, joint


def _bins(column: np.ndarray) -> np.ndarray:
    """Bin 0..BINS-1 by rank, equal values in the same bin; BINS where missing."""
    present = np.isfinite(column)
    codes = np.full(len(column), BINS)
    first = np.searchsorted(np.sort(column[present]), column[present], side="left")
    codes[present] = first * BINS // max(int(present.sum()), 1)
    return codes


def _accuracy(counts: np.ndarray, axes: int) -> np.ndarray:
    """counts: (folds, 2, …, bins) or (folds, 2, …, bins, bins); the more frequent class of the other folds is predicted."""
    cells = tuple(range(-axes, 0))
    whole = counts.sum(0)
    totals = np.maximum(whole.sum(cells, keepdims=True), 1)
    right = np.zeros(whole.shape[1:])
    for own in counts:
        others = (whole - own) if len(counts) > 1 else own
        rates = others / np.maximum(others.sum(cells, keepdims=True), 1)
        ai = (np.sign(rates[1] - rates[0]) + 1) / 2
        right += own[1] / totals[1] * ai + own[0] / totals[0] * (1 - ai)
    balanced: np.ndarray = right.sum(cells) / 2
    return balanced


GAIN = 0.10  # balanced accuracy that the pair must add to the better of the two
SHOWN = 20


class PairOfFeatures(Check):
    code = "pair_of_features"
    title = "Pairs of features that leak the label together"
    remedy = "Match both features between the classes (`cgid data match-formats`), or leave one of them out."

    def run(self, audited: AuditInput) -> Outcome:
        """Every pair, cross-validated by group; corrected for how many pairs there are (Bonferroni)."""
        if len(audited.columns) < 2 or not 0 < audited.label.mean() < 1:
            return Outcome("not_applicable", "Fewer than two features, or one class only.")
        rows = sample_groups(audited.codes, 2026)
        names = list(audited.columns)
        values = np.column_stack([_numbers(audited.frame[c])[rows] for c in names])
        alone, pairs = pair_accuracies(values, audited.label[rows], audited.fold[rows])
        family = audited.features.set_index("feature")["family"].reindex(names).to_numpy()
        groups = len(np.unique(audited.codes[rows]))
        leaking = _leaking_pairs(names, family, alone, pairs, groups)
        if not leaking:
            return Outcome(
                "passed", f"No two of {len(names)} features predict the class much better together than alone."
            )
        best = leaking[0]
        text = (
            f"`{best['first']}` and `{best['second']}` together reach {best['balanced_accuracy']:.1%} balanced accuracy; "
            f"alone they reach {best['first_alone']:.1%} and {best['second_alone']:.1%}."
        )
        more = f" {len(leaking) - 1} more pairs do so." if len(leaking) > 1 else ""
        worst = "issue" if any(_is_issue(f) for f in leaking) else "warning"
        return Outcome(worst, text + more, {"pairs": leaking[:SHOWN], "count": len(leaking)})


def _leaking_pairs(
    names: list[str], family: np.ndarray, alone: np.ndarray, pairs: np.ndarray, groups: int
) -> list[dict[str, Any]]:
    """Pairs significantly above chance and above their better feature, best first. Two pixel features may legitimately
    separate the classes: they are listed from NEAR_PERFECT_ACCURACY on, others from SUSPICIOUS_ACCURACY on."""
    better = np.maximum(alone[:, None], alone[None, :])
    pixel = np.isin(family, PIXEL_FAMILIES)
    minimum = np.where(pixel[:, None] & pixel[None, :], NEAR_PERFECT_ACCURACY, SUSPICIOUS_ACCURACY)
    with np.errstate(invalid="ignore"):
        chosen = np.argwhere((pairs >= minimum) & (pairs >= better + GAIN))
    z = float(-ndtri(0.025 / max(len(names) * (len(names) - 1) / 2, 1)))
    leaking = []
    for i, j in chosen:
        low = wilson(pairs[i, j] * groups, groups, z)[0]
        if low is not None and low > max(0.5, better[i, j]):
            leaking.append(
                {"first": names[i], "second": names[j], "balanced_accuracy": float(pairs[i, j])}
                | {"first_alone": float(alone[i]), "second_alone": float(alone[j])}
                | {"picture": bool(pixel[i] and pixel[j])}
            )
    return sorted(leaking, key=lambda f: (f["picture"], -f["balanced_accuracy"]))


def _is_issue(pair: dict[str, Any]) -> bool:
    return bool(pair["balanced_accuracy"] >= NEAR_PERFECT_ACCURACY and not pair["picture"])


def _numbers(column: pd.Series) -> np.ndarray:
    numbers: np.ndarray = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)
    return numbers


PAIR_OF_FEATURES = PairOfFeatures()

CHECKS = (
    FAMILY_PROBE,
    PAIR_OF_FEATURES,
)
