"""Training batches: their composition and augmentation follow from seed, epoch and row alone.

A training that was killed in the middle of an epoch therefore resumes with the same pixels. Augmentation never depends
on the label: flip, rotation, shift and (on request) JPEG or a preset are sampled alike for both classes.

Class-balanced epochs (`balanced_epoch`) have as many images of each class, whatever the manifest holds, and keep their
length. The larger class is subsampled, differently in every epoch; every image of the smaller class comes equally
often, except for the remainder of the division, which is sampled. An image that comes again within an epoch gets
another augmentation: a *sample* is row + n x (number of earlier occurrences), and augmentation is sampled per sample.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from cgid.imaging.jpeg_encode import reencode
from cgid.models.image_cache import Images
from cgid.train.augment import Preset, SampledPreset

QUALITIES = (60, 96)  # JPEG augmentation: 60 to 95
PREFETCH = 3  # batches prepared while the network works

Item = TypeVar("Item")
Result = TypeVar("Result")


def batches(rows: np.ndarray, batch_size: int, seed: int, epoch: int) -> list[np.ndarray]:
    """The rows shuffled and divided into ceil(n / batch_size) batches of nearly equal size, without a tiny last one."""
    order = np.random.default_rng([seed, epoch, 1]).permutation(rows)
    return np.array_split(order, max(1, -(-len(rows) // batch_size)))


@dataclass(frozen=True, slots=True)
class SampledAugmentation:
    """One epoch's augmentation of every row of a manifest.

    flip: left to right, (n,) bool. rotations: quarter turns, (n,) 0..3, only of crops (a whole image has an
    orientation).
    shift: position within the row's slack, (n, 2) in 0..1. quality: of JPEG, (n,), 0 = none. preset: of a preset.
    """

    flip: np.ndarray
    rotations: np.ndarray
    shift: np.ndarray
    quality: np.ndarray
    preset: SampledPreset | None = None

    @classmethod
    def of(
        cls, n: int, crops: bool, jpeg_share: float, seed: int, epoch: int, preset: Preset | None = None
    ) -> SampledAugmentation:
        random = np.random.default_rng([seed, epoch, 2])
        flip = random.random(n) < 0.5
        shift = random.random((n, 2))
        quality = np.where(random.random(n) < jpeg_share, random.integers(*QUALITIES, n), 0)
        rotations = random.integers(0, 4, n) * int(crops)
        return cls(flip, rotations, shift, quality, SampledPreset.of(preset, n, seed, epoch) if preset else None)


def augment_batch(
    images: Images, samples: np.ndarray, augmentation: SampledAugmentation, executor: Executor | None = None
) -> np.ndarray:
    """uint8 (n, S, S, 3). samples: rows, or repeated rows (see the module).

    executor: threads that share the images where augmentation costs more than handing them over.
    """
    size = images.preprocess.image_size
    out = np.empty((len(samples), size, size, 3), np.uint8)
    inputs = images.inputs(samples % len(images.paths))

    def make(i: int) -> None:
        out[i] = _view(
            inputs[i], images.slack[samples[i] % len(images.paths)], images.margin, size, augmentation, samples[i]
        )

    costly = augmentation.preset is not None or augmentation.quality[samples].any()
    list(executor.map(make, range(len(samples))) if executor and costly else map(make, range(len(samples))))
    return out


def _view(
    pixels: np.ndarray, slack: np.ndarray, margin: int, size: int, augmentation: SampledAugmentation, sample: int
) -> np.ndarray:
    top, left = (margin - slack) // 2 + (augmentation.shift[sample] * (slack + 1)).astype(int)
    view = rotate_flip(
        pixels[top : top + size, left : left + size],
        int(augmentation.rotations[sample]),
        bool(augmentation.flip[sample]),
    )
    view = reencode(view, int(augmentation.quality[sample])) if augmentation.quality[sample] else view
    return augmentation.preset.apply(view, sample) if augmentation.preset else view


def rotate_flip(pixels: np.ndarray, rotations: int, flip: bool) -> np.ndarray:
    """numpy.rot90(view, turns), then mirrored left to right if `flip`: the same pixels in a fraction of the time."""
    import cv2

    rotation = (None, cv2.ROTATE_90_COUNTERCLOCKWISE, cv2.ROTATE_180, cv2.ROTATE_90_CLOCKWISE)[rotations]
    pixels = pixels if rotation is None else cv2.rotate(pixels, rotation)
    return cv2.flip(pixels, 1) if flip else pixels


def prefetch(make: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[tuple[Item, Result]]:
    """(item, make(item)) in order, computed a few items ahead by two threads, so that images of one batch are decoded
    while
    those of another are augmented."""
    with ThreadPoolExecutor(2, thread_name_prefix="batches") as executor:
        pending = [executor.submit(make, item) for item in items[:PREFETCH]]
        try:
            for i, item in enumerate(items):
                result = pending.pop(0).result()
                if i + PREFETCH < len(items):
                    pending.append(executor.submit(make, items[i + PREFETCH]))
                yield item, result
        finally:
            for task in pending:
                task.cancel()


MAX_COPIES = 8  # different augmentations of one image in one epoch; from then on they repeat


def balanced_epoch(rows: np.ndarray, label: np.ndarray, n: int, seed: int, epoch: int) -> np.ndarray:
    """Samples of one epoch, as many as `rows`, in arbitrary order; sample % n is the row.

    label: of all n rows of the manifest. With an odd number of rows the classes alternate in getting the extra one.
    """
    random = np.random.default_rng([seed, epoch, 5])
    classes = np.unique(label[rows])
    samples = []
    for i, value in enumerate(classes):
        class_rows = rows[label[rows] == value]
        count = (len(rows) + (i + epoch) % len(classes)) // len(classes)
        whole, remainder = divmod(count, len(class_rows))
        samples += [class_rows + n * (copy % MAX_COPIES) for copy in range(whole)]
        samples.append(random.permutation(class_rows)[:remainder] + n * (whole % MAX_COPIES))
    return np.concatenate(samples)
