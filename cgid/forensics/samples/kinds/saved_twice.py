"""Sample: a photograph that was saved as JPEG twice, so that it carries the traces of its first life."""

from __future__ import annotations

from cgid.forensics.samples.sample import Sample
from cgid.forensics.samples.scenes import photograph
from cgid.imaging.jpeg_encode import encode, reencode

FORMER, LATTER = 60, 92


def _make() -> bytes:
    return encode(reencode(photograph("coffee.png"), FORMER), LATTER)


SAMPLE = Sample(
    name="saved_twice",
    title="Saved twice",
    shows=f"Saved as JPEG at quality {FORMER}, then at {LATTER}: the first saving can still be seen.",
    suffix=".jpg",
    make=_make,
    order=30,
    filters=("dct_histograms", "ghost"),
)
