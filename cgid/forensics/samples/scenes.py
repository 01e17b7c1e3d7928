"""What samples are made of: photographs that ship with installed packages, and scenes of the simulated renderer."""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np
from PIL import Image

from cgid.data.demo import renders, sources

RENDER_SIDE = 320  # px


def photograph(file: str) -> np.ndarray:
    """uint8 (H, W, 3). Raises InputError where the package was installed without it."""
    return sources.load(next(p for p in sources.PHOTOS if p.file == file))


@lru_cache(maxsize=8)
def rendered(seed: int) -> np.ndarray:
    """A ray-traced scene, uint8 (320, 320, 3): what the demo's third simulated generator makes."""
    pixels = renders.render(RENDER_SIDE, True, np.random.default_rng(seed))
    pixels.setflags(write=False)
    return pixels


def png(pixels: np.ndarray, **options) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "PNG", **options)
    return buffer.getvalue()


def decoded(data: bytes) -> np.ndarray:
    """uint8 (H, W, 3) of a JPEG or PNG made here."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
