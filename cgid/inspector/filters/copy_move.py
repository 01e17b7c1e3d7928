"""Copy-move detection by keypoints: finds cloned regions, also rotated and resized ones."""

from __future__ import annotations

import numpy as np

from cgid.imaging.luma import luma
from cgid.inspector.copied_regions import CopiedRegion, find_copied_regions, similarity
from cgid.inspector.filter import Choice, Filter, FilterResult, Slider
from cgid.inspector.view import View

MAX_POINTS = 4000
MAX_PIXELS = 4_200_000
NEIGHBOURS = 4  # a region pasted three times has three good matches
COLOURS = ((255, 196, 0), (0, 220, 255), (255, 105, 180), (120, 255, 90))
CHUNK = 1000


def _keypoints(view: View) -> tuple[np.ndarray, np.ndarray]:
    """(float32 (n, 2) x and y, float32 (n, 128) unit descriptors) of the strongest keypoints; n <= MAX_POINTS."""
    import cv2

    gray = np.rint(view.luma).astype(np.uint8)
    if min(gray.shape) < 16:
        return np.empty((0, 2), np.float32), np.empty((0, 128), np.float32)
    # The detector needs about forty times the memory of the pixels, so large views are reduced.
    reduced = min(1.0, (MAX_PIXELS / gray.size) ** 0.5)
    if reduced < 1:
        gray = cv2.resize(gray, None, fx=reduced, fy=reduced, interpolation=cv2.INTER_AREA)
    keypoints, descriptors = cv2.SIFT.create(nfeatures=MAX_POINTS, contrastThreshold=0.02).detectAndCompute(gray, None)
    if descriptors is None:
        return np.empty((0, 2), np.float32), np.empty((0, 128), np.float32)
    # Square roots of the normalised descriptor: its Euclidean distance is Hellinger's, which matches better.
    descriptors = np.sqrt(descriptors / np.maximum(descriptors.sum(axis=1, keepdims=True), 1e-6))
    return np.array([p.pt for p in keypoints], np.float32)[:MAX_POINTS] / np.float32(reduced), descriptors[:MAX_POINTS]


def match_points(
    places: np.ndarray, described: np.ndarray, ratio: float, min_distance: float
) -> tuple[np.ndarray, np.ndarray]:
    """int (m,), (m,): matching points at least `min_distance` px from each other, each pair once.

    A match counts if its distance is below `ratio` times that of the next one (or, for a region copied more than once,
    all matches before the first such gap).
    """
    first, second = [], []
    if len(places) < NEIGHBOURS + 1:
        return np.empty(0, int), np.empty(0, int)
    for start in range(0, len(places), CHUNK):
        correlation = described[start : start + CHUNK] @ described.T
        here = places[start : start + CHUNK]
        close = (
            np.square(here[:, None, 0] - places[None, :, 0]) + np.square(here[:, None, 1] - places[None, :, 1])
        ) < min_distance**2
        correlation[close] = -1
        nearest = np.argpartition(-correlation, NEIGHBOURS - 1, axis=1)[:, :NEIGHBOURS]
        value = np.take_along_axis(correlation, nearest, axis=1)
        order = np.argsort(-value, axis=1, kind="stable")
        nearest, value = np.take_along_axis(nearest, order, axis=1), np.take_along_axis(value, order, axis=1)
        distance = np.sqrt(np.maximum(2 - 2 * value, 0))
        gap = distance[:, :-1] < ratio * distance[:, 1:]
        good = gap.any(axis=1) & (value[:, 0] > 0)
        until = np.where(good, gap.argmax(axis=1), -1)
        for k in range(NEIGHBOURS - 1):
            rows = np.flatnonzero(until >= k)
            first.append(rows + start)
            second.append(nearest[rows, k])
    lower, upper = np.concatenate(first), np.concatenate(second)
    joined = np.unique(np.stack([np.minimum(lower, upper), np.maximum(lower, upper)], axis=1), axis=0)
    # Several keypoints at one position (SIFT returns one per orientation) count once.
    rounded = np.rint(np.concatenate([places[joined[:, 0]], places[joined[:, 1]]], axis=1)).astype(int)
    _, unique = np.unique(rounded, axis=0, return_index=True)
    return joined[np.sort(unique), 0], joined[np.sort(unique), 1]


