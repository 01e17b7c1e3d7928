"""Match the format of one image: what a worker process does, without access to the label.

Every random choice (quality, position of the crop) is derived from the seed and the sha256 of the original, so it does
not depend on the label, the order of the rows or the number of workers. Files are written atomically.

JPEG: ITU-T T.81. Fill bytes before a marker (0xFF, any number of them, B.1.1.2) have no meaning; they bring files to one
size without a segment, a comment or a byte after the end. Traces of double compression would still reveal the original
format. Therefore the crop starts at a uniformly random offset within an 8 x 8 block, whatever the image's size, so that
the grid of an earlier JPEG is not aligned with the new one; a file that was not a JPEG gets a first compression like
those of the real photos; and the crop of either is compressed once more before it is saved, so that both classes share
the same recent compression history.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cgid.data.probe import FileInspection, inspect_file
from cgid.errors import InputError
from cgid.files import write_bytes
from cgid.format_matching.plan import SHIFT
from cgid.imaging.image_file import ImageFile
from cgid.imaging.jpeg_encode import encode, reencode
from cgid.imaging.rgb import apply_orientation

END = b"\xff\xd9"
SUBSAMPLING = "4:2:0"  # of every output file
BLOCK = 16  # side in pixels of four luma blocks with their chroma (one MCU at 4:2:0)


@dataclass(frozen=True, slots=True)
class Task:
    """path: the original. output: relative to the folder, with `/`. copy: copy the bytes unchanged (real images, ai-jpeg)."""

    path: str
    output: str
    copy: bool = False


@dataclass(frozen=True, slots=True)
class MatchedImage:
    """Result for one image. problem: "" or why there is no file. bytes: file size. quality: JPEG quality of the saved file,
    0 where copied. left, top: position of the crop in the stored original. first_quality: of the compression of the
    uncropped image, 0 where it was a JPEG. second_quality: of the compression of the crop before it was saved."""

    problem: str = ""
    bytes: int = 0
    quality: int = 0
    left: int = 0
    top: int = 0
    first_quality: int = 0
    second_quality: int = 0


@dataclass(frozen=True, slots=True)
class ImageMatcher:
    """The settings shared by all images; call it with a chunk of tasks.

    folder: root of the outputs. qualities: (quality, subsampling) to sample from. side: of the crop, 0 = no crop.
    """

    folder: str
    qualities: tuple[tuple[int, str], ...]
    side: int
    seed: int

    def __call__(self, tasks: list[Task]) -> list[MatchedImage]:
        return [self.match(task) for task in tasks]

    def match(self, task: Task) -> MatchedImage:
        """The result of one task; never raises for a bad image."""
        try:
            image = ImageFile.open(task.path)
            if task.copy:
                data = image.data
                details: dict[str, Any] = {}
            elif self.side:
                data, details = self._matched(image)
            else:
                quality, _ = self.qualities[0]
                data, details = encode(image.rgb, quality, SUBSAMPLING), {"quality": quality}
        except InputError as error:
            return MatchedImage(str(error))
        except (
            Exception
        ) as error:  # boundary: encoders raise all kinds of errors, and one image must not stop the others
            return MatchedImage(f"cannot be saved as JPEG: {' '.join(str(error).split())[:200]}")
        write_bytes(Path(self.folder) / task.output, data)
        return MatchedImage(bytes=len(data), **details)

    def _matched(self, image: ImageFile) -> tuple[bytes, dict[str, Any]]:
        """Crop, apply the orientation, encode at a sampled quality."""
        height, width = image.stored.shape[:2]
        if min(height, width) < self.side + SHIFT:
            raise InputError(f"{image.name} has {width} x {height} pixels, too few for a crop of {self.side}.")
        rng = np.random.default_rng([self.seed, int(image.sha256[:16], 16)])
        quality, _ = self.qualities[int(rng.integers(len(self.qualities)))]
        before, between = (self.qualities[int(rng.integers(len(self.qualities)))] for _ in range(2))
        top, left = (_crop_start(rng, side - self.side) for side in (height, width))
        if image.format == "JPEG":
            cut, first = image.stored[top : top + self.side, left : left + self.side], 0
        else:
            cut, first = _compressed_crop(image.stored, top, left, self.side, before), before[0]
        pixels = reencode(apply_orientation(cut, image.orientation), *between)
        details = {"quality": quality, "left": left, "top": top, "first_quality": first, "second_quality": between[0]}
        return encode(pixels, quality, SUBSAMPLING), details


@dataclass(frozen=True, slots=True)
class FileFinisher:
    """Set all output files to one size and modification time, then read them as `cgid data clean` does.

    size: target file size in bytes, 0 = unchanged. time: modification time of every file, in seconds since 1970.
    """

    folder: str
    size: int
    time: int

    def __call__(self, outputs: list[str]) -> list[FileInspection]:
        probes = []
        for output in outputs:
            path = Path(self.folder) / output
            data = path.read_bytes()
            if self.size and len(data) != self.size:
                write_bytes(path, padded(data, self.size))
            os.utime(path, (self.time, self.time))
            probes.append(inspect_file(str(path)))
        return probes


def padded(data: bytes, size: int) -> bytes:
    """The same JPEG, padded to `size` bytes with fill bytes before the EOI marker. Raises ValueError where it is larger."""
    if not data.endswith(END):
        raise ValueError("the JPEG does not end with its end marker")
    body = data[:-2].rstrip(b"\xff")  # entropy-coded bytes never end with one
    room = size - len(body) - len(END)
    if room < 0:
        raise ValueError(f"the JPEG has {len(body) + 2} bytes, more than {size}")
    return body + b"\xff" * room + END


def _crop_start(rng: np.random.Generator, room: int) -> int:
    """Start of a crop, 0..room: a uniform offset within a block, then a uniform block. room: at least SHIFT."""
    offset = int(rng.integers(SHIFT + 1))
    return offset + 8 * int(rng.integers((room - offset) // 8 + 1))


def _compressed_crop(stored: np.ndarray, top: int, left: int, side: int, before: tuple[int, str]) -> np.ndarray:
    """The crop of the image after a JPEG compression with a quality and subsampling of the real photos."""
    height, width = stored.shape[:2]
    first_row, first_column = (max(0, (at // BLOCK - 1) * BLOCK) for at in (top, left))
    around = stored[first_row : min(height, top + side + BLOCK), first_column : min(width, left + side + BLOCK)]
    again = reencode(around, *before)
    row, column = top - first_row, left - first_column
    return again[row : row + side, column : column + side]
