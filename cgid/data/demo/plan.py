"""Which images a demo set consists of: drawn once from the seed, before any pixel is made.

Photographs that ship inside scikit-image and scikit-learn: what the demo images are cut from.
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


GENERATORS = (*KINDS, "sim_render")
SIDES = (32, 288)
LEAST = 12  # images: fewer leave a generator or a class empty
QUALITY = (80, 96)
MONOCHROME = 0.35  # of the shots of colour photographs: grey must not mean "one of the few grey photographs"


@dataclass(frozen=True, slots=True)
class Shot:
    """One image to make, in both versions.

    maker: `real` or a simulated generator. number: within its maker. photo: what it is cut from (None: a render).
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
    """Pixels made beyond `size`, so that a random crop moves every grid; sides stay multiples of 8."""
    return 24 - size % 8


def draw(count: int, size: int, seed: int) -> list[Shot]:
    """All shots, half real; the AI half in equal parts per generator. Raises InputError on an impossible wish.

    Both sides get the same mix of photographs, of grey and colour, and of JPEG qualities.
    """
    if not SIDES[0] <= size <= SIDES[1]:
        raise InputError(f"Demo images of {size} px cannot be made; `size` goes from {SIDES[0]} to {SIDES[1]}.")
    if count < LEAST:
        raise InputError(f"A demo set of {count} images is too small; `count` must be at least {LEAST}.")
    photos = usable(size + margin(size))
    ai = count // 2
    parts = {"real": count - ai}
    parts |= {g: ai // 3 + (k < ai % 3) for k, g in enumerate(GENERATORS)}
    shots = []
    for code, (maker, several) in enumerate(parts.items()):
        rng = np.random.default_rng([seed, 100, code])
        chosen = [photos[i] for i in _deal(photos, several, rng)]
        # Drawn, not dealt out evenly: sides that match too well would make a cross-validated probe guess below chance.
        qualities = rng.integers(QUALITY[0], QUALITY[1] + 1, several)
        monochrome = rng.permutation(np.arange(several) < MONOCHROME * several)
        for number, (photo, quality) in enumerate(zip(chosen, qualities)):
            own = None if maker == "sim_render" else photo
            colour = photo.colour and not monochrome[number]
            shots.append(Shot(maker, number, own, colour, int(quality)))
    return shots


def _deal(photos: list[Photo], several: int, rng: np.random.Generator) -> np.ndarray:
    """`several` indexes, each group of photographs in its share: grey ones half as often as colour ones."""
    sharing = {g: sum(p.group == g for p in photos) for g in {p.group for p in photos}}
    weight = np.array([(1.0 if p.colour else 0.5) / sharing[p.group] for p in photos])
    ends = np.cumsum(weight) / weight.sum()
    places = (np.arange(several) + rng.random()) / several
    return rng.permutation(np.searchsorted(ends, places, side="right").clip(max=len(photos) - 1))
