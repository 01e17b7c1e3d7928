"""Pairs of places that look alike within one picture, gathered to copies: groups that moved, turned and grew together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

TOLERANCE = 3.0  # px: how near a point must land where its group's movement takes it
ROUNDS = 200
AROUND = 21  # px a side of the pixels that are compared around a point
MOST_COPIES = 8
MOST_PAIRS = 3000  # of more, every second or third is looked at
MOST_SCALE = 4.0


@dataclass(frozen=True, slots=True)
class Copy:
    """source, target: float32 (n, 2), x and y of the points, px. movement: float64 (2, 3), takes source to target."""

    source: np.ndarray
    target: np.ndarray
    movement: np.ndarray

    @property
    def shift(self) -> tuple[float, float]:
        """Mean movement of the points, px to the right and down."""
        across, down = (self.target - self.source).mean(axis=0)
        return float(across), float(down)

    @property
    def turn(self) -> float:
        """Degrees, clockwise as seen."""
        return float(np.degrees(np.arctan2(self.movement[1, 0], self.movement[0, 0])))

    @property
    def scale(self) -> float:
        return float(np.hypot(self.movement[0, 0], self.movement[1, 0]))


def copies(first: np.ndarray, second: np.ndarray, least: int) -> list[Copy]:
    """Groups of at least `least` pairs that share one movement (shift, turn and scale), largest first.

    first, second: float32 (n, 2), the two places of each pair, in either order: which one is the original cannot be
    told, so a movement is said to go from left to right. Deterministic: what is tried is drawn with one seed.
    """
    found: list[Copy] = []
    every = -(-len(first) // MOST_PAIRS) or 1
    first, second = first[::every], second[::every]
    while len(first) >= least and len(found) < MOST_COPIES:
        source, target = np.concatenate([first, second]), np.concatenate([second, first])
        inside = _largest(source, target)
        if np.count_nonzero(inside) < least:
            break
        copy = Copy(source[inside], target[inside], _fitted(source[inside], target[inside]))
        if copy.shift < (0, 0):
            copy = Copy(copy.target, copy.source, _fitted(copy.target, copy.source))
        found.append(copy)
        used = inside[: len(first)] | inside[len(first) :]
        first, second = first[~used], second[~used]
    return found


def _largest(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """bool (n,): the most pairs that one movement explains, of those that some pairs, alone or by twos, give rise to."""
    z, w = (side.astype(np.float64) @ np.array([1, 1j]) for side in (source, target))
    rng = np.random.default_rng(0)
    one = rng.integers(0, len(z), ROUNDS)
    # Points of one copy lie near one another: the second is drawn from the nearer quarter of the others.
    quarter = max(2, len(z) // 4)
    near = np.argpartition(np.abs(z[one][:, None] - z[None]), quarter - 1, axis=1)[:, :quarter]
    two = near[np.arange(ROUNDS), rng.integers(0, quarter, ROUNDS)]
    apart = z[two] - z[one]
    usable = np.abs(apart) > 2 * TOLERANCE
    factor = np.divide(w[two] - w[one], apart, out=np.zeros(ROUNDS, complex), where=usable)
    usable &= (np.abs(factor) > 1 / MOST_SCALE) & (np.abs(factor) < MOST_SCALE)
    # A pair alone tells a plain shift.
    alone = np.arange(len(z))[:: max(1, len(z) // ROUNDS)]
    factor = np.concatenate([factor[usable], np.ones(len(alone))])
    begin = np.concatenate([one[usable], alone])
    landing = w[begin][:, None] + factor[:, None] * (z[None] - z[begin][:, None])
    inside = np.abs(landing - w[None]) <= TOLERANCE
    # A movement that leaves everything where it is (turned about itself) is none: its pairs would be their own copies.
    best = inside[int(inside.sum(axis=1).argmax())]
    half = len(z) // 2
    both = best[:half] & best[half:]
    best[half:] &= ~both
    return best


def likeness(gray: np.ndarray, copy: Copy) -> np.ndarray:
    """float32 (n,): correlation -1..1 of the pixels around each target point with those that the copy took there.

    gray: float32 (h, w). What only resembles, such as the next beam of a scaffold, correlates less than a true copy,
    which shares even its grain.
    """
    import cv2

    height, width = gray.shape
    moved = cv2.warpAffine(gray, copy.movement, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)

    def around(plane: np.ndarray) -> np.ndarray:
        return cv2.blur(plane, (AROUND, AROUND), borderType=cv2.BORDER_REFLECT).reshape(gray.shape)

    one, two = gray - around(gray), moved - around(moved)
    together = around(one * two) / np.sqrt(np.maximum(around(one * one) * around(two * two), 1e-3))
    x, y = np.rint(copy.target).astype(int).T
    return together[y.clip(0, height - 1), x.clip(0, width - 1)]


def _fitted(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """float64 (2, 3): the similarity nearest to the pairs, by least squares."""
    z = source[:, 0].astype(np.float64) + 1j * source[:, 1]
    w = target[:, 0].astype(np.float64) + 1j * target[:, 1]
    centred = z - z.mean()
    power = float((np.abs(centred) ** 2).sum())
    factor = complex((w * centred.conj()).sum() / power) if power > 1e-9 else 1 + 0j
    shift = w.mean() - factor * z.mean()
    return np.array([[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]])
