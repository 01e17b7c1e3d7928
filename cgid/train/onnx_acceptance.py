"""Acceptance test of a smaller ONNX file against the float32 one: parity of the outputs, non-inferiority on labelled
images.

Both use the same test images. The first is parity of calibrated probabilities and of labels at the fixed threshold; the
second is non-inferiority: the lower end of the paired 95 % interval of the difference in AUC and in balanced accuracy
must lie above minus MARGIN, so that too few images refuse a file as surely as a bad file does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cgid.evaluate.comparison import compare
from cgid.evaluate.curves import auc

MARGIN = 0.02  # of AUC and of balanced accuracy
METRICS = {"auc": "AUC", "balanced_accuracy": "balanced accuracy"}


@dataclass(frozen=True, slots=True)
class Limit:
    """Limits of a number type. mean, largest: difference of the calibrated probability. labels: fraction of the images
    whose
    label at the fixed threshold differs."""

    mean: float
    largest: float
    labels: float


LIMITS = {"fp16": Limit(0.002, 0.02, 0.01), "int8": Limit(0.03, 0.30, 0.05)}


def parity(exact: np.ndarray, variant: np.ndarray, threshold: float, limit: Limit) -> dict[str, Any]:
    """exact, found: calibrated P(ai) of the float32 file and of the smaller one on the same images, (n,)."""
    difference = np.abs(variant - exact)
    changed_labels = float(np.mean((variant >= threshold) != (exact >= threshold)))
    mean, largest = float(difference.mean()), float(difference.max())
    finite = bool(np.isfinite(difference).all())
    return {
        "images": len(difference),
        "mean_difference": mean,
        "mean_limit": limit.mean,
        "largest_difference": largest,
        "largest_limit": limit.largest,
        "other_labels": changed_labels,
        "other_labels_limit": limit.labels,
        "passed": finite and mean <= limit.mean and largest <= limit.largest and changed_labels <= limit.labels,
    }


def accuracy(
    label: np.ndarray, exact: np.ndarray, variant: np.ndarray, groups: np.ndarray, threshold: float
) -> dict[str, Any]:
    """The smaller file against the float32 one: {"auc", "balanced_accuracy": {"float32", "variant", "difference",
    "low", "high"}, "margin", "n", "groups", "passed"}. label: 0/1, groups: of each image, (n,)."""
    paired = compare(label, variant, exact, groups, threshold, threshold)
    both = 0 < label.sum() < len(label)
    metrics = {"auc": auc, "balanced_accuracy": lambda y, p: _balanced(y, p >= threshold)}
    block: dict[str, Any] = {"n": paired["n"], "groups": paired["groups"], "margin": MARGIN, "passed": both}
    for name, metric in metrics.items():
        difference = paired["bootstrap"][name]
        values = {"float32": float(metric(label, exact)), "variant": float(metric(label, variant))} if both else {}
        block[name] = {"float32": None, "variant": None} | values | difference
        block["passed"] &= difference["low"] is not None and difference["low"] >= -MARGIN
    return block


def _balanced(label: np.ndarray, predicted_ai: np.ndarray) -> float:
    return float((predicted_ai[label == 1].mean() + (~predicted_ai[label == 0]).mean()) / 2)


def refusal_message(name: str, parity: dict[str, Any], accuracy: dict[str, Any]) -> str:
    """Why a file is not accepted, in one sentence; empty where it passed."""
    if not parity["passed"]:
        return (
            f"{name} was not accepted: on {parity['images']} test images its probabilities differ from float32's by "
            f"{parity['mean_difference']:.2g} on average (limit {parity['mean_limit']:g}) and "
            f"{parity['largest_difference']:.2g} "
            f"at most (limit {parity['largest_limit']:g}), and {100 * parity['other_labels']:.1f} % of the labels "
            f"are others "
            f"(limit {100 * parity['other_labels_limit']:g} %)."
        )
    for key, title in METRICS.items():
        metric = accuracy[key]
        if metric["low"] is None:
            return f"{name} was not kept: {accuracy['n']} test images are too few to show that its {title} holds."
        if metric["low"] < -MARGIN:
            return (
                f"{name} was not accepted: its {title} may be worse than float32's by {-metric['low']:.3f} "
                f"(paired 95 % interval {metric['low']:+.3f} to {metric['high']:+.3f} on {accuracy['n']} test images; "
                f"the margin is {MARGIN})."
            )
    return ""
