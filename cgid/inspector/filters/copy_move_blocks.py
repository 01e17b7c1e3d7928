"""Copy-move detection by blocks: finds cloned regions without corners or edges, such as sky, lawn or skin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cgid.inspector.filter import Filter, FilterResult, Slider
from cgid.inspector.filters.copy_move import COLOURS
from cgid.inspector.view import View

SQUARE = 16  # px a side of the blocks compared
FREQUENCIES = (
    (0, 1),
    (1, 0),
    (2, 0),
    (1, 1),
    (0, 2),
    (0, 3),
    (1, 2),
    (2, 1),
    (3, 0),
)  # (vertical, horizontal) frequencies
MAX_PIXELS = 2048 * 2048  # sorting the blocks needs some hundred bytes per pixel
BITS = 6
MEAN_STEP = 4.0  # levels, rounding step of a block's mean
MAX_SHIFTS = 6
MAX_REGIONS = 4
MIN_VOTES = 30
MIN_ISOTROPY = 0.2  # 1: varies equally in all directions, 0: in one direction only
MIN_CONTRAST = 0.3  # levels: weaker fine detail cannot be compared


@dataclass(frozen=True, slots=True)
class ClonedRegion:
    """mask: bool (h, w), the region that occurs again, shifted by `down` and `across` px."""

    mask: np.ndarray
    down: int
    across: int


def block_keys(gray: np.ndarray, step: float) -> np.ndarray:
    """uint64 (h - 15, w - 15): ten low frequencies of the block that begins at each pixel, packed; 0 where it is flat.

    Frequencies are divided by the block's contrast and rounded to `step`: in a sky they describe its noise.
    """
    import cv2

    options: dict[str, Any] = {"anchor": (0, 0), "borderType": cv2.BORDER_REPLICATE}
    size = (SQUARE, SQUARE)
    centred = gray - np.float32(128)
    mean = cv2.blur(centred, size, **options).reshape(gray.shape)
    contrast = cv2.blur(centred * centred, size, **options).reshape(gray.shape) - mean * mean
    contrast = np.sqrt(np.maximum(contrast, 0))
    place = (np.arange(SQUARE) + 0.5) * np.pi / SQUARE
    cosines = [np.cos(place * k).astype(np.float32) * np.float32(np.sqrt(2 if k else 1) / SQUARE) for k in range(4)]
    packed = np.rint(mean * np.float32(1 / MEAN_STEP)).astype(np.int64).astype(np.uint64)
    share = np.float32(1) / (np.float32(step) * np.maximum(contrast, np.float32(MIN_CONTRAST)))
    for down, across in FREQUENCIES:
        plane = cv2.sepFilter2D(centred, cv2.CV_32F, cosines[across], cosines[down], **options).reshape(gray.shape)
        level = np.rint(plane * share).astype(np.int64).astype(np.uint64)
        packed <<= np.uint64(BITS)
        packed |= level & np.uint64((1 << BITS) - 1)
    packed[contrast < MIN_CONTRAST] = 0
    return packed[: gray.shape[0] - SQUARE + 1, : gray.shape[1] - SQUARE + 1]


def frequent_shifts(gray: np.ndarray, min_distance: int, step: float) -> list[tuple[int, int]]:
    """(down, across) shifts of at least `min_distance` px shared by the most blocks, most frequent first.

    Sorting brings blocks with equal keys together, O(n log n), and each votes for its shift to the next.
    """
    packed = block_keys(gray, step)
    height, width = packed.shape
    flat = packed.ravel()
    order = np.argsort(flat, kind="stable")
    order = order[flat[order] != 0]
    votes = np.zeros(height * 2 * width, np.int64)
    for ahead in (1, 2):
        first, second = order[:-ahead], order[ahead:]
        same = flat[first] == flat[second]
        # A stable sort leaves equal keys in reading order: shifts go down, or right.
        down = second[same] // width - first[same] // width
        across = second[same] % width - first[same] % width
        far = down * down + across * across >= min_distance * min_distance
        votes += np.bincount(down[far] * 2 * width + across[far] + width, minlength=len(votes))
    best = np.argsort(-votes, kind="stable")[: 8 * MAX_SHIFTS] if len(votes) < 1000 else _most_frequent(votes)
    return [(int(b // (2 * width)), int(b % (2 * width) - width)) for b in best if votes[b] >= MIN_VOTES][:MAX_SHIFTS]


def _most_frequent(votes: np.ndarray) -> np.ndarray:
    some = np.argpartition(-votes, 8 * MAX_SHIFTS)[: 8 * MAX_SHIFTS]
    return some[np.lexsort((some, -votes[some]))]


def matching_mask(gray: np.ndarray, down: int, across: int, min_similarity: float, fineness: float) -> np.ndarray:
    """bool (h, w): where the finest detail is equal to that `down`, `across` px further on.

    Only fine detail is compared, since the shading of two parts of a sky is similar anyway. It must vary in both
    directions, since a straight edge looks the same along its length.
    """
    import cv2

    fine = gray - cv2.GaussianBlur(gray, (0, 0), fineness, borderType=cv2.BORDER_REFLECT).reshape(gray.shape)
    left, right = max(0, -across), min(gray.shape[1], gray.shape[1] - across)
    first = fine[: gray.shape[0] - down, left:right]
    second = fine[down:, left + across : right + across]

    def window_mean(plane: np.ndarray) -> np.ndarray:
        return cv2.blur(plane, (SQUARE, SQUARE), borderType=cv2.BORDER_REFLECT).reshape(first.shape)

    powers = window_mean(first * first), window_mean(second * second)
    same = window_mean(first * second) > np.float32(min_similarity) * np.sqrt(np.maximum(powers[0] * powers[1], 0))
    same &= np.minimum(*powers) > MIN_CONTRAST**2
    dx, dy = (cv2.Sobel(np.ascontiguousarray(first), cv2.CV_32F, *d).reshape(first.shape) for d in ((1, 0), (0, 1)))
    xx, yy, xy = window_mean(dx * dx), window_mean(dy * dy), window_mean(dx * dy)
    same &= xx * yy - xy * xy > np.float32(MIN_ISOTROPY) * np.square((xx + yy) / 2)
    mask = np.zeros(gray.shape, np.uint8)
    mask[: gray.shape[0] - down, left:right] = same
    return cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8)).reshape(gray.shape) > 0


def find_regions(
    view: View, min_distance: int, step: float, min_similarity: float, fineness: float, min_area: int
) -> list[ClonedRegion]:
    """Regions of at least `min_area` px² that occur twice, largest first."""
    gray = view.luma
    if min(gray.shape) < 2 * SQUARE:
        return []
    regions: list[ClonedRegion] = []
    taken = np.zeros(gray.shape, bool)
    for down, across in frequent_shifts(gray, min_distance, step):
        mask = matching_mask(gray, down, across, min_similarity, fineness) & ~taken
        if np.count_nonzero(mask) >= min_area:
            regions.append(ClonedRegion(mask, down, across))
            taken |= mask
    return sorted(regions, key=lambda t: -np.count_nonzero(t.mask))[:MAX_REGIONS]


def _apply(
    view: View, min_distance: int, step: float, min_similarity: float, fineness: float, min_area: int
) -> FilterResult:
    import cv2

    if view.luma.size > MAX_PIXELS:
        picture = (view.rgb * np.float32(0.55)).astype(np.uint8)
        return FilterResult(
            "The view is too large to compare all blocks: choose a part of at most 2048 x 2048 px.", picture
        )
    regions = find_regions(view, min_distance, step, min_similarity, fineness, min_area)
    picture = np.repeat((view.luma * np.float32(0.55)).astype(np.uint8)[..., None], 3, axis=2)
    for number, region in enumerate(regions):
        colour = COLOURS[number % len(COLOURS)]
        lines, _ = cv2.findContours(region.mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        for name, (right, down) in zip("ab", ((0, 0), (region.across, region.down))):
            cv2.drawContours(picture, lines, -1, colour, 2, offset=(right, down))
            x, y = max(lines, key=len).reshape(-1, 2).mean(axis=0)
            cv2.putText(
                picture, f"{number + 1}{name}", (int(x) + right - 10, int(y) + down + 6), 0, 0.6, colour, 2, cv2.LINE_AA
            )
    if not regions:
        return FilterResult("No region of the view is found twice.", picture)
    first = regions[0]
    side = "right" if first.across >= 0 else "left"
    finding = (
        f"{len(regions)} region{'s are' if len(regions) > 1 else ' is'} found twice. The largest covers "
        f"{np.count_nonzero(first.mask)} px² and occurs again {abs(first.across)} px {side} and {first.down} px down."
    )
    return FilterResult(finding, picture)


FILTER = Filter(
    name="copy_move_blocks",
    title="Copy-move (blocks)",
    category="Copies and repairs",
    shows="Regions of the image that occur twice with the same fine noise, outlined and numbered (1a equals 1b). All "
    "blocks of 16 px are compared, so that a copied area of sky or lawn is found too.",
    read="Two areas of sky never share their noise: what is outlined was copied, often to conceal something.",
    cannot="Copies that were rotated, resized or brightened are not found (see copy-move by keypoints). JPEG compression after "
    "copying removes the noise of smooth areas, even at quality 95; textured areas survive 80. Graphics, brickwork "
    "and tiled backgrounds repeat naturally.",
    apply=_apply,
    parameters=(
        Slider("min_distance", "Minimum distance", 20, 200, 30, 5, "px"),
        Slider("step", "Coarseness of the search", 0.02, 0.2, 0.05, 0.01, "of a block's contrast"),
        Slider("min_similarity", "Similarity of the noise", 0.3, 0.99, 0.8, 0.01),
        Slider("fineness", "Detail compared, up to", 1.0, 5.0, 1.5, 0.5, "px"),
        Slider("min_area", "Minimum area", 100, 10000, 700, 100, "px²"),
    ),
    former_names={"apart": "min_distance", "alike": "min_similarity", "least": "min_area"},
    cite="Fridrich, Soukal and Lukáš, Detection of copy-move forgery in digital images, DFRWS 2003",
)
