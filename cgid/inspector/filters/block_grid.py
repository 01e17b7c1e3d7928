"""Where the edges of JPEG's 8 x 8 blocks show, and where they lie on another grid than the rest of the picture's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cgid.features.signals.block_grid import MOST_STEP
from cgid.imaging.display import stretch
from cgid.inspector.filter import Choice, Drawn, Filter, Slider
from cgid.inspector.overlays import over_pixels
from cgid.inspector.view import View

CELL = 16  # px: measured so finely, judged together in windows
SEEN = 5.0  # standard errors of a window; of 60 views of four photographs without another grid none reached it
QUIET = 3.0  # levels: against steps of this size an edge of a block is weighed, so that texture does not drown it
LEAST_SIDE = 48
BLOCKY = 0.3  # excess at the blocks' edges that is drawn white
_BESIDE = np.array([1, 2, 3, 5, 6, 7])  # offsets that have a mirror image; 4 is its own


@dataclass(frozen=True, slots=True)
class Edges:
    """Steps at the edges of blocks in one direction, by offset 0..7 of the grid (last axis) in each window.

    excess: float32 (rows, columns, 8), step less the mean b of the two beside it, over step + b + QUIET: -1..1.
    error: float32 (rows, columns), its standard error.
    """

    excess: np.ndarray
    error: np.ndarray

    def strength(self) -> np.ndarray:
        """float32 (rows, columns, 8): standard errors by which each offset stands above the other seven."""
        return (self.excess * 8 - self.excess.sum(axis=-1, keepdims=True)) / 7 / self.error[..., None]

    def foreign(self, own: int) -> np.ndarray:
        """float32 (rows, columns, 6): standard errors by which offsets `own` + 1, 2, 3, 5, 6, 7 exceed their mirror image.

        What a file's own blocks leave inside themselves is the same from either side; another grid's edges are not.
        """
        apart = self.excess[..., (own + _BESIDE) % 8] - self.excess[..., (own - _BESIDE) % 8]
        return apart / np.float32(np.sqrt(2)) / self.error[..., None]


def edges(gray: np.ndarray, window: int) -> Edges:
    """Of the edges that run down. gray: float32 (h, w) whose corner is on the file's grid. window: cells a side, odd."""
    import cv2

    step = np.abs(np.diff(gray, axis=1))
    np.minimum(step, np.float32(MOST_STEP), out=step)
    found = np.zeros(gray.shape, np.float32)
    # The step between pixels i - 1 and i is the edge of a block that starts at i.
    beside = (step[:, :-2] + step[:, 2:]) / 2
    found[:, 2:-1] = (step[:, 1:-1] - beside) / (step[:, 1:-1] + beside + np.float32(QUIET))
    height, width = gray.shape[0] // CELL, gray.shape[1] // CELL
    cells = found[: height * CELL, : width * CELL].reshape(height, CELL, width, CELL // 8, 8)
    excess = cells.mean(axis=(1, 3))
    squares = np.einsum("rycbo,rycbo->rc", cells, cells) / np.float32(CELL * CELL)

    def around(plane: np.ndarray) -> np.ndarray:
        return cv2.blur(plane, (window, window), borderType=cv2.BORDER_REFLECT).reshape(plane.shape)

    excess = np.stack([around(np.ascontiguousarray(excess[..., k])) for k in range(8)], axis=-1)
    many = (window * CELL) ** 2 / 8
    variance = np.maximum(around(squares) - np.square(excess).mean(axis=-1), 0)
    return Edges(excess, np.sqrt(variance / np.float32(many)) + np.float32(0.01))


def own_grid(view: View, across: Edges, down: Edges) -> tuple[int, int] | None:
    """(offset across, offset down) of the picture's grid: the file's own for a JPEG, else the one that most windows show."""
    if view.image.format == "JPEG":
        return 0, 0
    found = []
    for each in (across, down):
        strength = np.median(each.strength().reshape(-1, 8), axis=0)
        if strength.max() < SEEN / 2:
            return None
        found.append(int(strength.argmax()))
    return found[0], found[1]


def _draw(view: View, window: int, show: str) -> Drawn:
    shape = view.stored.shape[:2]
    if min(shape) < LEAST_SIDE:
        return Drawn("The picture is too small to look for block edges.", np.zeros(view.rgb.shape[:2], np.uint8))
    cells = window // CELL // 2 * 2 + 1
    across, down = edges(view.stored_luma, cells), edges(np.ascontiguousarray(view.stored_luma.T), cells)
    down = Edges(down.excess.swapaxes(0, 1), down.error.T)
    own = own_grid(view, across, down)
    if own is None:
        each = [e.strength() for e in (across, down)]
        step = np.maximum(across.excess.max(axis=-1), down.excess.max(axis=-1))
    else:
        each = [across.foreign(own[0]), down.foreign(own[1])]
        step = (across.excess[..., own[0]] + down.excess[..., own[1]]) / 2
    strange = np.maximum(each[0].max(axis=-1), each[1].max(axis=-1))
    drawn = stretch(step, 0, BLOCKY) if show == "blockiness" else stretch(strange, SEEN / 2, 2.5 * SEEN)
    finding = _finding(own, each, strange, float(step.mean()))
    return Drawn(finding, view.upright(over_pixels(drawn, CELL, shape)))


def _finding(own: tuple[int, int] | None, each: list[np.ndarray], strange: np.ndarray, step: float) -> str:
    if own is None:
        said = "No grid of blocks runs through the view"
    else:
        said = (
            f"The picture's block grid starts at {own[0]} px across, {own[1]} px down (blockiness {max(step, 0):.2f})"
        )
    share = float((strange >= SEEN).mean())
    if share == 0:
        return f"{said}; no other grid stands out anywhere."
    which = strange >= SEEN
    offsets = []
    for found, start in zip(each, own or (0, 0)):
        strongest = found[which].mean(axis=0)
        at = int(strongest.argmax())
        offset = at if own is None else int((start + _BESIDE[at]) % 8)
        offsets.append(str(offset) if strongest[at] >= SEEN / 2 else "?")
    return (
        f"{said}; in {100 * share:.0f} % of the view another one stands out, starting at {offsets[0]} px across, "
        f"{offsets[1]} px down."
    )


FILTER = Filter(
    name="block_grid",
    title="Block grid",
    shelf="Compression",
    shows="JPEG leaves small steps at the edges of its 8 x 8 px blocks. Bright: here such steps lie on another grid than "
    "the rest of the picture's; or, as blockiness, how strong the steps of its own grid are.",
    read="A bright patch with an outline came from another JPEG, or was moved within the picture by a number of pixels "
    "that is no multiple of eight. Uneven blockiness means parts of different history.",
    cannot="A JPEG save below about quality 97 wipes the steps of older grids out, so this works on PNG and WebP above "
    "all (for JPEG move the grid of the JPEG ghost). Fences and print of a matching period look like a grid; one off by "
    "exactly four pixels in both directions is not seen.",
    draw=_draw,
    parameters=(
        Slider("window", "Judged together", 48, 256, 80, 16, "px a side"),
        Choice("show", "Show", ("another grid", "blockiness"), "another grid"),
    ),
    cite="Fan and de Queiroz, Identification of bitmap compression history, IEEE TIP 2003; Li, Yuan and Yu, Passive "
    "detection of doctored JPEG image via block artifact grid extraction, Signal Processing 2009",
)
