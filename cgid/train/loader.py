"""What a training step is fed: batches whose make-up and augmentation follow from the seed, the epoch and the row alone.

So a training that was killed in the middle of an epoch goes on with the very pixels it would have seen. Augmentation
never looks at the label: flip, turn, shift and (where asked for) JPEG or a preset's steps are drawn alike for both.

Class-balanced epochs: as many images of each class, whatever the manifest holds.

An epoch keeps its length. Of the larger class it sees a part, another one every epoch; of the smaller class every image
as often as the next, but for the rest of the division, which is drawn. Where an image comes again within an epoch it is
augmented anew: a *place* is row + n x (how often it has come before), and augmentation is drawn for places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from cgid.imaging.jpeg_encode import reencode
from cgid.models.image_cache import Images
from cgid.train.augment import Preset, Traces

QUALITIES = (60, 96)  # JPEG augmentation: 60 to 95
AHEAD = 3  # batches made ready while the network works

Item, Made = TypeVar("Item"), TypeVar("Made")


def batches(rows: np.ndarray, batch_size: int, seed: int, epoch: int) -> list[np.ndarray]:
    """The rows in a new order, cut into ceil(n / batch_size) batches of nearly the same size: no tiny last one."""
    order = np.random.default_rng([seed, epoch, 1]).permutation(rows)
    return np.array_split(order, max(1, -(-len(rows) // batch_size)))


@dataclass(frozen=True, slots=True)
class Draws:
    """One epoch's augmentation of every row of a manifest.

    flip: left to right, (n,) bool. turns: quarter turns, (n,) 0..3, only of crops (a whole picture has an up and a
    down). shift: place within the row's room, (n, 2) in 0..1. quality: of JPEG, (n,), 0 = none. traces: of a preset.
    """

    flip: np.ndarray
    turns: np.ndarray
    shift: np.ndarray
    quality: np.ndarray
    traces: Traces | None = None

    @classmethod
    def of(cls, n: int, crops: bool, jpeg_share: float, seed: int, epoch: int, preset: Preset | None = None) -> Draws:
        random = np.random.default_rng([seed, epoch, 2])
        flip = random.random(n) < 0.5
        shift = random.random((n, 2))
        quality = np.where(random.random(n) < jpeg_share, random.integers(*QUALITIES, n), 0)
        turns = random.integers(0, 4, n) * int(crops)
        return cls(flip, turns, shift, quality, Traces.of(preset, n, seed, epoch) if preset else None)


def augmented(images: Images, places: np.ndarray, draws: Draws, makers: Executor | None = None) -> np.ndarray:
    """uint8 (n, S, S, 3). places: rows, or rows that come again in the epoch (cgid.train.loader).

    makers: threads among which images are shared out where the draws cost more than the hand-over does.
    """
    size = images.preprocess.image_size
    out = np.empty((len(places), size, size, 3), np.uint8)
    squares = images.squares(places % len(images.paths))

    def make(i: int) -> None:
        out[i] = _view(squares[i], images.room[places[i] % len(images.paths)], images.margin, size, draws, places[i])

    costly = draws.traces is not None or draws.quality[places].any()
    list(makers.map(make, range(len(places))) if makers and costly else map(make, range(len(places))))
    return out


def _view(square: np.ndarray, room: np.ndarray, margin: int, size: int, draws: Draws, place: int) -> np.ndarray:
    top, left = (margin - room) // 2 + (draws.shift[place] * (room + 1)).astype(int)
    view = turned(square[top : top + size, left : left + size], int(draws.turns[place]), bool(draws.flip[place]))
    view = reencode(view, int(draws.quality[place])) if draws.quality[place] else view
    return draws.traces.on(view, place) if draws.traces else view


def turned(view: np.ndarray, turns: int, flip: bool) -> np.ndarray:
    """numpy.rot90(view, turns), then mirrored left to right if asked for: the same pixels in a fraction of the time."""
    import cv2

    quarter = (None, cv2.ROTATE_90_COUNTERCLOCKWISE, cv2.ROTATE_180, cv2.ROTATE_90_CLOCKWISE)[turns]
    view = view if quarter is None else cv2.rotate(view, quarter)
    return cv2.flip(view, 1) if flip else view


def ahead(make: Callable[[Item], Made], items: Sequence[Item]) -> Iterator[tuple[Item, Made]]:
    """(item, make(item)) in order, made by other threads a few items before they are asked for: two, so that images of
    one batch are decoded while those of another are augmented."""
    with ThreadPoolExecutor(2, thread_name_prefix="batches") as maker:
        waiting = [maker.submit(make, item) for item in items[:AHEAD]]
        try:
            for i, item in enumerate(items):
                made = waiting.pop(0).result()
                if i + AHEAD < len(items):
                    waiting.append(maker.submit(make, items[i + AHEAD]))
                yield item, made
        finally:
            for task in waiting:
                task.cancel()


COPIES = 8  # different augmentations of one image in one epoch; from then on they repeat


def places(rows: np.ndarray, label: np.ndarray, n: int, seed: int, epoch: int) -> np.ndarray:
    """Places of one epoch, as many as `rows`, in no order that matters; place % n is the row.

    label: of all n rows of the manifest. With an odd number of rows the classes take turns at the odd one.
    """
    random = np.random.default_rng([seed, epoch, 5])
    classes = np.unique(label[rows])
    parts = []
    for i, value in enumerate(classes):
        own = rows[label[rows] == value]
        wanted = (len(rows) + (i + epoch) % len(classes)) // len(classes)
        whole, rest = divmod(wanted, len(own))
        parts += [own + n * (copy % COPIES) for copy in range(whole)]
        parts.append(random.permutation(own)[:rest] + n * (whole % COPIES))
    return np.concatenate(parts)
