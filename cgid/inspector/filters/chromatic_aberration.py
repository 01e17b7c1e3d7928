"""Measures how red and blue are shifted against green: a lens shifts them outwards, a pasted part keeps its old shift.

Lateral chromatic aberration as expansion of one channel about the lens's centre, and parts that disagree: Johnson and
Farid, Exposing digital forgeries through chromatic aberration, ACM MM&Sec 2006, doi:10.1145/1161366.1161376 (they search
for the expansion of the whole channel; here each region's shift is measured first). In a region the band-passed colour
channel is explained as gain * (green - shift · gradient of green) by least squares; the lens as a shift in
proportion to the distance from the middle of the picture, by the median of the regions' slopes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cgid.imaging.display import coloured
from cgid.inspector.filter import Choice, Drawn, Filter, Slider
from cgid.inspector.view import View

COLOURS = {"red": 0, "blue": 2}
OUTWARDS, MISFIT = "shift outwards or inwards", "departure from the lens's own"
FULL = 1.0  # px that are drawn in the strongest colour
UNSURE = 0.15  # px: a region whose shift is less certain is left out
FARTHEST = 3.0  # px
FEWEST = 12  # regions


@dataclass(frozen=True, slots=True)
class Shifts:
    """Of each region in the file's own orientation, px. (rows, columns): shift to the right and down, NaN where unsure.

    right, down: from the middle of the whole picture to that of the region.
    """

    across: np.ndarray
    along: np.ndarray
    right: np.ndarray
    down: np.ndarray

    def outwards(self) -> np.ndarray:
        reach = np.maximum(np.hypot(self.right, self.down), 1.0)
        return (self.across * self.right + self.along * self.down) / reach

    def expansion(self) -> float:
        """px of shift per px from the middle; NaN where too few regions are known."""
        reach = np.hypot(self.right, self.down)
        known = ~np.isnan(self.across) & (reach > 0.2 * reach.max())
        return (
            float(np.median((self.outwards() / np.maximum(reach, 1))[known])) if known.sum() >= FEWEST else float("nan")
        )

    def misfit(self, expansion: float) -> np.ndarray:
        return np.hypot(self.across - expansion * self.right, self.along - expansion * self.down)


def _band(values: np.ndarray) -> np.ndarray:
    import cv2

    fine, coarse = (cv2.GaussianBlur(values, (0, 0), s, borderType=cv2.BORDER_REFLECT_101) for s in (1.0, 4.0))
    return fine - coarse


def _slopes(values: np.ndarray) -> list[np.ndarray]:
    """Rise to the right and downwards per px: five points, so that fine detail is not taken for flatter than it is."""
    import cv2

    five = np.array([1, -8, 0, 8, -1], np.float32) / 12
    one = np.ones(1, np.float32)
    return [
        cv2.sepFilter2D(values, cv2.CV_32F, *k, borderType=cv2.BORDER_REFLECT_101) for k in ((five, one), (one, five))
    ]


def measured(view: View, colour: str, side: int) -> Shifts:
    """The shift of `colour` against green in squares of `side` px."""
    import cv2

    stored = view.stored.astype(np.float32)
    green, other = (_band(np.ascontiguousarray(stored[..., k])) for k in (1, COLOURS[colour]))
    slopes = _slopes(green)
    rows, columns = (max(1, n // side) for n in green.shape)

    def sums(values: np.ndarray) -> np.ndarray:
        inside = values[: rows * side, : columns * side]
        return cv2.resize(inside, (columns, rows), interpolation=cv2.INTER_AREA).astype(np.float64)

    terms = [green, *slopes]
    matrix = np.stack([np.stack([sums(a * b) for b in terms], axis=-1) for a in terms], axis=-1)
    target = np.stack([sums(a * other) for a in terms], axis=-1)
    strength = np.trace(matrix[..., 1:, 1:], axis1=-2, axis2=-1)
    solvable = (strength > 1e-3) & (np.linalg.det(matrix) > 1e-9 * np.maximum(strength, 1e-9) ** 3)
    matrix[~solvable] = np.eye(3)
    found = np.linalg.solve(matrix, target[..., None])[..., 0]
    unexplained = np.maximum(sums(other * other) - (found * target).sum(axis=-1), 0)
    count = side**2 / 16  # neighbouring pixels of the smoothed band are not independent
    error = np.sqrt(unexplained / count * np.trace(np.linalg.inv(matrix)[..., 1:, 1:], axis1=-2, axis2=-1))
    gain = np.where(solvable, found[..., 0], 0)
    sure = solvable & (gain > 0.2) & (error < UNSURE * np.maximum(gain, 0.2))
    # A pattern shifted by +d is the old one at x - d: green - d · gradient.
    across, along = (np.where(sure, -found[..., k] / np.where(sure, gain, 1), np.nan) for k in (1, 2))
    near = np.hypot(across, along) < FARTHEST
    height, width = view.image.stored.shape[:2]
    right = (np.arange(columns) + 0.5) * side + view.left - width / 2
    down = (np.arange(rows) + 0.5) * side + view.top - height / 2
    right, down = np.meshgrid(right, down)
    return Shifts(np.where(near, across, np.nan), np.where(near, along, np.nan), right, down)


def _draw(view: View, shown: str, colour: str, side: int) -> Drawn:
    gray = (view.stored_luma * np.float32(0.35)).astype(np.uint8)
    picture = np.repeat(gray[..., None], 3, axis=2)
    if min(gray.shape) < 2 * side:
        return Drawn("The view is too small for regions of this size.", view.upright(picture))
    found = measured(view, colour, side)
    expansion = found.expansion()
    if np.isnan(expansion):
        return Drawn(f"Too few regions have edges that show a shift of {colour} against green.", view.upright(picture))
    if shown == OUTWARDS:
        values = found.outwards()
        tones = ((values / FULL + 1) * 127.5).clip(0, 255)
        regions = coloured(np.nan_to_num(tones, nan=127).astype(np.uint8), "rainbow")
    else:
        values = found.misfit(expansion)
        regions = coloured((np.nan_to_num(values) * (255 / FULL)).clip(0, 255).astype(np.uint8), "heat")
    height, width = (n * side for n in values.shape)
    known = (~np.isnan(values)).repeat(side, axis=0).repeat(side, axis=1)
    ground = picture[:height, :width]
    ground[known] = regions.repeat(side, axis=0).repeat(side, axis=1)[known] // 4 * 3 + ground[known] // 2
    return Drawn(_told(found, expansion, colour), view.upright(picture))


def _told(found: Shifts, expansion: float, colour: str) -> str:
    known = ~np.isnan(found.across)
    misfit = found.misfit(expansion)[known]
    corner = abs(expansion) * float(np.hypot(found.right, found.down).max())
    if corner < 0.05:
        lens = f"{colour.capitalize()} is not shifted against green ({corner:.2f} px at the farthest region)"
    else:
        lens = (
            f"{colour.capitalize()} is shifted {'outwards' if expansion > 0 else 'inwards'} by {1e3 * abs(expansion):.2f} px "
            f"in 1000 px, {corner:.2f} px at the farthest region"
        )
    return (
        f"{lens}; {100 * float((misfit > 0.5).mean()):.0f} % of the {known.sum():,} regions that could be measured depart "
        "from that by more than half a pixel."
    )


FILTER = Filter(
    name="chromatic_aberration",
    title="Colour fringes of the lens",
    shelf="Edges and detail",
    shows="How far red or blue is shifted against green in each region (red outwards, blue inwards from the middle of "
    "the picture, green none), or how far that departs from what one lens would do; dark grey is not measurable.",
    read="One lens shifts a colour evenly, more and more towards the rim. A region that departs while all around it "
    "agrees may come from another place or picture.",
    cannot="Cameras and phones correct it, small pictures and strong compression hide it, a cropped picture has its "
    "middle elsewhere, and differently coloured or shiny edges mislead it.",
    draw=_draw,
    parameters=(
        Choice("shown", "Show", (OUTWARDS, MISFIT), OUTWARDS),
        Choice("colour", "Colour", tuple(COLOURS), "red"),
        Slider("side", "Region", 16, 128, 48, 16, "px"),
    ),
    cite="Johnson and Farid, ACM MM&Sec 2006",
)
