"""Sample: a photograph as a camera delivers it, with settings, place and thumbnail in the file."""

from __future__ import annotations

import numpy as np
from PIL import Image

from cgid.data.demo.camera import CAMERAS, exif, expose
from cgid.forensics.samples.camera_exif import with_place, with_thumbnail
from cgid.forensics.samples.sample import Sample
from cgid.forensics.samples.scenes import photograph
from cgid.imaging.jpeg_encode import encode

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


SAMPLE = Sample(
    name="camera",
    title="Camera photo",
    shows="A photograph through a simulated camera: settings, place and thumbnail are in the file.",
    suffix=".jpg",
    make=_make,
    order=10,
    filters=("cfa",),
)
