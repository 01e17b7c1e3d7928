"""Sample: a picture whose intact content credentials declare that AI made it."""

from __future__ import annotations

from cgid.forensics.samples.sample import Sample
from cgid.forensics.samples.scenes import rendered
from cgid.forensics.samples.signing import signed
from cgid.imaging.jpeg_encode import encode


def _make() -> bytes:
    return signed(encode(rendered(0), 92), "image/jpeg", "sample_signed.jpg")


SAMPLE = Sample(
    name="signed",
    title="Signed as AI",
    shows="Content credentials that fit the picture declare AI; the signature is real, its certificate made here.",
    suffix=".jpg",
    make=_make,
    order=80,
)
