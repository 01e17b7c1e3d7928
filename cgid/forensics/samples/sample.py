"""A sample: an image that demonstrates one statement of the check, and how to create it.

Sources: photographs that ship with installed packages, and scenes of the demo's renderer.
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
    """name: stem of its file and part of its address. title: two or three words. shows: one sentence on what to look
    for.

    suffix: of the file, with its dot. make: the file's bytes; None where it is not available on this installation.
    cacheable: may be stored in the artifacts (not where it is part of a data set already). version: raise where `make`
    changes. order: position in the gallery. filters: those of the inspector that show it best.
    """

    name: str
    title: str
    shows: str
    suffix: str
    make: Callable[[], bytes | None]
    order: int
    cacheable: bool = True
    version: int = 1
    filters: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """File name on the page, which shows that it is a sample."""
        return f"sample_{self.name}{self.suffix}"


RENDER_SIDE = 320  # px


def load_photograph(file: str) -> np.ndarray:
    """uint8 (H, W, 3). Raises InputError where the package was installed without it."""
    return plan.load(next(p for p in plan.PHOTOS if p.file == file))


@lru_cache(maxsize=8)
def render_scene(seed: int) -> np.ndarray:
    """A ray-traced scene, uint8 (320, 320, 3): as from the demo's third simulated generator."""
    pixels = renderer.render(RENDER_SIDE, True, np.random.default_rng(seed))
    pixels.setflags(write=False)
    return pixels


def png(pixels: np.ndarray, **options) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "PNG", **options)
    return buffer.getvalue()


def decode(data: bytes) -> np.ndarray:
    """uint8 (H, W, 3) of a JPEG or PNG created here."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
