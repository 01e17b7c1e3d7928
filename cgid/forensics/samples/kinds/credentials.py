"""Samples: valid content credentials that declare AI, and credentials transferred to a changed image."""

from __future__ import annotations

from cgid.forensics.samples.embed import sign_as_ai
from cgid.forensics.samples.sample import Sample, decode, render_scene
from cgid.imaging.jpeg_encode import encode


def _make_signed() -> bytes:
    return sign_as_ai(encode(render_scene(0), 92), "image/jpeg", "sample_signed.jpg")


SIGNED = Sample(
    name="signed",
    title="Signed as AI",
    shows="Valid content credentials declare AI; the signature is real, its certificate was created here.",
    suffix=".jpg",
    make=_make_signed,
    order=80,
)


_APP11 = b"\xff\xeb"


def _make_forged() -> bytes:
    original = _make_signed()
    pixels = decode(original).copy()
    pixels[20:60, 20:60] = (200, 30, 30)
    changed = encode(pixels, 92)
    end = 4 + int.from_bytes(changed[4:6], "big")  # after the first segment, JFIF
    return changed[:end] + _credentials(original) + changed[end:]


def _credentials(data: bytes) -> bytes:
    """The APP11 segments of a JPEG, unchanged."""
    segments, position = b"", 2
    while data[position : position + 1] == b"\xff" and data[position + 1] != 0xDA:
        end = position + 2 + int.from_bytes(data[position + 2 : position + 4], "big")
        segments += data[position:end] if data[position : position + 2] == _APP11 else b""
        position = end
    return segments


FORGED = Sample(
    name="forged",
    title="Credentials that do not match",
    shows="A red square was painted in after signing: the credentials do not match the image and do not count.",
    suffix=".jpg",
    make=_make_forged,
    order=90,
)

SAMPLES = (
    SIGNED,
    FORGED,
)
