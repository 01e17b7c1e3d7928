"""Samples: photographs with camera EXIF, of the demo's test split, double-compressed, with copy-move, and spliced."""

from __future__ import annotations

import numpy as np
from PIL import Image

from cgid.data.demo.camera import CAMERAS, exif, expose
from cgid.forensics.samples.embed import with_location, with_thumbnail
from cgid.forensics.samples.gallery import first_demo_image
from cgid.forensics.samples.sample import Sample, load_photograph
from cgid.imaging.jpeg_encode import encode, reencode

ISO = 200
LOCATION = (28.5619, -80.5774)  # of the launch pad in the photograph
THUMBNAIL = 160  # px, as DCF (the file system standard of cameras) requires


def _make_camera() -> bytes:
    rng = np.random.default_rng(7)
    scene = load_photograph("rocket.jpg")
    scene = scene[: scene.shape[0] // 2 * 2, : scene.shape[1] // 2 * 2]
    pixels = expose(scene, CAMERAS[0], ISO, True, rng)
    size = (pixels.shape[1], pixels.shape[0])
    small = np.asarray(Image.fromarray(pixels).resize((THUMBNAIL, round(THUMBNAIL * size[1] / size[0]))))
    tags = with_location(exif(CAMERAS[0], ISO, size[0], rng), *LOCATION, size)
    return encode(pixels, 93, "4:2:2", with_thumbnail(tags, encode(small, 75)))


CAMERA = Sample(
    name="camera",
    title="Camera photo",
    shows="A photograph from a simulated camera, with settings, location and thumbnail in the file.",
    suffix=".jpg",
    make=_make_camera,
    order=10,
    filters=("cfa",),
)


DEMO_PHOTO = Sample(
    name="demo_photo",
    title="Demo photo",
    shows="A photograph from a simulated camera in the demo's test split; the demo's models were not trained on it.",
    suffix=".jpg",
    make=lambda: first_demo_image("real"),
    order=1,
    cacheable=False,
)


FIRST_QUALITY, SECOND_QUALITY = 60, 92


def _make_saved_twice() -> bytes:
    return encode(reencode(load_photograph("coffee.png"), FIRST_QUALITY), SECOND_QUALITY)


SAVED_TWICE = Sample(
    name="saved_twice",
    title="Double compression",
    shows=f"Saved as JPEG at quality {FIRST_QUALITY}, then at {SECOND_QUALITY}: the first compression can still be detected.",
    suffix=".jpg",
    make=_make_saved_twice,
    order=30,
    filters=("dct_histograms", "ghost"),
)


COPIED_SIDE = 90  # px of the copied region
COPIED_FROM, COPIED_TO = (370, 60), (250, 480)  # row, column


def _make_copied() -> bytes:
    scene = load_photograph("hubble_deep_field.jpg").copy()
    part = scene[COPIED_FROM[0] : COPIED_FROM[0] + COPIED_SIDE, COPIED_FROM[1] : COPIED_FROM[1] + COPIED_SIDE]
    scene[COPIED_TO[0] : COPIED_TO[0] + COPIED_SIDE, COPIED_TO[1] : COPIED_TO[1] + COPIED_SIDE] = part
    return encode(scene, 92)


COPIED = Sample(
    name="copied",
    title="Cloned region",
    shows="A region of sky with its galaxies appears twice: copy-move detection finds the pair.",
    suffix=".jpg",
    make=_make_copied,
    order=50,
    filters=("copy_move", "copy_move_blocks"),
)


BACKGROUND_QUALITY, SPLICED_QUALITY = 65, 95
SPLICED_FROM, SPLICED_TO = (195, 325), (300, 190)  # row, column of the cup's centre in source and target
SPLICED_HALF_HEIGHT, SPLICED_HALF_WIDTH = 110, 130  # px, half of the pasted oval


def _make_spliced() -> bytes:
    """The cup was never compressed before, its surroundings were: ghost, error level and noise reveal the difference."""
    scene = reencode(load_photograph("motorcycle_left.png"), BACKGROUND_QUALITY).copy()
    rows, columns = np.mgrid[-SPLICED_HALF_HEIGHT:SPLICED_HALF_HEIGHT, -SPLICED_HALF_WIDTH:SPLICED_HALF_WIDTH]
    inside = (rows / SPLICED_HALF_HEIGHT) ** 2 + (columns / SPLICED_HALF_WIDTH) ** 2 < 1
    box_around(scene, SPLICED_TO)[inside] = box_around(load_photograph("coffee.png"), SPLICED_FROM)[inside]
    return encode(scene, SPLICED_QUALITY)


def box_around(pixels: np.ndarray, centre: tuple[int, int]) -> np.ndarray:
    """View of the box with that centre, uint8 (2 * SPLICED_HALF_HEIGHT, 2 * SPLICED_HALF_WIDTH, 3)."""
    return pixels[
        centre[0] - SPLICED_HALF_HEIGHT : centre[0] + SPLICED_HALF_HEIGHT,
        centre[1] - SPLICED_HALF_WIDTH : centre[1] + SPLICED_HALF_WIDTH,
    ]


SPLICED = Sample(
    name="spliced",
    title="Spliced image",
    shows="A coffee cup pasted from another image; the two parts have different compression histories.",
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
