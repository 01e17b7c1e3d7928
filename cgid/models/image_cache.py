"""Images of a manifest as squares in memory: decoded once, the unreadable ones listed, the rest read when asked for.

Decodes images in processes of their own, so that a file which crashes a decoder does not end the training.
"""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from cgid.compute.limits import Limits, WorkerLost
from cgid.compute.local import WorkerProcess, outcome
from cgid.imaging.image_file import ImageFile, UnreadableImage
from cgid.models.preprocess import Preprocess, by_shorter_side, centre, middle, mirrored, resized
from cgid.settings import settings

ATTEMPTS = 2  # a process may have been ended for another's sake, such as by a system short of memory


class Processes(ThreadPoolExecutor):
    """An executor whose calls run in `count` other processes, each watched by a thread; they end with this one.

    A call whose process died is made once more in a new one; then its future raises WorkerLost. Others go on.
    """

    def __init__(self, count: int) -> None:
        super().__init__(count, thread_name_prefix="decode")
        self._own = threading.local()
        self._started: list[WorkerProcess] = []

    def submit(self, function: Callable[..., Any], /, *values: Any) -> Future:
        """function: of a module. values, result: can be pickled."""
        return super().submit(self._in_process, function, values)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        super().shutdown(wait, cancel_futures=cancel_futures)
        for process in self._started:
            process.close()

    def _in_process(self, function: Callable[..., Any], values: tuple) -> Any:
        if not hasattr(self._own, "process"):
            self._own.process = WorkerProcess(pickle.dumps(_called), Limits())
            self._started.append(self._own.process)
        for _ in range(ATTEMPTS):
            found = outcome(self._own.process.call(pickle.dumps((function, values), pickle.HIGHEST_PROTOCOL)))
            if not isinstance(found, WorkerLost):
                break
        if isinstance(found, Exception):
            raise found
        return found


def _called(call: tuple[Callable[..., Any], tuple]) -> Any:
    function, values = call
    return function(*values)


MOST_CACHED = 4 * 1024**3  # bytes; containers do not tell their limit, so a fixed one bounds the share below
SHARE_CACHED = 0.25  # of the memory that is free
CHUNK = 64


def cache_budget() -> int:
    """Bytes that decoded images may take in memory."""
    return min(MOST_CACHED, int(psutil.virtual_memory().available * SHARE_CACHED))


def reader(workers: int) -> Executor:
    """Where images are decoded: `workers` processes, or threads of this process (Pillow decodes outside the GIL)."""
    if workers > 0:
        return Processes(workers)
    return ThreadPoolExecutor(settings().workers, thread_name_prefix="decode")


