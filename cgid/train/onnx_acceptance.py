"""Whether a smaller ONNX file may stand in for the float32 one: nearly the same answers, and no worse on labelled images.

Both are asked of the same test images. The first is parity of calibrated probabilities and of labels at the frozen
threshold; the second is non-inferiority: the lower end of the paired 95 % interval of the difference in AUC and in
balanced accuracy must lie above minus MARGIN, so that too few images refuse a file as surely as a bad file does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cgid.evaluate.comparison import compare
from cgid.evaluate.curves import auc

MARGIN = 0.02  # of AUC and of balanced accuracy
FIGURES = {"auc": "AUC", "balanced_accuracy": "balanced accuracy"}


@dataclass(frozen=True, slots=True)
class Limit:
    """What a number type may cost. mean, largest: of the difference of a calibrated probability. labels: share of the
    images whose label at the frozen threshold is another one."""

    mean: float
    largest: float
    labels: float


LIMITS = {"fp16": Limit(0.002, 0.02, 0.01), "int8": Limit(0.03, 0.30, 0.05)}


def parity(exact: np.ndarray, found: np.ndarray, threshold: float, limit: Limit) -> dict[str, Any]:
    """exact, found: calibrated P(ai) of the float32 file and of the smaller one on the same images, (n,)."""
    gap = np.abs(found - exact)
    other = float(np.mean((found >= threshold) != (exact >= threshold)))
    mean, largest = float(gap.mean()), float(gap.max())
    finite = bool(np.isfinite(gap).all())
    return {
        "images": len(gap),
        "mean_difference": mean,
        "mean_limit": limit.mean,
        "largest_difference": largest,
        "largest_limit": limit.largest,
        "other_labels": other,
        "other_labels_limit": limit.labels,
        "passed": finite and mean <= limit.mean and largest <= limit.largest and other <= limit.labels,
    }


def accuracy(
    label: np.ndarray, exact: np.ndarray, found: np.ndarray, groups: np.ndarray, threshold: float
) -> dict[str, Any]:
    """The smaller file against the float32 one: {"auc", "balanced_accuracy": {"float32", "variant", "difference",
    "low", "high"}, "margin", "n", "groups", "passed"}. label: 0/1, groups: of each image, (n,)."""
    paired = compare(label, found, exact, groups, threshold, threshold)
    both = 0 < label.sum() < len(label)
    absolute = {"auc": auc, "balanced_accuracy": lambda y, p: _balanced(y, p >= threshold)}
    block: dict[str, Any] = {"n": paired["n"], "groups": paired["groups"], "margin": MARGIN, "passed": both}
    for name, figure in absolute.items():
        gap = paired["bootstrap"][name]
        values = {"float32": float(figure(label, exact)), "variant": float(figure(label, found))} if both else {}
        block[name] = {"float32": None, "variant": None} | values | gap
        block["passed"] &= gap["low"] is not None and gap["low"] >= -MARGIN
    return block


def _balanced(label: np.ndarray, says_ai: np.ndarray) -> float:
    return float((says_ai[label == 1].mean() + (~says_ai[label == 0]).mean()) / 2)


def refusal(name: str, parity: dict[str, Any], accuracy: dict[str, Any]) -> str:
    """One sentence that says why a file is not kept; empty where it passed."""
    if not parity["passed"]:
        return (
            f"{name} was not kept: on {parity['images']} test images its probabilities differ from float32's by "
            f"{parity['mean_difference']:.2g} on average (limit {parity['mean_limit']:g}) and {parity['largest_difference']:.2g} "
            f"at most (limit {parity['largest_limit']:g}), and {100 * parity['other_labels']:.1f} % of the labels are others "
            f"(limit {100 * parity['other_labels_limit']:g} %)."
        )
    for key, words in FIGURES.items():
        figure = accuracy[key]
        if figure["low"] is None:
            return f"{name} was not kept: {accuracy['n']} test images are too few to show that its {words} holds."
        if figure["low"] < -MARGIN:
            return (
                f"{name} was not kept: its {words} may be worse than float32's by {-figure['low']:.3f} "
                f"(paired 95 % interval {figure['low']:+.3f} to {figure['high']:+.3f} on {accuracy['n']} test images; "
                f"the margin is {MARGIN})."
            )
    return ""
