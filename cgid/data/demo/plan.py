"""Which images a demo set consists of: drawn once from the seed, before any pixel is made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cgid.data.demo.autoencoder import KINDS
from cgid.data.demo.sources import Photo, usable
from cgid.errors import InputError

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
