"""Is one detector better than another on the same images? DeLong for AUC, McNemar for accuracy, paired bootstrap.

DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44; Obuchowski (1997), Biometrics 53 (clustered rows);
McNemar (1947), Psychometrika 12; Bonett and Price (2012), J. Educ. Behav. Stat. 37 (paired proportions).
Agreement: the table of both verdicts, kappa, and the outcome of each image.
Cohen (1960), "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cgid.evaluate.curves import Ranking
from cgid.evaluate.delong import delong
from cgid.evaluate.intervals import cluster_bootstrap, group_codes, percentile

EXACT_BELOW = 1000  # discordant pairs; the exact test is cheap well beyond where the approximation is good


def compare(
    label: np.ndarray,
    a: np.ndarray,
    b: np.ndarray,
    groups: Any = None,
    threshold_a: float = 0.5,
    threshold_b: float = 0.5,
    draws: int = 500,
    seed: int = 2026,
) -> dict[str, Any]:
    """How a differs from b (a minus b): {"n", "groups", "delong", "mcnemar", "bootstrap": {metric: difference}}.

    Metrics under `bootstrap`: auc, accuracy, balanced_accuracy, specificity, recall; the intervals of the three plain
    proportions (accuracy, specificity, recall) are those of Bonett and Price.

    label: 0/1, (n,). a, b: P(ai) of the two on the same rows, (n,); rows where either is missing are left out.
    groups: group of each row, the unit of resampling, (n,). Undefined metrics are None.
    """
    y, a, b = (np.asarray(v, dtype=float).ravel() for v in (label, a, b))
    keep = np.isfinite(y) & np.isfinite(a) & np.isfinite(b)
    codes = group_codes(None if groups is None else np.asarray(groups, dtype=object)[keep], int(keep.sum()))
    y, a, b = y[keep], a[keep], b[keep]
    right_a, right_b = (a >= threshold_a) == (y == 1), (b >= threshold_b) == (y == 1)
    return {
        "n": len(y),
        "groups": len(np.unique(codes)),
        "delong": delong(y, a, b, codes),
        "mcnemar": mcnemar(int(np.sum(right_a & ~right_b)), int(np.sum(~right_a & right_b))),
        "bootstrap": _bootstrap(y, (a, b), (right_a, right_b), codes, draws, seed),
    }


def mcnemar(only_a: int, only_b: int) -> dict[str, Any]:
    """{"only_a_right", "only_b_right", "p", "exact"}; two-sided. Treats rows as independent: interpret it together with the bootstrap."""
    n = only_a + only_b
    exact = n < EXACT_BELOW
    if n == 0:
        p = 1.0
    elif exact:
        from scipy.stats import binomtest

        p = float(binomtest(only_a, n, 0.5).pvalue)
    else:
        from scipy.special import ndtr

        p = float(2 * ndtr(-(max(abs(only_a - only_b) - 1, 0)) / np.sqrt(n)))
    return {"only_a_right": only_a, "only_b_right": only_b, "p": p, "exact": exact}


def paired_difference_interval(gap: np.ndarray, codes: np.ndarray) -> tuple[float, float]:
    """95 % interval of a mean of paired differences -1, 0, 1 over rows in groups.

    One row is added in favour of each side: where the two rarely disagree, resampling the few groups in which they do
    would give intervals that are too narrow.
    """
    from scipy.special import stdtrit

    group = np.unique(codes, return_inverse=True)[1]
    sizes, sums = np.bincount(group).astype(float), np.bincount(group, weights=gap)
    sizes, sums = np.append(sizes, [1, 1]), np.append(sums, [1, -1])
    mean, count = sums.sum() / sizes.sum(), len(sizes)
    error = np.sqrt(np.sum((sums - mean * sizes) ** 2) * count / (count - 1)) / sizes.sum()
    half_width = -stdtrit(count - 3, 0.025) * error
    return max(-1.0, float(mean - half_width)), min(1.0, float(mean + half_width))


def _bootstrap(
    y: np.ndarray,
    scores: Sequence[np.ndarray],
    right: Sequence[np.ndarray],
    codes: np.ndarray,
    draws: int,
    seed: int,
) -> dict[str, dict[str, float | None]]:
    rankings = [Ranking.of(y, s) for s in scores]
    gap = right[0].astype(float) - right[1]
    ai = y == 1

    def statistic(weights: np.ndarray) -> np.ndarray:
        first, second = (r.metrics(weights)[:, 0] for r in rankings)
        with np.errstate(divide="ignore", invalid="ignore"):
            accuracy = weights @ gap / weights.sum(1)
            per_class = [weights[:, c] @ gap[c] / weights[:, c].sum(1) for c in (ai, ~ai)]
        return np.column_stack([first - second, accuracy, (per_class[0] + per_class[1]) / 2, *per_class[::-1]])

    names = ("auc", "accuracy", "balanced_accuracy", "specificity", "recall")
    if not len(y):
        return {n: {"difference": None, "low": None, "high": None} for n in names}
    value = statistic(np.ones((1, len(y))))[0]
    low = high = np.full(len(names), np.nan)
    fewest = min(len(np.unique(codes[ai])), len(np.unique(codes[~ai])))
    if draws and fewest > 1:
        low, high = percentile(cluster_bootstrap(statistic, codes, y, draws, seed), fewest)
        for place, rows in ((1, ai | ~ai), (3, ~ai), (4, ai)):
            low[place], high[place] = paired_difference_interval(gap[rows], codes[rows])
    sides = zip(names, value, low, high)
    return {
        n: {k: float(x) if np.isfinite(x) else None for k, x in zip(("difference", "low", "high"), v)}
        for n, *v in sides
    }


OUTCOMES = ("both_right", "only_a_wrong", "only_b_wrong", "both_wrong")


def outcomes(right_a: Any, right_b: Any) -> np.ndarray:
    """One of OUTCOMES per image, (n,), from whether each detector was right about it, (n,) bool."""
    a, b = np.asarray(right_a, dtype=bool), np.asarray(right_b, dtype=bool)
    outcomes: np.ndarray = np.array(OUTCOMES, dtype=object)[2 * ~b + ~a]
    return outcomes


def agreement(label: Any, called_a: Any, called_b: Any) -> dict[str, Any]:
    """{"real": {outcome: n}, "ai": {…}, "all": {…}, "agree": fraction, "kappa": Cohen's kappa of the two verdicts}.

    label: 0/1, (n,). called_a, called_b: whether each calls the image AI, (n,) bool. agree and kappa are None without
    images; kappa also where chance agreement is 1.
    """
    ai, a, b = (np.asarray(v).astype(bool) for v in (label, called_a, called_b))
    outcome = outcomes(a == ai, b == ai)
    table: dict[str, Any] = {
        name: {key: int(np.sum(outcome[which] == key)) for key in OUTCOMES}
        for name, which in (("real", ~ai), ("ai", ai), ("all", np.ones(len(ai), bool)))
    }
    if not len(ai):
        return table | {"agree": None, "kappa": None}
    same = float(np.mean(a == b))
    chance = float(a.mean() * b.mean() + (1 - a.mean()) * (1 - b.mean()))
    return table | {"agree": same, "kappa": (same - chance) / (1 - chance) if chance < 1 - 1e-12 else None}
