"""Coverage of the 95 % intervals of a detector's metrics, in simulations with known true values.

python -m benchmarks.coverage [--runs 1000]. Scores are normal, with the class separation that the AUC requires; images
of a group share half of their variance; the second detector of a pair is correlated with the first and weaker.
"""

from __future__ import annotations

import argparse
from collections import defaultdict

import numpy as np
from scipy.special import ndtr, ndtri

from cgid.evaluate.comparison import compare
from cgid.evaluate.metrics import summary

# (groups of a class, images of a group, whether a group holds both classes, AUC)
DESIGNS = (
    (30, 1, False, 0.60),
    (30, 1, False, 0.75),
    (30, 1, False, 0.95),
    (150, 1, False, 0.75),
    (150, 1, False, 0.95),
    (30, 5, False, 0.75),
    (30, 5, True, 0.75),
)


def scores(random, groups: int, images: int, mixed: bool, shift: float):
    """(label, score of the better, score of the weaker, group) of one simulated test set."""
    count = groups if mixed else 2 * groups
    group = np.repeat(np.arange(count), images * (1 + mixed))
    label = np.tile(np.repeat([0.0, 1.0], images), count) if mixed else (group >= groups).astype(float)
    noise = random.normal(size=len(group))
    if images > 1:
        noise = np.sqrt(0.5) * (noise + random.normal(size=count)[group])
    other = 0.6 * noise + 0.8 * random.normal(size=len(group))
    return label, noise + shift * label, other + 0.8 * shift * label, group


def covered_fraction(runs: int, design: tuple[int, int, bool, float]) -> dict[str, float]:
    """{metric: fraction of the runs whose interval contains the true value}."""
    *shape, area = design
    shift, hits = np.sqrt(2) * ndtri(area), defaultdict(list)
    half = shift / 2
    right, right_b = ndtr(half), ndtr(0.8 * half)
    truth = {"auc": area, "balanced_accuracy": right, "accuracy": right, "false_positive_rate": 1 - right}
    gap = right - right_b
    gaps = {"auc": area - ndtr(0.8 * shift / np.sqrt(2)), "accuracy": gap, "balanced_accuracy": gap, "recall": gap}
    for run in range(runs):
        label, a, b, group = scores(np.random.default_rng([run, 7]), *shape, shift)
        p, q = ndtr(a - half), ndtr(b - 0.8 * half)
        alone = summary(label, p, groups=group, seed=run)
        pair = compare(label, p, q, groups=group, seed=run)
        covered = {name: (alone[name], value) for name, value in truth.items()}
        covered |= {f"difference of {name}": (pair["bootstrap"][name], value) for name, value in gaps.items()}
        covered["difference of auc, DeLong"] = (pair["delong"], gaps["auc"])
        for name, (block, value) in covered.items():
            hits[name].append(block["low"] is not None and block["low"] <= value <= block["high"])
    return {name: float(np.mean(values)) for name, values in hits.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000, help="simulated test sets of each design")
    runs = parser.parse_args().runs
    every = defaultdict(list)
    for design in DESIGNS:
        groups, images, mixed, area = design
        print(f"\n{groups} groups of {images} images{', both classes in each' * mixed}, AUC {area}")
        for name, share in covered_fraction(runs, design).items():
            every[name].append(share)
            print(f"  {name:32}{share:8.1%}", flush=True)
    print(f"\n{'all designs':34}{'mean':>8}{'lowest':>9}{'highest':>9}")
    for name, shares in every.items():
        print(f"  {name:32}{np.mean(shares):8.1%}{min(shares):9.1%}{max(shares):9.1%}")


if __name__ == "__main__":
    main()
