"""Finds parts that occur twice without a corner or edge in them: sky, lawn, skin, by comparing all small squares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cgid.inspector.filter import Drawn, Filter, Slider
from cgid.inspector.filters.copy_move import COLOURS
from cgid.inspector.view import View

SQUARE = 16  # px: what is compared
CELLS = ((0, 1), (1, 0), (2, 0), (1, 1), (0, 2), (0, 3), (1, 2), (2, 1), (3, 0))  # frequencies down, across
MOST_PIXELS = 2048 * 2048  # sorting the squares takes some hundred bytes a pixel
BITS = 6
LIGHT = 4.0  # levels to which a square's mean is rounded
MOST_SHIFTS = 6
MOST_COPIES = 4
LEAST_VOTES = 30
EDGE = 0.2  # of 1: a square varies alike in all directions at 1, in one alone at 0
TRACE = 0.3  # levels: finest detail weaker than this cannot be compared


@dataclass(frozen=True, slots=True)
class Twin:
    """mask: bool (h, w), the part that occurs again `down` and `across` px further on."""

    mask: np.ndarray
    down: int
    across: int


def keys(gray: np.ndarray, step: float) -> np.ndarray:
    """uint64 (h - 15, w - 15): ten low frequencies of the square that begins at each pixel, packed; 0 where it is flat.

    Frequencies are taken in shares of the square's own contrast and rounded to `step`: in a sky they are its grain.
    """
    import cv2

    options = dict(anchor=(0, 0), borderType=cv2.BORDER_REPLICATE)
    size = (SQUARE, SQUARE)
    centred = gray - np.float32(128)
    mean = cv2.blur(centred, size, **options).reshape(gray.shape)
    contrast = cv2.blur(centred * centred, size, **options).reshape(gray.shape) - mean * mean
    contrast = np.sqrt(np.maximum(contrast, 0))
    place = (np.arange(SQUARE) + 0.5) * np.pi / SQUARE
    cosines = [np.cos(place * k).astype(np.float32) * np.float32(np.sqrt(2 if k else 1) / SQUARE) for k in range(4)]
    packed = np.rint(mean * np.float32(1 / LIGHT)).astype(np.int64).astype(np.uint64)
    share = np.float32(1) / (np.float32(step) * np.maximum(contrast, np.float32(TRACE)))
    for down, across in CELLS:
        plane = cv2.sepFilter2D(centred, cv2.CV_32F, cosines[across], cosines[down], **options).reshape(gray.shape)
        level = np.rint(plane * share).astype(np.int64).astype(np.uint64)
        packed <<= np.uint64(BITS)
        packed |= level & np.uint64((1 << BITS) - 1)
    packed[contrast < TRACE] = 0
    return packed[: gray.shape[0] - SQUARE + 1, : gray.shape[1] - SQUARE + 1]


def shifts(gray: np.ndarray, apart: int, step: float) -> list[tuple[int, int]]:
    """(down, across) by which the most squares occur again, at least `apart` px, most frequent first.

    Squares with equal keys are brought side by side by sorting, O(n log n), and each votes for its way to the next.
    """
    packed = keys(gray, step)
    height, width = packed.shape
    flat = packed.ravel()
    order = np.argsort(flat, kind="stable")
    order = order[flat[order] != 0]
    votes = np.zeros(height * 2 * width, np.int64)
    for ahead in (1, 2):
        one, two = order[:-ahead], order[ahead:]
        same = flat[one] == flat[two]
        # A stable sort leaves equal keys in reading order: the way goes down, or right.
        down = two[same] // width - one[same] // width
        across = two[same] % width - one[same] % width
        far = down * down + across * across >= apart * apart
        votes += np.bincount(down[far] * 2 * width + across[far] + width, minlength=len(votes))
    best = np.argsort(-votes, kind="stable")[: 8 * MOST_SHIFTS] if len(votes) < 1000 else _largest(votes)
    return [(int(b // (2 * width)), int(b % (2 * width) - width)) for b in best if votes[b] >= LEAST_VOTES][
        :MOST_SHIFTS
    ]


def _largest(votes: np.ndarray) -> np.ndarray:
    some = np.argpartition(-votes, 8 * MOST_SHIFTS)[: 8 * MOST_SHIFTS]
    return some[np.lexsort((some, -votes[some]))]


def shared(gray: np.ndarray, down: int, across: int, alike: float, fineness: float) -> np.ndarray:
    """bool (h, w): where the finest detail is the same again `down`, `across` px further on.

    Only fine detail is compared: the course of light in two parts of a sky is alike anyway. And
    it must vary in both directions: a straight edge looks the same all along itself.
    """
    import cv2

    fine = gray - cv2.GaussianBlur(gray, (0, 0), fineness, borderType=cv2.BORDER_REFLECT).reshape(gray.shape)
    left, right = max(0, -across), min(gray.shape[1], gray.shape[1] - across)
    one = fine[: gray.shape[0] - down, left:right]
    two = fine[down:, left + across : right + across]

    def around(plane: np.ndarray) -> np.ndarray:
        return cv2.blur(plane, (SQUARE, SQUARE), borderType=cv2.BORDER_REFLECT).reshape(one.shape)

    powers = around(one * one), around(two * two)
    found = around(one * two) > np.float32(alike) * np.sqrt(np.maximum(powers[0] * powers[1], 0))
    found &= np.minimum(*powers) > TRACE**2
    dx, dy = (cv2.Sobel(np.ascontiguousarray(one), cv2.CV_32F, *d).reshape(one.shape) for d in ((1, 0), (0, 1)))
    xx, yy, xy = around(dx * dx), around(dy * dy), around(dx * dy)
    found &= xx * yy - xy * xy > np.float32(EDGE) * np.square((xx + yy) / 2)
    whole = np.zeros(gray.shape, np.uint8)
    whole[: gray.shape[0] - down, left:right] = found
    return cv2.morphologyEx(whole, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8)).reshape(gray.shape) > 0


def twins(view: View, apart: int, step: float, alike: float, fineness: float, least: int) -> list[Twin]:
    """Parts of at least `least` px² that occur twice, largest first."""
    gray = view.luma
    if min(gray.shape) < 2 * SQUARE:
        return []
    found: list[Twin] = []
    taken = np.zeros(gray.shape, bool)
    for down, across in shifts(gray, apart, step):
        mask = shared(gray, down, across, alike, fineness) & ~taken
        if np.count_nonzero(mask) >= least:
            found.append(Twin(mask, down, across))
            taken |= mask
    return sorted(found, key=lambda t: -np.count_nonzero(t.mask))[:MOST_COPIES]


def _draw(view: View, apart: int, step: float, alike: float, fineness: float, least: int) -> Drawn:
    import cv2

    if view.luma.size > MOST_PIXELS:
        picture = (view.rgb * np.float32(0.55)).astype(np.uint8)
        return Drawn("The view is too large to compare all squares: choose a part of at most 2048 x 2048 px.", picture)
    found = twins(view, apart, step, alike, fineness, least)
    picture = np.repeat((view.luma * np.float32(0.55)).astype(np.uint8)[..., None], 3, axis=2)
    for number, twin in enumerate(found):
        colour = COLOURS[number % len(COLOURS)]
        lines, _ = cv2.findContours(twin.mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        for name, (right, down) in zip("ab", ((0, 0), (twin.across, twin.down))):
            cv2.drawContours(picture, lines, -1, colour, 2, offset=(right, down))
            x, y = max(lines, key=len).reshape(-1, 2).mean(axis=0)
            cv2.putText(
                picture, f"{number + 1}{name}", (int(x) + right - 10, int(y) + down + 6), 0, 0.6, colour, 2, cv2.LINE_AA
            )
    if not found:
        return Drawn("No part of the view is found a second time.", picture)
    first = found[0]
    side = "right" if first.across >= 0 else "left"
    finding = (
        f"{len(found)} part{'s are' if len(found) > 1 else ' is'} found twice. The largest covers "
        f"{np.count_nonzero(first.mask)} px² and occurs again {abs(first.across)} px {side} and {first.down} px down."
    )
    return Drawn(finding, picture)


FILTER = Filter(
    name="copy_move_blocks",
    title="Copied parts (squares)",
    shelf="Copies and repairs",
    shows="Parts of the picture that occur twice with the same fine grain, outlined and numbered (1a is like 1b). All "
    "squares of 16 px are compared, so that a copied piece of sky or lawn is found too.",
    read="Two pieces of sky never share their grain: what is outlined was copied, often to cover something up.",
    cannot="Copies that were turned, resized or brightened are not found (see the copied points). A JPEG save after the "
    "copying wipes the grain of smooth parts out, even at quality 95; textured parts survive 80. Graphics, brickwork "
    "and tiled backgrounds repeat honestly.",
    draw=_draw,
    parameters=(
        Slider("apart", "Least distance", 20, 200, 30, 5, "px"),
        Slider("step", "Coarseness of the search", 0.02, 0.2, 0.05, 0.01, "of a square's contrast"),
        Slider("alike", "Likeness of the grain", 0.3, 0.99, 0.8, 0.01),
        Slider("fineness", "Detail compared, up to", 1.0, 5.0, 1.5, 0.5, "px"),
        Slider("least", "Least area", 100, 10000, 700, 100, "px²"),
    ),
    cite="Fridrich, Soukal and Lukáš, Detection of copy-move forgery in digital images, DFRWS 2003",
)
