"""Groups matching points of one image into copied regions: pairs that share one shift, rotation and scale (copy-move)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

TOLERANCE = 3.0  # px: largest distance of a point from where its group's transform takes it
ROUNDS = 200
COMPARED_SIDE = 21  # px a side of the neighbourhood compared around a point
MAX_REGIONS = 8
MAX_PAIRS = 3000  # of more, every second or third is used
MAX_SCALE = 4.0


@dataclass(frozen=True, slots=True)
class CopiedRegion:
    """source, target: float32 (n, 2), x and y of the points, px. transform: float64 (2, 3), takes source to target."""

    source: np.ndarray
    target: np.ndarray
    transform: np.ndarray

    @property
    def shift(self) -> tuple[float, float]:
        """Mean shift of the points, px to the right and down."""
        across, down = (self.target - self.source).mean(axis=0)
        return float(across), float(down)

    @property
    def rotation(self) -> float:
        """Degrees, clockwise as seen."""
        return float(np.degrees(np.arctan2(self.transform[1, 0], self.transform[0, 0])))

    @property
    def scale(self) -> float:
        return float(np.hypot(self.transform[0, 0], self.transform[1, 0]))


def find_copied_regions(first: np.ndarray, second: np.ndarray, min_pairs: int) -> list[CopiedRegion]:
    """Groups of at least `min_pairs` pairs that share one similarity transform, largest first.

    first, second: float32 (n, 2), the two positions of each pair, in either order: which one is the original is
    unknown, so a shift is given from left to right. Deterministic: candidates are sampled with a fixed seed.
    """
    regions: list[CopiedRegion] = []
    stride = -(-len(first) // MAX_PAIRS) or 1
    first, second = first[::stride], second[::stride]
    while len(first) >= min_pairs and len(regions) < MAX_REGIONS:
        source, target = np.concatenate([first, second]), np.concatenate([second, first])
        members = _largest_group(source, target)
        if np.count_nonzero(members) < min_pairs:
            break
        region = CopiedRegion(source[members], target[members], _fit_similarity(source[members], target[members]))
        if region.shift < (0, 0):
            region = CopiedRegion(region.target, region.source, _fit_similarity(region.target, region.source))
        regions.append(region)
        used = members[: len(first)] | members[len(first) :]
        first, second = first[~used], second[~used]
    return regions


def _largest_group(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """bool (n,): the largest set of pairs that one transform explains; candidates come from single pairs and twos."""
    z, w = (side.astype(np.float64) @ np.array([1, 1j]) for side in (source, target))
    rng = np.random.default_rng(0)
    first = rng.integers(0, len(z), ROUNDS)
    # Points of one copy lie close together: the second is sampled from the nearest quarter of the others.
    quarter = max(2, len(z) // 4)
    near = np.argpartition(np.abs(z[first][:, None] - z[None]), quarter - 1, axis=1)[:, :quarter]
    second = near[np.arange(ROUNDS), rng.integers(0, quarter, ROUNDS)]
    separation = z[second] - z[first]
    usable = np.abs(separation) > 2 * TOLERANCE
    factor = np.divide(w[second] - w[first], separation, out=np.zeros(ROUNDS, complex), where=usable)
    usable &= (np.abs(factor) > 1 / MAX_SCALE) & (np.abs(factor) < MAX_SCALE)
    # A single pair defines a plain shift.
    singles = np.arange(len(z))[:: max(1, len(z) // ROUNDS)]
    factor = np.concatenate([factor[usable], np.ones(len(singles))])
    begin = np.concatenate([first[usable], singles])
    landing = w[begin][:, None] + factor[:, None] * (z[None] - z[begin][:, None])
    inside = np.abs(landing - w[None]) <= TOLERANCE
    # A transform that maps pairs onto themselves (a half turn) does not count: each pair would be its own copy.
    best = inside[int(inside.sum(axis=1).argmax())]
    half = len(z) // 2
    mutual = best[:half] & best[half:]
    best[half:] &= ~mutual
    return best


def similarity(gray: np.ndarray, region: CopiedRegion) -> np.ndarray:
    """float32 (n,): correlation -1..1 of the pixels around each target point with the transformed source.

    gray: float32 (h, w). Mere resemblance, such as the next beam of a scaffold, correlates less than a true copy,
    which shares even the noise.
    """
    import cv2

    height, width = gray.shape
    moved = cv2.warpAffine(
        gray, region.transform, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )

    def local_mean(plane: np.ndarray) -> np.ndarray:
        return cv2.blur(plane, (COMPARED_SIDE, COMPARED_SIDE), borderType=cv2.BORDER_REFLECT).reshape(gray.shape)

    original_detail, moved_detail = gray - local_mean(gray), moved - local_mean(moved)
    correlation = local_mean(original_detail * moved_detail) / np.sqrt(
        np.maximum(local_mean(original_detail * original_detail) * local_mean(moved_detail * moved_detail), 1e-3)
    )
    x, y = np.rint(region.target).astype(int).T
    return correlation[y.clip(0, height - 1), x.clip(0, width - 1)]


def _fit_similarity(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """float64 (2, 3): the similarity transform that fits the pairs best, by least squares."""
    z = source[:, 0].astype(np.float64) + 1j * source[:, 1]
    w = target[:, 0].astype(np.float64) + 1j * target[:, 1]
    centred = z - z.mean()
    power = float((np.abs(centred) ** 2).sum())
    factor = complex((w * centred.conj()).sum() / power) if power > 1e-9 else 1 + 0j
    shift = w.mean() - factor * z.mean()
    return np.array([[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]])
