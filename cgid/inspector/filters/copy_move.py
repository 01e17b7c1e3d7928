"""Finds parts of the picture that occur twice, by points of detail that match one another, also turned and resized."""

from __future__ import annotations

import numpy as np

from cgid.imaging.luma import luma
from cgid.inspector.copied_regions import Copy, copies, likeness
from cgid.inspector.filter import Choice, Drawn, Filter, Slider
from cgid.inspector.view import View

MOST_POINTS = 4000
MOST_PIXELS = 4_200_000
NEIGHBOURS = 4  # a copy pasted three times has three good matches
COLOURS = ((255, 196, 0), (0, 220, 255), (255, 105, 180), (120, 255, 90))
CHUNK = 1000


def _points(view: View) -> tuple[np.ndarray, np.ndarray]:
    """(float32 (n, 2) x and y, float32 (n, 128) unit descriptors) of the strongest points of detail; n <= MOST_POINTS."""
    import cv2

    gray = np.rint(view.luma).astype(np.uint8)
    if min(gray.shape) < 16:
        return np.empty((0, 2), np.float32), np.empty((0, 128), np.float32)
    # The search holds some forty copies of the picture's pixels in memory, so a large view is reduced for it.
    reduced = min(1.0, (MOST_PIXELS / gray.size) ** 0.5)
    if reduced < 1:
        gray = cv2.resize(gray, None, fx=reduced, fy=reduced, interpolation=cv2.INTER_AREA)
    found, described = cv2.SIFT_create(nfeatures=MOST_POINTS, contrastThreshold=0.02).detectAndCompute(gray, None)
    if described is None:
        return np.empty((0, 2), np.float32), np.empty((0, 128), np.float32)
    # Square roots of the normalised descriptor: its Euclidean distance is Hellinger's, which matches better.
    described = np.sqrt(described / np.maximum(described.sum(axis=1, keepdims=True), 1e-6))
    return np.array([p.pt for p in found], np.float32)[:MOST_POINTS] / np.float32(reduced), described[:MOST_POINTS]


def pairs(places: np.ndarray, described: np.ndarray, ratio: float, apart: float) -> tuple[np.ndarray, np.ndarray]:
    """int (m,), (m,): points alike and at least `apart` px from each other, each pair once.

    A match counts where it is nearer than `ratio` times the next one (or, for a part copied more than once, as many as
    stand before the first such gap).
    """
    first, second = [], []
    if len(places) < NEIGHBOURS + 1:
        return np.empty(0, int), np.empty(0, int)
    for start in range(0, len(places), CHUNK):
        likeness = described[start : start + CHUNK] @ described.T
        here = places[start : start + CHUNK]
        close = (
            np.square(here[:, None, 0] - places[None, :, 0]) + np.square(here[:, None, 1] - places[None, :, 1])
        ) < apart**2
        likeness[close] = -1
        nearest = np.argpartition(-likeness, NEIGHBOURS - 1, axis=1)[:, :NEIGHBOURS]
        value = np.take_along_axis(likeness, nearest, axis=1)
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
    one, two = np.concatenate(first), np.concatenate(second)
    joined = np.unique(np.stack([np.minimum(one, two), np.maximum(one, two)], axis=1), axis=0)
    # Several points at one place (SIFT gives a point for every direction it may have) are one witness.
    rounded = np.rint(np.concatenate([places[joined[:, 0]], places[joined[:, 1]]], axis=1)).astype(int)
    _, once = np.unique(rounded, axis=0, return_index=True)
    return joined[np.sort(once), 0], joined[np.sort(once), 1]


