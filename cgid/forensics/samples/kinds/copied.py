"""Sample: a part of a photograph copied over another place of the same photograph."""

from __future__ import annotations

from cgid.forensics.samples.sample import Sample
from cgid.forensics.samples.scenes import photograph
from cgid.imaging.jpeg_encode import encode

SIDE = 90  # px of the copied part
FROM, TO = (370, 60), (250, 480)  # row, column


def _make() -> bytes:
    scene = photograph("hubble_deep_field.jpg").copy()
    part = scene[FROM[0] : FROM[0] + SIDE, FROM[1] : FROM[1] + SIDE]
    scene[TO[0] : TO[0] + SIDE, TO[1] : TO[1] + SIDE] = part
    return encode(scene, 92)


SAMPLE = Sample(
    name="copied",
    title="Cloned part",
    shows="A piece of sky with its galaxies stands in two places: the search for copies finds the pair.",
    suffix=".jpg",
    make=_make,
    order=50,
    filters=("copy_move", "copy_move_blocks"),
)
