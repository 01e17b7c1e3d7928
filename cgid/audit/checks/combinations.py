"""Does a family of features that is not about pixels give the class away as a whole?

Do two features tell together what neither tells alone: width and height, size and quality?

Which two features give the label away together though neither does alone: every pair, from tables of counts.

Each feature is cut into quantile bins (a missing value is a bin of its own). How often every pair of bins meets in each
class and fold is one matrix product, so that tens of thousands of pairs cost seconds; the balanced accuracy of the
table of a pair is cross-validated by group, as it is for one feature.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtri

from cgid.audit.check import Audited, Check, Outcome
from cgid.audit.probes import some_groups
from cgid.audit.verdict import NEAR, PICTURE, TWO_SIDED
from cgid.evaluate.intervals import wilson


class FamilyProbe(Check):
    code = "family_probe"
    title = "Families that give the label away"
    remedy = (
        "Read the ablation `no_format`, and make both classes alike in format and metadata before trusting a figure."
    )

    def run(self, audited: Audited) -> Outcome:
        """Cross-validated model per family; container, provenance and unknown ones should be at chance."""
        asked = [
            p for p in audited.probes if p["family"] not in PICTURE and p["balanced_accuracy"]["value"] is not None
        ]
        if not asked:
            return Outcome("not_applicable", "No family of format features, or too few images to ask.")
        worst = max(asked, key=lambda p: p["balanced_accuracy"]["value"])
        value, low = worst["balanced_accuracy"]["value"], worst["balanced_accuracy"]["low"]
        details = {p["family"]: p["balanced_accuracy"] for p in asked}
        words = f"The family `{worst['family']}` alone reaches {value:.1%} balanced accuracy"
        if value >= 0.95 and (low is None or low > 0.5):
            return Outcome("issue", f"{words}: a model needs no look at the picture.", details)
        if value >= 0.65 and (low is None or low > 0.5):
            return Outcome("warning", f"{words} (50 % is chance).", details)
        return Outcome("passed", f"{words}, which is close to chance.", details)


FAMILY_PROBE = FamilyProbe()


BINS = 6
BLOCK = 48  # features on one side at once: bounds the memory of the counts


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
    together = np.full((k, k), np.nan)
    for start in range(0, k, BLOCK):
        stop = min(start + BLOCK, k)
        left = slice(start * size, stop * size)
        counts = np.stack([np.stack([p[:, left].T @ p[:, left.start :] for p in sides]) for sides in parts])
        counts = counts.reshape(*counts.shape[:2], stop - start, size, k - start, size)
        together[start:stop, start:] = _accuracy(counts.transpose(0, 1, 2, 4, 3, 5), 2)
    together[np.tril_indices(k)] = np.nan
    return alone, together


def _bins(column: np.ndarray) -> np.ndarray:
    """Bin 0..BINS-1 by rank, equal values alike; BINS where missing."""
    present = np.isfinite(column)
    codes = np.full(len(column), BINS)
    first = np.searchsorted(np.sort(column[present]), column[present], side="left")
    codes[present] = first * BINS // max(int(present.sum()), 1)
    return codes


def _accuracy(counts: np.ndarray, axes: int) -> np.ndarray:
    """counts: (folds, 2, …, bins) or (folds, 2, …, bins, bins); the class seen more often in the other folds is called."""
    cells = tuple(range(-axes, 0))
    whole = counts.sum(0)
    totals = np.maximum(whole.sum(cells, keepdims=True), 1)
    right = np.zeros(whole.shape[1:])
    for own in counts:
        others = (whole - own) if len(counts) > 1 else own
        rates = others / np.maximum(others.sum(cells, keepdims=True), 1)
        ai = (np.sign(rates[1] - rates[0]) + 1) / 2
        right += own[1] / totals[1] * ai + own[0] / totals[0] * (1 - ai)
    return right.sum(cells) / 2


GAIN = 0.10  # balanced accuracy that the pair must add to the better of the two
SHOWN = 20


class PairOfFeatures(Check):
    code = "pair_of_features"
    title = "Pairs of features that give the label away together"
    remedy = "Make both classes alike in the two together (treat the data set), or leave one of them out."

    def run(self, audited: Audited) -> Outcome:
        """Every pair, cross-validated by group; corrected for how many pairs there are (Bonferroni)."""
        if len(audited.columns) < 2 or not 0 < audited.label.mean() < 1:
            return Outcome("not_applicable", "Fewer than two features, or one class only.")
        rows = some_groups(audited.codes, 2026)
        names = list(audited.columns)
        values = np.column_stack([_numbers(audited.frame[c])[rows] for c in names])
        alone, pairs = pair_accuracies(values, audited.label[rows], audited.fold[rows])
        family = audited.features.set_index("feature")["family"].reindex(names).to_numpy()
        groups = len(np.unique(audited.codes[rows]))
        found = _telling(names, family, alone, pairs, groups)
        if not found:
            return Outcome("passed", f"No two of {len(names)} features tell much more together than alone.")
        best = found[0]
        text = (
            f"`{best['first']}` and `{best['second']}` together reach {best['balanced_accuracy']:.1%} balanced accuracy; "
            f"alone they reach {best['first_alone']:.1%} and {best['second_alone']:.1%}."
        )
        more = f" {len(found) - 1} more pairs do so." if len(found) > 1 else ""
        worst = "issue" if any(_is_issue(f) for f in found) else "warning"
        return Outcome(worst, text + more, {"pairs": found[:SHOWN], "count": len(found)})


def _telling(names: list[str], family: np.ndarray, alone: np.ndarray, pairs: np.ndarray, groups: int) -> list[dict]:
    """Pairs beyond chance and beyond their better half, best first. Two pixel features may well tell real from AI: they
    are named from NEAR on, others from TWO_SIDED on."""
    better = np.maximum(alone[:, None], alone[None, :])
    picture = np.isin(family, PICTURE)
    least = np.where(picture[:, None] & picture[None, :], NEAR, TWO_SIDED)
    with np.errstate(invalid="ignore"):
        chosen = np.argwhere((pairs >= least) & (pairs >= better + GAIN))
    z = float(-ndtri(0.025 / max(len(names) * (len(names) - 1) / 2, 1)))
    found = []
    for i, j in chosen:
        low = wilson(pairs[i, j] * groups, groups, z)[0]
        if low is not None and low > max(0.5, better[i, j]):
            found.append(
                {"first": names[i], "second": names[j], "balanced_accuracy": float(pairs[i, j])}
                | {"first_alone": float(alone[i]), "second_alone": float(alone[j])}
                | {"picture": bool(picture[i] and picture[j])}
            )
    return sorted(found, key=lambda f: (f["picture"], -f["balanced_accuracy"]))


def _is_issue(found: dict) -> bool:
    return found["balanced_accuracy"] >= NEAR and not found["picture"]


def _numbers(column: pd.Series) -> np.ndarray:
    return pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)


PAIR_OF_FEATURES = PairOfFeatures()

CHECKS = (
    FAMILY_PROBE,
    PAIR_OF_FEATURES,
)
