"""One image in, its treated file out: what a worker process does, without ever being told the label.

What decides anything by chance (quality, place of the crop) is drawn from the seed and the sha256 of the original, so it
is the same whatever the label, the order of the rows or the number of workers. A file is whole or not there.

JPEG: ITU-T T.81. Fill bytes before a marker (0xFF, any number of them, B.1.1.2) mean nothing; they bring files to one
size without a segment, a comment or a byte after the end. Traces of a second compression would still tell the old
format. So the crop begins at any place of an 8 x 8 block, each as likely whatever the image's size, which parts the
blocks of an earlier JPEG from the new ones; a file that was no JPEG yet gets a first compression like those of the real
photos; and what is cut out of either is compressed once more before it is saved, so that the same recent history lies
over whatever came before.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cgid.data.probe import Probe, probe
from cgid.errors import InputError
from cgid.files import write_bytes
from cgid.format_matching.plan import SHIFT
from cgid.imaging.image_file import ImageFile
from cgid.imaging.jpeg_encode import encode, reencode
from cgid.imaging.rgb import turned

END = b"\xff\xd9"
SUBSAMPLING = "4:2:0"  # of every file that is written
BLOCK = 16  # pixels a side of four luma blocks and their chroma


@dataclass(frozen=True, slots=True)
class Task:
    """path: the original. output: below the folder, with `/`. keep: copy the bytes instead (the real side of ai-jpeg)."""

    path: str
    output: str
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """problem: "" or why there is no file. bytes: its size. quality: it was saved in, 0 where copied. left, top: of the
    crop in the stored original. first_quality: of the compression of the whole, 0 where it was a JPEG. second_quality: of
    the compression of the crop before it was saved."""

    problem: str = ""
    bytes: int = 0
    quality: int = 0
    left: int = 0
    top: int = 0
    first_quality: int = 0
    second_quality: int = 0


@dataclass(frozen=True, slots=True)
class Treatment:
    """Same for all images; call it with a chunk of tasks.

    folder: where outputs grow. qualities: (quality, subsampling) to draw from. side: of the crop, 0 = none.
    """

    folder: str
    qualities: tuple[tuple[int, str], ...]
    side: int
    seed: int

    def __call__(self, tasks: list[Task]) -> list[Made]:
        return [self.one(task) for task in tasks]

    def one(self, task: Task) -> Made:
        """Never raises for a bad image."""
        try:
            image = ImageFile.open(task.path)
            if task.keep:
                data, made = image.data, {}
            elif self.side:
                data, made = self._matched(image)
            else:
                quality, _ = self.qualities[0]
                data, made = encode(image.rgb, quality, SUBSAMPLING), {"quality": quality}
        except InputError as error:
            return Made(str(error))
        except Exception as error:  # the edge where one image fails: encoders raise all kinds of errors
            return Made(f"cannot be saved as JPEG: {' '.join(str(error).split())[:200]}")
        write_bytes(Path(self.folder) / task.output, data)
        return Made(bytes=len(data), **made)

    def _matched(self, image: ImageFile) -> tuple[bytes, dict[str, int]]:
        """Cut, turned upright, saved in a drawn quality."""
        height, width = image.stored.shape[:2]
        if min(height, width) < self.side + SHIFT:
            raise InputError(f"{image.name} has {width} x {height} pixels, too few for a crop of {self.side}.")
        draw = np.random.default_rng([self.seed, int(image.sha256[:16], 16)])
        quality, _ = self.qualities[int(draw.integers(len(self.qualities)))]
        before, between = (self.qualities[int(draw.integers(len(self.qualities)))] for _ in range(2))
        top, left = (_start(draw, side - self.side) for side in (height, width))
        if image.format == "JPEG":
            cut, first = image.stored[top : top + self.side, left : left + self.side], 0
        else:
            cut, first = _compressed(image.stored, top, left, self.side, before), before[0]
        pixels = reencode(turned(cut, image.orientation), *between)
        drawn = {"quality": quality, "left": left, "top": top, "first_quality": first, "second_quality": between[0]}
        return encode(pixels, quality, SUBSAMPLING), drawn


@dataclass(frozen=True, slots=True)
class Finish:
    """Bring written files to one size and one time, then read them as `cgid data clean` does.

    size: bytes every file gets, 0 = leave it. time: seconds since 1970 that every file bears.
    """

    folder: str
    size: int
    time: int

    def __call__(self, outputs: list[str]) -> list[Probe]:
        found = []
        for output in outputs:
            path = Path(self.folder) / output
            data = path.read_bytes()
            if self.size and len(data) != self.size:
                write_bytes(path, padded(data, self.size))
            os.utime(path, (self.time, self.time))
            found.append(probe(str(path)))
        return found


def padded(data: bytes, size: int) -> bytes:
    """The same JPEG with `size` bytes, by fill bytes before its end marker. Raises ValueError where it is larger."""
    if not data.endswith(END):
        raise ValueError("the JPEG does not end with its end marker")
    body = data[:-2].rstrip(b"\xff")  # entropy-coded bytes never end with one
    room = size - len(body) - len(END)
    if room < 0:
        raise ValueError(f"the JPEG has {len(body) + 2} bytes, more than {size}")
    return body + b"\xff" * room + END


def _start(draw: np.random.Generator, room: int) -> int:
    """Where a crop begins, 0..room: first its place within a block, evenly, then the block. room: at least SHIFT."""
    place = int(draw.integers(SHIFT + 1))
    return place + 8 * int(draw.integers((room - place) // 8 + 1))


def _compressed(stored: np.ndarray, top: int, left: int, side: int, before: tuple[int, str]) -> np.ndarray:
    """The crop out of a JPEG of its surroundings, in a quality and subsampling of the real side."""
    height, width = stored.shape[:2]
    first_row, first_column = (max(0, (at // BLOCK - 1) * BLOCK) for at in (top, left))
    around = stored[first_row : min(height, top + side + BLOCK), first_column : min(width, left + side + BLOCK)]
    again = reencode(around, *before)
    row, column = top - first_row, left - first_column
    return again[row : row + side, column : column + side]
