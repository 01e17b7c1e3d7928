"""Image degradations at increasing strength; modules in degradations/ register them, each one robustness curve.

After Hendrycks and Dietterich, "Benchmarking Neural Network Robustness to Common Corruptions and
Perturbations", ICLR 2019: one type of corruption at several severities, the same for every image.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from cgid.registry import load

STRIP_PIXELS = 1_000_000  # pixels processed at once in floating point: bounds memory for images of any size


@dataclass(frozen=True, slots=True)
class Degradation:
    """One robustness curve; modules in `robustness/degradations/` list theirs in `DEGRADATIONS`.

    name: stored with results. title, unit: heading and axis of the chart. levels: from mild to severe.
    description: text of one level, with `{level}`. bounds: lowest and highest valid level.
    apply: uint8 (H, W, 3), level, random generator of this image to uint8 (h, w, 3); independent of the label.
    order: position on the page.
    """

    name: str
    title: str
    unit: str
    levels: tuple[float, ...]
    description: str
    bounds: tuple[float, float]
    apply: Callable[[np.ndarray, float, np.random.Generator], np.ndarray]
    order: int = 9

    def describe(self, level: float) -> str:
        """Text of one level."""
        return self.description.format(level=level)


@cache
def all_degradations() -> dict[str, Degradation]:
    """{name: degradation}, in their order."""
    from cgid.robustness import degradations

    by_name = load(degradations, "DEGRADATION")
    return {d.name: d for d in sorted(by_name.values(), key=lambda d: (d.order, d.name))}


def random_of(seed: int, sha256: str, name: str) -> np.random.Generator:
    """Random numbers that depend on the seed, the file's content and the degradation alone.

    Not on the level: stronger noise is the same noise scaled, so that curves are smooth.
    """
    return np.random.default_rng([seed, int(sha256, 16), int.from_bytes(name.encode())])


def in_strips(rgb: np.ndarray, margin: int, work: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """`work` over horizontal strips of uint8 (H, W, 3), each with `margin` rows of its neighbours; as over the whole.

    work: returns as many rows as it receives; a row must not depend on rows further away than `margin`.
    """
    height, width = rgb.shape[:2]
    rows = max(1, margin, STRIP_PIXELS // width)
    result = np.empty(rgb.shape, np.uint8)
    for top in range(0, height, rows):
        first, last = max(0, top - margin), min(height, top + rows + margin)
        result[top : top + rows] = work(rgb[first:last])[top - first : top - first + rows]
    return result