def found_in(view: View, sensitivity: int, apart: int, least: int, alike: float) -> list[Copy]:
    """Copies in the view, x and y upright: at least `least` points that moved together and share their pixels.

    alike: correlation from which a point's surroundings count as the same; half of a copy's points are to reach it.
    """
    places, described = view.once(_points)
    one, two = pairs(places, described, 0.4 + 0.05 * sensitivity, apart)
    found = []
    for copy in copies(places[one], places[two], least):
        same = likeness(view.luma, copy) >= alike
        if np.count_nonzero(same) >= max(least, len(same) / 2):
            found.append(Copy(copy.source[same], copy.target[same], copy.movement))
    return found


def drawn_over(rgb: np.ndarray, found: list[Copy], lines: bool) -> np.ndarray:
    """The picture in dark grey, each copy's two places as numbered outlines, with the pairs joined by lines."""
    import cv2

    gray = (luma(rgb) * np.float32(0.55)).astype(np.uint8)
    picture = np.repeat(gray[..., None], 3, axis=2)
    for number, copy in enumerate(found):
        colour = COLOURS[number % len(COLOURS)]
        if lines:
            for start, end in zip(np.rint(copy.source).astype(int), np.rint(copy.target).astype(int)):
                cv2.line(picture, start.tolist(), end.tolist(), colour, 1, cv2.LINE_AA)
        for name, places in zip("ab", (copy.source, copy.target)):
            hull = cv2.convexHull(np.rint(places).astype(np.int32).reshape(-1, 1, 2))
            cv2.polylines(picture, [hull], True, colour, 2, cv2.LINE_AA)
            left, top = hull.reshape(-1, 2).min(axis=0).tolist()
            cv2.putText(picture, f"{number + 1}{name}", (left, max(14, top - 4)), 0, 0.6, colour, 2, cv2.LINE_AA)
    return picture


def _draw(view: View, sensitivity: int, apart: int, least: int, alike: float, show: str) -> Drawn:
    found = found_in(view, sensitivity, apart, least, alike)
    picture = drawn_over(view.rgb, found, show == "lines and outlines")
    if not found:
        return Drawn(f"Among {len(view.once(_points)[0])} points of detail no part is found twice.", picture)
    largest = found[0]
    finding = (
        f"{len(found)} part{'s are' if len(found) > 1 else ' is'} found twice. The largest: {_described(largest)}."
    )
    return Drawn(finding, picture)


def _described(copy: Copy) -> str:
    across, down = copy.shift
    moved = f"{abs(across):.0f} px {'right' if across >= 0 else 'left'} and {abs(down):.0f} px {'down' if down >= 0 else 'up'}"
    said = f"{len(copy.source)} matching points, moved {moved}"
    if abs(copy.turn) > 1:
        said += f", turned by {copy.turn:.0f} degrees"
    if abs(copy.scale - 1) > 0.02:
        said += f", scaled {copy.scale:.2f} times"
    return said


FILTER = Filter(
    name="copy_move",
    title="Copied parts (points)",
    shelf="Copies and repairs",
    shows="Parts of the picture that occur twice: points of detail that match one another and moved together, joined by "
    "lines, with the outlines of both places.",
    read="Many parallel lines between two outlines mean that one was copied onto the other, to multiply something or to "
    "cover something up. Look at both: true copies share even the grain and the shadows.",
    cannot="Windows, tiles, print and logos repeat honestly. Smooth areas have no points: see the copied blocks. It looks "
    "at the 4000 strongest points, of a view over 4 megapixels reduced to that; mirrored copies are not found.",
    draw=_draw,
    parameters=(
        Slider("sensitivity", "Sensitivity", 0, 8, 4, 1),
        Slider("apart", "Least distance", 10, 200, 30, 5, "px"),
        Slider("least", "Points that must move together", 4, 40, 5, 1),
        Slider("alike", "Likeness of the pixels", 0.3, 0.99, 0.8, 0.01),
        Choice("show", "Show", ("lines and outlines", "outlines"), "lines and outlines"),
    ),
    cite="Amerini et al., A SIFT-based forensic method for copy-move attack detection and transformation recovery, IEEE "
    "TIFS 2011",
)