def find_regions(
    view: View, sensitivity: int, min_distance: int, min_points: int, min_similarity: float
) -> list[CopiedRegion]:
    """Cloned regions in the upright view: at least `min_points` points with one transform and similar pixels.

    min_similarity: correlation from which a point's surroundings count as the same; half of a copy's points are to
    reach it.
    """
    places, described = view.cached(_keypoints)
    one, two = match_points(places, described, 0.4 + 0.05 * sensitivity, min_distance)
    regions = []
    for region in find_copied_regions(places[one], places[two], min_points):
        same = similarity(view.luma, region) >= min_similarity
        if np.count_nonzero(same) >= max(min_points, len(same) / 2):
            regions.append(CopiedRegion(region.source[same], region.target[same], region.transform))
    return regions


def mark_regions(rgb: np.ndarray, regions: list[CopiedRegion], lines: bool) -> np.ndarray:
    """The image in dark grey with numbered outlines of both instances of each region, optionally with lines between pairs."""
    import cv2

    gray = (luma(rgb) * np.float32(0.55)).astype(np.uint8)
    picture = np.repeat(gray[..., None], 3, axis=2)
    for number, region in enumerate(regions):
        colour = COLOURS[number % len(COLOURS)]
        if lines:
            for start, end in zip(np.rint(region.source).astype(int), np.rint(region.target).astype(int)):
                cv2.line(picture, start.tolist(), end.tolist(), colour, 1, cv2.LINE_AA)
        for name, places in zip("ab", (region.source, region.target)):
            hull = cv2.convexHull(np.rint(places).astype(np.int32).reshape(-1, 1, 2))
            cv2.polylines(picture, [hull], True, colour, 2, cv2.LINE_AA)
            left, top = hull.reshape(-1, 2).min(axis=0).tolist()
            cv2.putText(picture, f"{number + 1}{name}", (left, max(14, top - 4)), 0, 0.6, colour, 2, cv2.LINE_AA)
    return picture


def _apply(
    view: View, sensitivity: int, min_distance: int, min_points: int, min_similarity: float, show: str
) -> FilterResult:
    regions = find_regions(view, sensitivity, min_distance, min_points, min_similarity)
    picture = mark_regions(view.rgb, regions, show == "lines and outlines")
    if not regions:
        return FilterResult(f"Among {len(view.cached(_keypoints)[0])} keypoints, no region is found twice.", picture)
    largest = regions[0]
    finding = (
        f"{len(regions)} region{'s are' if len(regions) > 1 else ' is'} found twice. The largest: {_describe(largest)}."
    )
    return FilterResult(finding, picture)


def _describe(region: CopiedRegion) -> str:
    dx, dy = region.shift
    moved = f"{abs(dx):.0f} px {'right' if dx >= 0 else 'left'} and {abs(dy):.0f} px {'down' if dy >= 0 else 'up'}"
    text = f"{len(region.source)} matching points, moved {moved}"
    if abs(region.rotation) > 1:
        text += f", turned by {region.rotation:.0f} degrees"
    if abs(region.scale - 1) > 0.02:
        text += f", scaled {region.scale:.2f} times"
    return text


FILTER = Filter(
    name="copy_move",
    title="Copy-move (keypoints)",
    category="Copies and repairs",
    shows="Regions of the image that occur twice: matching keypoints that share one transform, joined by "
    "lines, with the outlines of both instances.",
    read="Many parallel lines between two outlines mean that one region was copied onto the other, to multiply or "
    "conceal something. Compare both: true copies share even the noise and the shadows.",
    cannot="Windows, tiles, print and logos repeat naturally. Smooth areas have no keypoints: see copy-move by blocks. Only "
    "the 4000 strongest keypoints are used, views over 4 megapixels are reduced; mirrored copies are not found.",
    apply=_apply,
    parameters=(
        Slider("sensitivity", "Sensitivity", 0, 8, 4, 1),
        Slider("min_distance", "Minimum distance", 10, 200, 30, 5, "px"),
        Slider("min_points", "Minimum number of points", 4, 40, 5, 1),
        Slider("min_similarity", "Similarity of the pixels", 0.3, 0.99, 0.8, 0.01),
        Choice("show", "Show", ("lines and outlines", "outlines"), "lines and outlines"),
    ),
    former_names={"apart": "min_distance", "alike": "min_similarity", "least": "min_points"},
    cite="Amerini et al., A SIFT-based forensic method for copy-move attack detection and transformation recovery, IEEE "
    "TIFS 2011",
)
