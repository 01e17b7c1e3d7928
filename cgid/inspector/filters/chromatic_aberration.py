"""Lateral chromatic aberration: a lens shifts red and blue against green radially; a pasted part keeps its own shift.

Lateral chromatic aberration as expansion of one channel about the lens's centre, and parts that disagree: Johnson and
Farid, Exposing digital forgeries through chromatic aberration, ACM MM&Sec 2006, doi:10.1145/1161366.1161376 (they
search for the expansion of the whole channel; here each region's shift is measured first). In a region the band-passed
colour channel is explained as gain * (green - shift · gradient of green) by least squares; the lens as a shift in
proportion to the distance from the middle of the image, by the median of the regions' slopes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cgid.imaging.display import colormap
from cgid.inspector.filter import Choice, Filter, FilterResult, Slider
from cgid.inspector.view import View

COLOURS = {"red": 0, "blue": 2}
OUTWARDS, MISFIT = "shift outwards or inwards", "departure from the lens's own"
FULL_SCALE = 1.0  # px displayed in the strongest colour
MAX_ERROR = 0.15  # px: regions with a larger error are omitted
MAX_SHIFT = 3.0  # px
MIN_REGIONS = 12  # regions


@dataclass(frozen=True, slots=True)
class Shifts:
    """Of each region in the file's own orientation, px. (rows, columns): shift to the right and down, NaN where uncertain.

    right, down: from the middle of the whole image to that of the region.
    """

    across: np.ndarray
    along: np.ndarray
    right: np.ndarray
    down: np.ndarray

    def outwards(self) -> np.ndarray:
        reach = np.maximum(np.hypot(self.right, self.down), 1.0)
        return (self.across * self.right + self.along * self.down) / reach

    def expansion(self) -> float:
        """px of shift per px from the centre; NaN if too few regions are known."""
        reach = np.hypot(self.right, self.down)
        known = ~np.isnan(self.across) & (reach > 0.2 * reach.max())
        return (
            float(np.median((self.outwards() / np.maximum(reach, 1))[known]))
            if known.sum() >= MIN_REGIONS
            else float("nan")
        )

    def misfit(self, expansion: float) -> np.ndarray:
        return np.hypot(self.across - expansion * self.right, self.along - expansion * self.down)


def _band(values: np.ndarray) -> np.ndarray:
    import cv2

    fine, coarse = (cv2.GaussianBlur(values, (0, 0), s, borderType=cv2.BORDER_REFLECT_101) for s in (1.0, 4.0))
    return fine - coarse


def _slopes(values: np.ndarray) -> list[np.ndarray]:
    """Gradient to the right and downwards per px, by five-point derivatives, which preserve fine detail."""
    import cv2

    five = np.array([1, -8, 0, 8, -1], np.float32) / 12
    one = np.ones(1, np.float32)
    return [
        cv2.sepFilter2D(values, cv2.CV_32F, x, y, borderType=cv2.BORDER_REFLECT_101)
        for x, y in ((five, one), (one, five))
    ]


def measure_shifts(view: View, colour: str, side: int) -> Shifts:
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
    solution = np.linalg.solve(matrix, target[..., None])[..., 0]
    unexplained = np.maximum(sums(other * other) - (solution * target).sum(axis=-1), 0)
    count = side**2 / 16  # neighbouring pixels of the smoothed band are not independent
    error = np.sqrt(unexplained / count * np.trace(np.linalg.inv(matrix)[..., 1:, 1:], axis1=-2, axis2=-1))
    gain = np.where(solvable, solution[..., 0], 0)
    sure = solvable & (gain > 0.2) & (error < MAX_ERROR * np.maximum(gain, 0.2))
    # A pattern shifted by +d equals the original at x - d: green - d · gradient.
    across, along = (np.where(sure, -solution[..., k] / np.where(sure, gain, 1), np.nan) for k in (1, 2))
    near = np.hypot(across, along) < MAX_SHIFT
    height, width = view.image.stored.shape[:2]
    right = (np.arange(columns) + 0.5) * side + view.left - width / 2
    down = (np.arange(rows) + 0.5) * side + view.top - height / 2
    right, down = np.meshgrid(right, down)
    return Shifts(np.where(near, across, np.nan), np.where(near, along, np.nan), right, down)


def _apply(view: View, shown: str, colour: str, side: int) -> FilterResult:
    gray = (view.stored_luma * np.float32(0.35)).astype(np.uint8)
    picture = np.repeat(gray[..., None], 3, axis=2)
    if min(gray.shape) < 2 * side:
        return FilterResult("The view is too small for regions of this size.", view.upright(picture))
    shifts = measure_shifts(view, colour, side)
    expansion = shifts.expansion()
    if np.isnan(expansion):
        return FilterResult(
            f"Too few regions have edges that show a shift of {colour} against green.", view.upright(picture)
        )
    if shown == OUTWARDS:
        values = shifts.outwards()
        tones = ((values / FULL_SCALE + 1) * 127.5).clip(0, 255)
        regions = colormap(np.nan_to_num(tones, nan=127).astype(np.uint8), "rainbow")
    else:
        values = shifts.misfit(expansion)
        regions = colormap((np.nan_to_num(values) * (255 / FULL_SCALE)).clip(0, 255).astype(np.uint8), "heat")
    height, width = (n * side for n in values.shape)
    known = (~np.isnan(values)).repeat(side, axis=0).repeat(side, axis=1)
    ground = picture[:height, :width]
    ground[known] = regions.repeat(side, axis=0).repeat(side, axis=1)[known] // 4 * 3 + ground[known] // 2
    return FilterResult(_describe(shifts, expansion, colour), view.upright(picture))


def _describe(shifts: Shifts, expansion: float, colour: str) -> str:
    known = ~np.isnan(shifts.across)
    misfit = shifts.misfit(expansion)[known]
    corner = abs(expansion) * float(np.hypot(shifts.right, shifts.down).max())
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
    title="Chromatic aberration",
    category="Edges and detail",
    shows="How far red or blue is shifted against green in each region (red: outwards, blue: inwards from the centre "
    "of the image, green: none), or how far this departs from the model of one lens; dark grey is not measurable.",
    read="One lens shifts a colour smoothly, increasingly towards the border. A region that deviates while its "
    "surroundings agree may come from another position in the image or from another image.",
    cannot="Cameras and phones correct it, small images and strong compression hide it, a cropped image has its "
    "optical centre elsewhere, and coloured or shiny edges mislead it.",
    apply=_apply,
    parameters=(
        Choice("shown", "Show", (OUTWARDS, MISFIT), OUTWARDS),
        Choice("colour", "Colour", tuple(COLOURS), "red"),
        Slider("side", "Region", 16, 128, 48, 16, "px"),
    ),
    cite="Johnson and Farid, ACM MM&Sec 2006",
)
