"""What may happen to an image on its way to a reader, in rising strength: one file in degradations/ is one curve.

After Hendrycks and Dietterich, "Benchmarking Neural Network Robustness to Common Corruptions and
Perturbations", ICLR 2019: one kind of damage at several strengths, the same for every image.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from cgid.registry import load

STRIP = 1_000_000  # pixels worked on at once in floating point: bounds memory for images of any size


@dataclass(frozen=True, slots=True)
class Degradation:
    """A file in `studies/degradations/` that holds `DEGRADATION = Degradation(…)` is a robustness curve by being there.

    name: as stored with results. title, unit: for people, as a chart's heading and axis. levels: from mild to severe.
    said: one level in words, `{level}` in it. bounds: lowest and highest level that makes sense.
    apply: uint8 (H, W, 3), level, random numbers of this image to uint8 (h, w, 3). It never learns the label.
    order: place on the page.
    """

    name: str
    title: str
    unit: str
    levels: tuple[float, ...]
    said: str
    bounds: tuple[float, float]
    apply: Callable[[np.ndarray, float, np.random.Generator], np.ndarray]
    order: int = 9

    def say(self, level: float) -> str:
        return self.said.format(level=level)


@cache
def all_degradations() -> dict[str, Degradation]:
    """{name: degradation}, in their order."""
    from cgid.robustness import degradations

    found = load(degradations, "DEGRADATION")
    return {d.name: d for d in sorted(found.values(), key=lambda d: (d.order, d.name))}


def random_of(seed: int, sha256: str, name: str) -> np.random.Generator:
    """Random numbers that depend on the seed, the file's content and the degradation alone.

    Not on the level: a stronger noise is the same noise louder, so that a curve does not jump by luck of the draw.
    """
    return np.random.default_rng([seed, int(sha256, 16), int.from_bytes(name.encode())])


def in_strips(rgb: np.ndarray, margin: int, work: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """`work` over horizontal strips of uint8 (H, W, 3), each with `margin` rows of its neighbours; as over the whole.

    work: gives as many rows as it gets; a row must not depend on rows further away than `margin`.
    """
    height, width = rgb.shape[:2]
    rows = max(1, margin, STRIP // width)
    result = np.empty(rgb.shape, np.uint8)
    for top in range(0, height, rows):
        first, last = max(0, top - margin), min(height, top + rows + margin)
        result[top : top + rows] = work(rgb[first:last])[top - first : top - first + rows]
    return result
