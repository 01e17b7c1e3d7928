"""Plan of a demo set: all images, sampled from the seed before any pixel is computed.

The demo images are crops of photographs that ship with scikit-image and scikit-learn.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

from cgid.data.demo.autoencoder import KINDS
from cgid.errors import InputError

FOLDERS = {"skimage": "data", "sklearn": "datasets/images"}
SMALLEST_SCALE = 0.4


@dataclass(frozen=True, slots=True)
class Photo:
    """One photograph. group: images of one scene share it. colour: False = stored as grey."""

    file: str
    group: str
    colour: bool = True
    package: str = "skimage"


# Charts, text, logos and drawings of the two packages are excluded: they are not photographs. So are two images
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


def random_crop(photo: Photo, side: int, rng: np.random.Generator) -> np.ndarray:
    """A random square, uint8 (side, side, 3): native or scaled down (anti-aliased), mirrored half of the time.

    Never scaled up, which would leave traces of its own.
    """
    pixels = load(photo)
    height, width = pixels.shape[:2]
    min_scale = max(SMALLEST_SCALE, side / min(height, width))
    scale = min(1.0, float(np.exp(rng.uniform(np.log(min_scale), 0.15))))
    window = min(round(side / scale), height, width)
    top, left = int(rng.integers(height - window + 1)), int(rng.integers(width - window + 1))
    crop = pixels[top : top + window, left : left + window]
    if window != side:
        crop = np.asarray(Image.fromarray(crop).resize((side, side), Image.Resampling.BICUBIC))
    return np.ascontiguousarray(crop[:, ::-1] if rng.random() < 0.5 else crop)


GENERATORS = (*KINDS, "sim_render")
SIDE_RANGE = (32, 288)
MIN_IMAGES = 12  # images: fewer leave a generator or a class empty
QUALITY = (80, 96)
MONOCHROME = 0.35  # fraction of the crops of colour photographs: grey must not identify the few grey photographs


@dataclass(frozen=True, slots=True)
class DemoImage:
    """One demo image, created in both versions.

    maker: `real` or a simulated generator. number: within its maker. photo: source of the crop (None: a render).
    colour: False = monochrome. quality: of the JPEG in `matched`.
    """

    maker: str
    number: int
    photo: Photo | None
    colour: bool
    quality: int

    @property
    def label(self) -> str:
        return "real" if self.maker == "real" else "ai"

    @property
    def group(self) -> str:
        """Source photograph, shared by its auto-encoded copies; every render is a scene of its own."""
        return f"photo_{self.photo.group}" if self.photo else f"scene_{self.number:05d}"

    @property
    def folder(self) -> str:
        return "real" if self.maker == "real" else f"ai/{self.maker}"


def margin(size: int) -> int:
    """Pixels created beyond `size`, so that a random crop shifts every grid; sides stay multiples of 8."""
    return 24 - size % 8


def plan_images(count: int, size: int, seed: int) -> list[DemoImage]:
    """All images, half real; the AI half in equal parts per generator. Raises InputError on impossible parameters.

    Both classes get the same mix of photographs, of grey and colour, and of JPEG qualities.
    """
    if not SIDE_RANGE[0] <= size <= SIDE_RANGE[1]:
        raise InputError(
            f"Demo images of {size} px cannot be created; `size` must be from {SIDE_RANGE[0]} to {SIDE_RANGE[1]}."
        )
    if count < MIN_IMAGES:
        raise InputError(f"A demo set of {count} images is too small; `count` must be at least {MIN_IMAGES}.")
    photos = usable(size + margin(size))
    ai = count // 2
    counts = {"real": count - ai}
    counts |= {g: ai // 3 + (k < ai % 3) for k, g in enumerate(GENERATORS)}
    images = []
    for code, (maker, count_of_maker) in enumerate(counts.items()):
        rng = np.random.default_rng([seed, 100, code])
        chosen = [photos[i] for i in _sample_photos(photos, count_of_maker, rng)]
        # Sampled at random, not evenly: classes that match too well would put a cross-validated probe below chance level.
        qualities = rng.integers(QUALITY[0], QUALITY[1] + 1, count_of_maker)
        monochrome = rng.permutation(np.arange(count_of_maker) < MONOCHROME * count_of_maker)
        for number, (photo, quality) in enumerate(zip(chosen, qualities)):
            source_photo = None if maker == "sim_render" else photo
            colour = photo.colour and not monochrome[number]
            images.append(DemoImage(maker, number, source_photo, colour, int(quality)))
    return images


def _sample_photos(photos: list[Photo], count: int, rng: np.random.Generator) -> np.ndarray:
    """`several` indices, groups of photographs equally often: grey ones half as often as colour ones."""
    sharing = {g: sum(p.group == g for p in photos) for g in {p.group for p in photos}}
    weight = np.array([(1.0 if p.colour else 0.5) / sharing[p.group] for p in photos])
    ends = np.cumsum(weight) / weight.sum()
    positions = (np.arange(count) + rng.random()) / count
    return rng.permutation(np.searchsorted(ends, positions, side="right").clip(max=len(photos) - 1))