def read_square(path: str, preprocess: Preprocess, margin: int) -> tuple[str, np.ndarray, tuple[int, int]] | str:
    """(sha256, square, room), or why there is none.

    square: uint8 (S + margin, S + margin, 3) whose central S x S is `preprocess.square`. room: by how many pixels, up
    and down together and left and right together, a view of S x S may leave the centre and still see the image itself.
    """
    try:
        image = ImageFile.open(Path(path))
    except UnreadableImage as error:
        return str(error)
    rgb, room = image.rgb, [margin, margin]
    if preprocess.fit == "resize_crop":
        rgb = by_shorter_side(rgb, preprocess.resize_to)
    if preprocess.fit != "resize":
        least = min(margin, small_shift(preprocess.image_size))
        room = [max(least, min(margin, side - preprocess.image_size)) // 2 * 2 for side in rgb.shape[:2]]
    return image.sha256, with_margin(rgb, preprocess, margin), (room[0], room[1])


def shift_margin(preprocess: Preprocess) -> int:
    """Even number of pixels beyond S that training keeps: for crops as much again, for whole images an eighth, for
    scaled ones what their shorter side holds beyond S.

    A crop that may come from anywhere teaches what all of an image has in common, not what is in its middle.
    """
    size = preprocess.image_size
    if preprocess.fit == "crop":
        return size // 2 * 2
    return max(small_shift(size), max(0, preprocess.resize_to - size) // 2 * 2)


def small_shift(image_size: int) -> int:
    """An eighth of the side, even: little enough for edges that are only mirrored."""
    return image_size // 8 // 2 * 2


def with_margin(rgb: np.ndarray, preprocess: Preprocess, margin: int) -> np.ndarray:
    """Room to shift by: more of the image where `fit` cuts, mirrored edges where the whole image is in already.

    rgb: the image, for `resize_crop` scaled already.
    """
    size = preprocess.image_size + margin
    if preprocess.fit == "resize_crop":
        return middle(rgb, preprocess.image_size, margin)
    if preprocess.fit == "crop":
        return centre(rgb, size)
    return mirrored(resized(rgb, preprocess.image_size), size)


class Images:
    """Row i of a manifest is square i. margin: even number of pixels beyond S; 0 for images that are only judged.

    sha256: of each file's content, "" where unreadable. room: px a view may be shifted by, (n, 2). problems: {row: reason}.
    """

    def __init__(
        self, paths: Sequence[str], preprocess: Preprocess, pool: Executor, margin: int = 0, budget: int = 0
    ) -> None:
        self.paths, self.preprocess, self.pool, self.margin = list(paths), preprocess, pool, margin
        self.side = preprocess.image_size + margin
        room = budget // (self.side * self.side * 3)
        self.cache = np.empty((min(len(self.paths), room), self.side, self.side, 3), np.uint8)
        self.cached = np.zeros(len(self.paths), bool)
        self.sha256 = [""] * len(self.paths)
        self.room = np.zeros((len(self.paths), 2), int)
        self.problems: dict[int, str] = {}

    def read(
        self, tick: Callable[[int, int], None], part: tuple[int, int] = (0, 1)
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Every readable image once, in order, in chunks of (rows, squares); fills cache, sha256 and problems.

        part: (k, n) = only chunks k, k + n, k + 2 n, …; other processes read the others.
        """
        for start in range(part[0] * CHUNK, len(self.paths), part[1] * CHUNK):
            rows = range(start, min(start + CHUNK, len(self.paths)))
            good, squares = [], []
            for row, result in zip(rows, self._decode(rows)):
                if isinstance(result, str):
                    self.problems[row] = result
                    continue
                self.sha256[row], square, self.room[row] = result
                good.append(row)
                squares.append(square)
                if row < len(self.cache):
                    self.cache[row], self.cached[row] = square, True
            tick(rows.stop, len(self.paths))
            if good:
                yield np.array(good), np.stack(squares)

    def fill(self, tick: Callable[[int, int], None], part: tuple[int, int] = (0, 1)) -> np.ndarray:
        """Read everything (or a part of it, see `read`) once; the rows that can be used."""
        return np.array([row for rows, _ in self.read(tick, part) for row in rows], dtype=int)

    def known(self) -> tuple[dict[int, tuple[str, int, int]], dict[int, str]]:
        """What reading told, but for the pixels, for another process: ({row: (sha256, *room)}, problems)."""
        found = {i: (digest, *map(int, self.room[i])) for i, digest in enumerate(self.sha256) if digest}
        return found, self.problems

    def learn(self, found: dict[int, tuple[str, int, int]], problems: dict[int, str]) -> None:
        """`known` of another process; its images are decoded when they are asked for."""
        for row, (digest, *room) in found.items():
            self.sha256[row], self.room[row] = digest, room
        self.problems = dict(sorted({**self.problems, **problems}.items()))

    def squares(self, rows: np.ndarray) -> list[np.ndarray]:
        """uint8 (S + margin, S + margin, 3) of each row, from memory where it is there. Raises UnreadableImage where a
        file that could be read before is gone."""
        missing = [row for row in rows if not self.cached[row]]
        fresh = dict(zip(missing, self._decode(missing))) if missing else {}
        for row, result in fresh.items():
            if isinstance(result, str):
                raise UnreadableImage(f"An image changed during training: {result}")
            if row < len(self.cache):  # another process has read it first
                self.cache[row], self.cached[row] = result[1], True
        return [self.cache[row] if self.cached[row] else fresh[row][1] for row in rows]

    def centres(self, rows: np.ndarray) -> np.ndarray:
        """uint8 (n, S, S, 3), as at inference."""
        low, high = self.margin // 2, self.margin // 2 + self.preprocess.image_size
        return np.stack([square[low:high, low:high] for square in self.squares(rows)])

    def _decode(self, rows: Sequence[int]) -> list[tuple[str, np.ndarray, tuple[int, int]] | str]:
        tasks = [self.pool.submit(read_square, self.paths[r], self.preprocess, self.margin) for r in rows]
        return [self._found(row, task) for row, task in zip(rows, tasks)]

    def _found(self, row: int, task: Future) -> tuple[str, np.ndarray, tuple[int, int]] | str:
        try:
            return task.result()
        except WorkerLost as lost:
            return f"{self.paths[row]} was not decoded: {lost.words}."
