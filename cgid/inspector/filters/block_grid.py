"""JPEG block artefact grid: where 8 x 8 block edges show, and where they lie on a different grid than elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cgid.features.signals.block_grid import MAX_STEP
from cgid.imaging.display import normalise_contrast
from cgid.inspector.filter import Choice, Filter, FilterResult, Slider
from cgid.inspector.overlays import blocks_to_pixels
from cgid.inspector.view import View

CELL = 16  # px: steps are averaged in cells and evaluated in windows of cells
# standard errors of a window; none of 60 views of four photographs without another grid reached it
DETECTION_THRESHOLD = 5.0
STEP_OFFSET = 3.0  # levels: damps the steps of texture, so that they do not mask block edges
MIN_SIDE = 48
WHITE_EXCESS = 0.3  # excess at block edges that is displayed as white
_MIRRORED_OFFSETS = np.array([1, 2, 3, 5, 6, 7])  # offsets that have a mirror image; 4 is its own


@dataclass(frozen=True, slots=True)
class Edges:
    """Steps at the edges of blocks in one direction, by offset 0..7 of the grid (last axis) in each window.

    excess: float32 (rows, columns, 8), step minus the mean b of its two neighbours, over step + b + STEP_OFFSET: -1..1.
    error: float32 (rows, columns), its standard error.
    """

    excess: np.ndarray
    error: np.ndarray

    def strength(self) -> np.ndarray:
        """float32 (rows, columns, 8): standard errors by which each offset stands above the other seven."""
        return (self.excess * 8 - self.excess.sum(axis=-1, keepdims=True)) / 7 / self.error[..., None]

    def other_grid(self, own: int) -> np.ndarray:
        """float32 (rows, columns, 6): standard errors by which offsets `own` + 1, 2, 3, 5, 6, 7 exceed their mirror
        image.

        Patterns of the file's own blocks are symmetric about the offset; the edges of another grid are not.
        """
        excess = self.excess[..., (own + _MIRRORED_OFFSETS) % 8] - self.excess[..., (own - _MIRRORED_OFFSETS) % 8]
        return excess / np.float32(np.sqrt(2)) / self.error[..., None]


def edges(gray: np.ndarray, window: int) -> Edges:
    """Steps at vertical edges. gray: float32 (h, w) whose corner is on the file's grid. window: cells a side, odd."""
    import cv2

    step = np.abs(np.diff(gray, axis=1))
    np.minimum(step, np.float32(MAX_STEP), out=step)
    excess_steps = np.zeros(gray.shape, np.float32)
    # The step between pixels i - 1 and i is the edge of a block that starts at i.
    neighbour_mean = (step[:, :-2] + step[:, 2:]) / 2
    excess_steps[:, 2:-1] = (step[:, 1:-1] - neighbour_mean) / (
        step[:, 1:-1] + neighbour_mean + np.float32(STEP_OFFSET)
    )
    height, width = gray.shape[0] // CELL, gray.shape[1] // CELL
    cells = excess_steps[: height * CELL, : width * CELL].reshape(height, CELL, width, CELL // 8, 8)
    excess = cells.mean(axis=(1, 3))
    mean_power = np.einsum("rycbo,rycbo->rc", cells, cells) / np.float32(CELL * CELL)

    def window_mean(plane: np.ndarray) -> np.ndarray:
        return cv2.blur(plane, (window, window), borderType=cv2.BORDER_REFLECT).reshape(plane.shape)

    excess = np.stack([window_mean(np.ascontiguousarray(excess[..., k])) for k in range(8)], axis=-1)
    count = (window * CELL) ** 2 / 8
    variance = np.maximum(window_mean(mean_power) - np.square(excess).mean(axis=-1), 0)
    return Edges(excess, np.sqrt(variance / np.float32(count)) + np.float32(0.01))


def own_grid(view: View, columns: Edges, rows: Edges) -> tuple[int, int] | None:
    """(offset across, offset down) of the image's grid: the file's own for a JPEG, else the one that most windows
    show.
    """
    if view.image.format == "JPEG":
        return 0, 0
    offsets = []
    for direction in (columns, rows):
        strength = np.median(direction.strength().reshape(-1, 8), axis=0)
        if strength.max() < DETECTION_THRESHOLD / 2:
            return None
        offsets.append(int(strength.argmax()))
    return offsets[0], offsets[1]


def _apply(view: View, window: int, show: str) -> FilterResult:
    shape = view.stored.shape[:2]
    if min(shape) < MIN_SIDE:
        return FilterResult("The view is too small to detect block edges.", np.zeros(view.rgb.shape[:2], np.uint8))
    cells = window // CELL // 2 * 2 + 1
    columns, rows = edges(view.stored_luma, cells), edges(np.ascontiguousarray(view.stored_luma.T), cells)
    rows = Edges(rows.excess.swapaxes(0, 1), rows.error.T)
    origin = own_grid(view, columns, rows)
    if origin is None:
        strengths = [e.strength() for e in (columns, rows)]
        step = np.maximum(columns.excess.max(axis=-1), rows.excess.max(axis=-1))
    else:
        strengths = [columns.other_grid(origin[0]), rows.other_grid(origin[1])]
        step = (columns.excess[..., origin[0]] + rows.excess[..., origin[1]]) / 2
    other = np.maximum(strengths[0].max(axis=-1), strengths[1].max(axis=-1))
    tones = (
        normalise_contrast(step, 0, WHITE_EXCESS)
        if show == "blockiness"
        else normalise_contrast(other, DETECTION_THRESHOLD / 2, 2.5 * DETECTION_THRESHOLD)
    )
    finding = _finding(origin, strengths, other, float(step.mean()))
    return FilterResult(finding, view.upright(blocks_to_pixels(tones, CELL, shape)))


def _finding(origin: tuple[int, int] | None, strengths: list[np.ndarray], other: np.ndarray, step: float) -> str:
    if origin is None:
        grid = "No block grid runs through the view"
    else:
        grid = f"The image's block grid starts at {origin[0]} px across, {origin[1]} px down (blockiness {max(step, 0):.2f})"
    fraction = float((other >= DETECTION_THRESHOLD).mean())
    if fraction == 0:
        return f"{grid}; no other grid stands out anywhere."
    which = other >= DETECTION_THRESHOLD
    offsets = []
    for strength, start in zip(strengths, origin or (0, 0)):
        strongest = strength[which].mean(axis=0)
        index = int(strongest.argmax())
        offset = index if origin is None else int((start + _MIRRORED_OFFSETS[index]) % 8)
        offsets.append(str(offset) if strongest[index] >= DETECTION_THRESHOLD / 2 else "?")
    return (
        f"{grid}; in {100 * fraction:.0f} % of the view another one stands out, starting at {offsets[0]} px across, "
        f"{offsets[1]} px down."
    )


FILTER = Filter(
    name="block_grid",
    title="Block grid",
    category="Compression",
    shows="JPEG leaves small steps at the edges of its 8 x 8 px blocks. Bright: such steps lie on a different grid "
    "than in the rest of the image; or, as blockiness, the strength of the steps on the main grid.",
    read="A bright patch with a clear outline came from another JPEG, or was moved within the image by a distance "
    "that is not a multiple of eight pixels. Varying blockiness indicates parts with different histories.",
    cannot="JPEG compression below about quality 97 removes the steps of older grids, so this works mainly on PNG and WebP "
    "(for JPEG, shift the grid of the JPEG ghost). Fences and print with a matching period look like a grid; a grid "
    "shifted by exactly four pixels in both directions is not detected.",
    apply=_apply,
    parameters=(
        Slider("window", "Window", 48, 256, 80, 16, "px a side"),
        Choice("show", "Show", ("another grid", "blockiness"), "another grid"),
    ),
    cite="Fan and de Queiroz, Identification of bitmap compression history, IEEE TIP 2003; Li, Yuan and Yu, Passive "
    "detection of doctored JPEG image via block artifact grid extraction, Signal Processing 2009",
)
