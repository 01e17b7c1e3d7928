"""Sample: a photograph as a camera delivers it, with settings, place and thumbnail in the file.

Sample: a photograph of the embedded demo's test split, which no model learned from.

Sample: a photograph that was saved as JPEG twice, so that it carries the traces of its first life.

Sample: a part of a photograph copied over another place of the same photograph.

Sample: something from another picture pasted into a photograph, which was then saved once more.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from cgid.data.demo.camera import CAMERAS, exif, expose
from cgid.forensics.samples.embed import with_place, with_thumbnail
from cgid.forensics.samples.gallery import first_of
from cgid.forensics.samples.sample import Sample, photograph
from cgid.imaging.jpeg_encode import encode, reencode

ISO = 200
PLACE = (28.5619, -80.5774)  # the launch pad in the picture
THUMBNAIL = 160  # px, as the Exif standard's DCF rules have it


def _make() -> bytes:
    rng = np.random.default_rng(7)
    scene = photograph("rocket.jpg")
    scene = scene[: scene.shape[0] // 2 * 2, : scene.shape[1] // 2 * 2]
    pixels = expose(scene, CAMERAS[0], ISO, True, rng)
    size = (pixels.shape[1], pixels.shape[0])
    small = np.asarray(Image.fromarray(pixels).resize((THUMBNAIL, round(THUMBNAIL * size[1] / size[0]))))
    tags = with_place(exif(CAMERAS[0], ISO, size[0], rng), *PLACE, size)
    return encode(pixels, 93, "4:2:2", with_thumbnail(tags, encode(small, 75)))


CAMERA = Sample(
    name="camera",
    title="Camera photo",
    shows="A photograph through a simulated camera: settings, place and thumbnail are in the file.",
    suffix=".jpg",
    make=_make,
    order=10,
    filters=("cfa",),
)


DEMO_PHOTO = Sample(
    name="demo_photo",
    title="Demo photo",
    shows="A simulated camera's picture of the demo's test set: the demo's models have not seen it.",
    suffix=".jpg",
    make=lambda: first_of("real"),
    order=1,
    kept=False,
)


FORMER, LATTER = 60, 92


def _make_saved_twice() -> bytes:
    return encode(reencode(photograph("coffee.png"), FORMER), LATTER)


SAVED_TWICE = Sample(
    name="saved_twice",
    title="Saved twice",
    shows=f"Saved as JPEG at quality {FORMER}, then at {LATTER}: the first saving can still be seen.",
    suffix=".jpg",
    make=_make_saved_twice,
    order=30,
    filters=("dct_histograms", "ghost"),
)


SIDE = 90  # px of the copied part
FROM, TO = (370, 60), (250, 480)  # row, column


def _make_copied() -> bytes:
    scene = photograph("hubble_deep_field.jpg").copy()
    part = scene[FROM[0] : FROM[0] + SIDE, FROM[1] : FROM[1] + SIDE]
    scene[TO[0] : TO[0] + SIDE, TO[1] : TO[1] + SIDE] = part
    return encode(scene, 92)


COPIED = Sample(
    name="copied",
    title="Cloned part",
    shows="A piece of sky with its galaxies stands in two places: the search for copies finds the pair.",
    suffix=".jpg",
    make=_make_copied,
    order=50,
    filters=("copy_move", "copy_move_blocks"),
)


BACKGROUND_QUALITY, SPLICED_QUALITY = 65, 95
SPLICED_FROM, SPLICED_TO = (195, 325), (300, 190)  # row, column of the cup's middle, there and here
HEIGHT, WIDTH = 110, 130  # px, half of the pasted oval


def _make_spliced() -> bytes:
    """The cup was never compressed before, the workshop around it was: that is what ghost, ELA and noise find."""
    scene = reencode(photograph("motorcycle_left.png"), BACKGROUND_QUALITY).copy()
    rows, columns = np.mgrid[-HEIGHT:HEIGHT, -WIDTH:WIDTH]
    inside = (rows / HEIGHT) ** 2 + (columns / WIDTH) ** 2 < 1
    around(scene, SPLICED_TO)[inside] = around(photograph("coffee.png"), SPLICED_FROM)[inside]
    return encode(scene, SPLICED_QUALITY)


def around(pixels: np.ndarray, middle: tuple[int, int]) -> np.ndarray:
    """View of the box with that middle."""
    return pixels[middle[0] - HEIGHT : middle[0] + HEIGHT, middle[1] - WIDTH : middle[1] + WIDTH]


SPLICED = Sample(
    name="spliced",
    title="Spliced copy",
    shows="A coffee cup pasted from another picture; the parts were not saved alike.",
    suffix=".jpg",
    make=_make_spliced,
    order=40,
    filters=("ghost", "double_quantisation_map", "error_level"),
)

SAMPLES = (
    CAMERA,
    DEMO_PHOTO,
    SAVED_TWICE,
    COPIED,
    SPLICED,
)
