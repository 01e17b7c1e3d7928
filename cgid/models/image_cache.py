"""Network inputs of a manifest's images: decoded once in separate processes or threads, cached in memory within a
budget.

Decoding in processes of their own keeps a file that crashes a decoder from ending the training.
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
from cgid.models.preprocess import Preprocess, centre_crop, centre_pixels, mirror_pad, resize_shorter_side, resized
from cgid.settings import settings

ATTEMPTS = 2  # a process may have been ended for other reasons, such as a system short of memory


class ProcessExecutor(ThreadPoolExecutor):
    """An executor whose calls run in `count` other processes, each watched by a thread; they end with this one.

    A call whose process died is repeated once in a new one; then its future raises WorkerLost. Others continue.
    """

    def __init__(self, count: int) -> None:
        super().__init__(count, thread_name_prefix="decode")
        self._own = threading.local()
        self._started: list[WorkerProcess] = []

    def submit(self, function: Callable[..., Any], /, *values: Any) -> Future[Any]:  # type: ignore[override]
        """function: of a module. values, result: can be pickled. Keyword arguments are not taken."""
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
            result = outcome(self._own.process.call(pickle.dumps((function, values), pickle.HIGHEST_PROTOCOL)))
            if not isinstance(result, WorkerLost):
                break
        if isinstance(result, Exception):
            raise result
        return result


def _called(call: tuple[Callable[..., Any], tuple]) -> Any:
    function, values = call
    return function(*values)


MAX_CACHE_BYTES = 4 * 1024**3  # bytes; containers do not report their limit, so a fixed one bounds the fraction below
CACHE_FRACTION = 0.25  # of the memory that is free
CHUNK = 64


def cache_budget() -> int:
    """Bytes that decoded images may take in memory."""
    return min(MAX_CACHE_BYTES, int(psutil.virtual_memory().available * CACHE_FRACTION))


def reader(workers: int) -> Executor:
    """Where images are decoded: `workers` processes, or threads of this process (Pillow decodes outside the GIL)."""
    if workers > 0:
        return ProcessExecutor(workers)
    return ThreadPoolExecutor(settings().workers, thread_name_prefix="decode")


def read_input(path: str, preprocess: Preprocess, margin: int) -> tuple[str, np.ndarray, tuple[int, int]] | str:
    """(sha256, pixels, slack), or why there is none.

    square: uint8 (S + margin, S + margin, 3) whose central S x S is `preprocess.input_pixels`. slack: by how many
    pixels, up and down together and left and right together, a view of S x S may leave the centre and still see the
    image itself.
    """
    try:
        image = ImageFile.open(Path(path))
    except UnreadableImage as error:
        return str(error)
    rgb, slack = image.rgb, [margin, margin]
    if preprocess.fit == "resize_crop":
        rgb = resize_shorter_side(rgb, preprocess.resize_to)
    if preprocess.fit != "resize":
        min_slack = min(margin, small_shift(preprocess.image_size))
        slack = [max(min_slack, min(margin, side - preprocess.image_size)) // 2 * 2 for side in rgb.shape[:2]]
    return image.sha256, with_margin(rgb, preprocess, margin), (slack[0], slack[1])


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
        return centre_crop(rgb, preprocess.image_size, margin)
    if preprocess.fit == "crop":
        return centre_pixels(rgb, size)
    return mirror_pad(resized(rgb, preprocess.image_size), size)


class Images:
    """Row i of a manifest is square i. margin: even number of pixels beyond S; 0 for images that are only judged.

    sha256: of each file's content, "" where unreadable. slack: px a view may be shifted by, (n, 2). problems: {row:
    reason}.
    """

    def __init__(
        self, paths: Sequence[str], preprocess: Preprocess, pool: Executor, margin: int = 0, budget: int = 0
    ) -> None:
        self.paths, self.preprocess, self.pool, self.margin = list(paths), preprocess, pool, margin
        self.side = preprocess.image_size + margin
        capacity = budget // (self.side * self.side * 3)
        self.cache = np.empty((min(len(self.paths), capacity), self.side, self.side, 3), np.uint8)
        self.cached = np.zeros(len(self.paths), bool)
        self.sha256 = [""] * len(self.paths)
        self.slack = np.zeros((len(self.paths), 2), int)
        self.problems: dict[int, str] = {}

    def read(
        self, on_progress: Callable[[int, int], None], part: tuple[int, int] = (0, 1)
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Every readable image once, in order, in chunks of (rows, squares); fills cache, sha256 and problems.

        part: (k, n) = only chunks k, k + n, k + 2 n, …; other processes read the others.
        """
        for start in range(part[0] * CHUNK, len(self.paths), part[1] * CHUNK):
            rows = range(start, min(start + CHUNK, len(self.paths)))
            good, inputs = [], []
            for row, result in zip(rows, self._decode(rows)):
                if isinstance(result, str):
                    self.problems[row] = result
                    continue
                self.sha256[row], pixels, self.slack[row] = result
                good.append(row)
                inputs.append(pixels)
                if row < len(self.cache):
                    self.cache[row], self.cached[row] = pixels, True
            on_progress(rows.stop, len(self.paths))
            if good:
                yield np.array(good), np.stack(inputs)

    def fill(self, on_progress: Callable[[int, int], None], part: tuple[int, int] = (0, 1)) -> np.ndarray:
        """Read everything (or a part of it, see `read`) once; the rows that can be used."""
        return np.array([row for rows, _ in self.read(on_progress, part) for row in rows], dtype=int)

    def known(self) -> tuple[dict[int, tuple[str, int, int]], dict[int, str]]:
        """What reading told, but for the pixels, for another process: ({row: (sha256, *slack)}, problems)."""
        rows = {
            i: (digest, int(self.slack[i][0]), int(self.slack[i][1])) for i, digest in enumerate(self.sha256) if digest
        }
        return rows, self.problems

    def add_known(self, rows: dict[int, tuple[str, int, int]], problems: dict[int, str]) -> None:
        """`known` of another process; its images are decoded when they are asked for."""
        for row, (digest, *slack) in rows.items():
            self.sha256[row], self.slack[row] = digest, slack
        self.problems = dict(sorted({**self.problems, **problems}.items()))

    def inputs(self, rows: np.ndarray) -> list[np.ndarray]:
        """uint8 (S + margin, S + margin, 3) of each row, from memory where it is there. Raises UnreadableImage where a
        file that could be read before is gone."""
        missing = [row for row in rows if not self.cached[row]]
        decoded = dict(zip(missing, self._decode(missing))) if missing else {}
        for row, result in decoded.items():
            if isinstance(result, str):
                raise UnreadableImage(f"An image changed during training: {result}")
            if row < len(self.cache):  # another process has read it first
                self.cache[row], self.cached[row] = result[1], True
        return [self.cache[row] if self.cached[row] else decoded[row][1] for row in rows]

    def centre_crops(self, rows: np.ndarray) -> np.ndarray:
        """uint8 (n, S, S, 3), as at inference."""
        low, high = self.margin // 2, self.margin // 2 + self.preprocess.image_size
        return np.stack([pixels[low:high, low:high] for pixels in self.inputs(rows)])

    def _decode(self, rows: Sequence[int]) -> list[tuple[str, np.ndarray, tuple[int, int]] | str]:
        tasks = [self.pool.submit(read_input, self.paths[r], self.preprocess, self.margin) for r in rows]
        return [self._result(row, task) for row, task in zip(rows, tasks)]

    def _result(self, row: int, task: Future) -> tuple[str, np.ndarray, tuple[int, int]] | str:
        try:
            return task.result()
        except WorkerLost as lost:
            return f"{self.paths[row]} was not decoded: {lost.message}."
