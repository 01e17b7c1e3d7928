"""Sample: a picture whose intact content credentials declare that AI made it.

Sample: the credentials of one picture carried over to a changed one, so that they do not fit.
"""

from __future__ import annotations

from cgid.forensics.samples.embed import signed
from cgid.forensics.samples.sample import Sample, decoded, rendered
from cgid.imaging.jpeg_encode import encode


def _make() -> bytes:
    return signed(encode(rendered(0), 92), "image/jpeg", "sample_signed.jpg")


SIGNED = Sample(
    name="signed",
    title="Signed as AI",
    shows="Content credentials that fit the picture declare AI; the signature is real, its certificate made here.",
    suffix=".jpg",
    make=_make,
    order=80,
)


_APP11 = b"\xff\xeb"


def _make_forged() -> bytes:
    original = SIGNED.make()
    pixels = decoded(original).copy()
    pixels[20:60, 20:60] = (200, 30, 30)
    changed = encode(pixels, 92)
    end = 4 + int.from_bytes(changed[4:6], "big")  # after the first segment, JFIF
    return changed[:end] + _credentials(original) + changed[end:]


def _credentials(data: bytes) -> bytes:
    """The APP11 segments of a JPEG, as they stand."""
    found, at = b"", 2
    while data[at : at + 1] == b"\xff" and data[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        found += data[at:end] if data[at : at + 2] == _APP11 else b""
        at = end
    return found


FORGED = Sample(
    name="forged",
    title="Credentials that do not fit",
    shows="A red square was painted in after signing: the credentials belong to another picture and count for nothing.",
    suffix=".jpg",
    make=_make_forged,
    order=90,
)

SAMPLES = (
    SIGNED,
    FORGED,
)
