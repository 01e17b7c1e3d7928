"""Photographs that ship inside scikit-image and scikit-learn: what the demo images are cut from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

from cgid.errors import InputError

FOLDERS = {"skimage": "data", "sklearn": "datasets/images"}
SMALLEST_SCALE = 0.4


@dataclass(frozen=True, slots=True)
class Photo:
    """One photograph. group: pictures of one scene share it. colour: False = stored as grey."""

    file: str
    group: str
    colour: bool = True
    package: str = "skimage"


# Charts, text, logos and drawings of the two packages are left out: they are not photographs. So are two pictures
# almost without detail (cell, clock_motion), of which a copy and a new photograph hardly differ.
PHOTOS = (
    Photo("astronaut.png", "astronaut"),
    Photo("brick.png", "brick", colour=False),
    Photo("camera.png", "camera", colour=False),
    Photo("chelsea.png", "chelsea"),
    Photo("china.jpg", "china", package="sklearn"),
    Photo("coffee.png", "coffee"),
    Photo("coins.png", "coins", colour=False),
    Photo("flower.jpg", "flower", package="sklearn"),
    Photo("grass.png", "grass", colour=False),
    Photo("gravel.png", "gravel", colour=False),
    Photo("hubble_deep_field.jpg", "hubble"),
    Photo("ihc.png", "ihc"),
    Photo("moon.png", "moon", colour=False),
    Photo("motorcycle_left.png", "motorcycle"),
    Photo("motorcycle_right.png", "motorcycle"),
    Photo("retina.jpg", "retina"),
    Photo("rocket.jpg", "rocket"),
)


@lru_cache(maxsize=4)
def load(photo: Photo) -> np.ndarray:
    """uint8 (H, W, 3), read from the installed package's own folder. Raises InputError where it is missing."""
    spec = find_spec(photo.package)
    path = Path(spec.origin).parent / FOLDERS[photo.package] / photo.file if spec and spec.origin else None
    if path is None or not path.is_file():
        raise InputError(f"{photo.package} is installed without its photograph {photo.file}; install it again.")
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def usable(side: int) -> list[Photo]:
    """Photographs large enough for a square of `side` pixels without up-scaling."""
    return [p for p in PHOTOS if min(load(p).shape[:2]) >= side]


def cut(photo: Photo, side: int, rng: np.random.Generator) -> np.ndarray:
    """A random square, uint8 (side, side, 3): native or scaled down (anti-aliased), mirrored half of the time.

    Never scaled up: that leaves traces of its own.
    """
    pixels = load(photo)
    height, width = pixels.shape[:2]
    least = max(SMALLEST_SCALE, side / min(height, width))
    scale = min(1.0, float(np.exp(rng.uniform(np.log(least), 0.15))))
    window = min(round(side / scale), height, width)
    top, left = int(rng.integers(height - window + 1)), int(rng.integers(width - window + 1))
    piece = pixels[top : top + window, left : left + window]
    if window != side:
        piece = np.asarray(Image.fromarray(piece).resize((side, side), Image.Resampling.BICUBIC))
    return np.ascontiguousarray(piece[:, ::-1] if rng.random() < 0.5 else piece)
