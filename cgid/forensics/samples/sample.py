"""What a sample is: a picture made here to show one statement that the check can make, and how to make it.

What samples are made of: photographs that ship with installed packages, and scenes of the simulated renderer.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image

from cgid.data.demo import plan, renderer


@dataclass(frozen=True, slots=True)
class Sample:
    """name: its file's stem, in the address too. title: two or three words. shows: one sentence, what to look for.

    suffix: of the file, with its dot. make: the file's bytes; None where it cannot be had on this machine now.
    kept: may be kept among the artifacts (not where it lies in a data set already). version: raise where `make`
    changes. order: place in the gallery. filters: of the inspection bench, those that show it best.
    """

    name: str
    title: str
    shows: str
    suffix: str
    make: Callable[[], bytes | None]
    order: int
    kept: bool = True
    version: int = 1
    filters: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """As the picture is called on the page: it says that it is a sample."""
        return f"sample_{self.name}{self.suffix}"


RENDER_SIDE = 320  # px


def photograph(file: str) -> np.ndarray:
    """uint8 (H, W, 3). Raises InputError where the package was installed without it."""
    return plan.load(next(p for p in plan.PHOTOS if p.file == file))


@lru_cache(maxsize=8)
def rendered(seed: int) -> np.ndarray:
    """A ray-traced scene, uint8 (320, 320, 3): what the demo's third simulated generator makes."""
    pixels = renderer.render(RENDER_SIDE, True, np.random.default_rng(seed))
    pixels.setflags(write=False)
    return pixels


def png(pixels: np.ndarray, **options) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "PNG", **options)
    return buffer.getvalue()


def decoded(data: bytes) -> np.ndarray:
    """uint8 (H, W, 3) of a JPEG or PNG made here."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
