"""Sample: something from another picture pasted into a photograph, which was then saved once more."""

from __future__ import annotations

import numpy as np

from cgid.forensics.samples.sample import Sample
from cgid.forensics.samples.scenes import photograph
from cgid.imaging.jpeg_encode import encode, reencode

FORMER, LATTER = 65, 95
FROM, TO = (195, 325), (300, 190)  # row, column of the cup's middle, there and here
HEIGHT, WIDTH = 110, 130  # px, half of the pasted oval


def _make() -> bytes:
    """The cup was never compressed before, the workshop around it was: that is what ghost, ELA and noise find."""
    scene = reencode(photograph("motorcycle_left.png"), FORMER).copy()
    rows, columns = np.mgrid[-HEIGHT:HEIGHT, -WIDTH:WIDTH]
    inside = (rows / HEIGHT) ** 2 + (columns / WIDTH) ** 2 < 1
    around(scene, TO)[inside] = around(photograph("coffee.png"), FROM)[inside]
    return encode(scene, LATTER)


def around(pixels: np.ndarray, middle: tuple[int, int]) -> np.ndarray:
    """View of the box with that middle."""
    return pixels[middle[0] - HEIGHT : middle[0] + HEIGHT, middle[1] - WIDTH : middle[1] + WIDTH]


SAMPLE = Sample(
    name="spliced",
    title="Spliced copy",
    shows="A coffee cup pasted from another picture; the parts were not saved alike.",
    suffix=".jpg",
    make=_make,
    order=40,
    filters=("ghost", "double_quantisation_map", "error_level"),
)
