"""Metadata made to cost much: every file is answered soon, in a bounded number of traces and in lines fit to be shown."""

from __future__ import annotations

import io
import struct
import time
import zlib

import pytest
from PIL import Image

from cgid.features.group import extract
from cgid.features.registry import select_groups
from cgid.forensics.provenance.summary import provenance
from cgid.imaging.image_file import ImageFile

GROUPS = select_groups("container,metadata,c2pa,watermark")
SECONDS = 5.0


def png(*parts: tuple[bytes, bytes], times: int = 1) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress((b"\0" + b"\7" * 24) * 8))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunk(*p) for p in parts) * times + pixels + chunk(b"IEND", b"")


def jpeg(marker: int, body: bytes, times: int = 1) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (16, 16)).save(buffer, "JPEG")
    plain = buffer.getvalue()
    segment = b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body
    return plain[:2] + segment * times + plain[2:]


LOOP = b"Exif\0\0II*\0\x08\0\0\0" + b"\xff\xff" + b"\x69\x87\x04\0\1\0\0\0\x08\0\0\0" * 5000
CASES = {
    "sixty thousand markers": lambda: png((b"tEXt", b"fooocus_scheme\0x"), times=60_000),
    "sixty thousand objects": lambda: png((b"tEXt", b'parameters\0{"sui_image_params":{}}'), times=60_000),
    "deep brackets": lambda: png((b"tEXt", b"prompt\0" + b'{"a":' * 800_000)),
    "many lists": lambda: png((b"tEXt", b'prompt\0{"a":[' + b"[]," * 340_000 + b"[]]}")),
    "many first halves of a pattern": lambda: png((b"tEXt", b"parameters\0" + b"Steps: 1, " * 200_000)),
    "credentials of nothing": lambda: png((b"caBX", b"\0\0\xff\xffjumb" + bytes(5_000_000))),
    "credentials repeated": lambda: jpeg(0xEB, b"JP\0\1\0\0\0\1\0\0\xff\xffjumb" + bytes(60_000), times=300),
    "comments": lambda: jpeg(0xFE, b"Steps: 1, ", times=19_000),
    "a packet of lists": lambda: jpeg(
        0xE1, b"http://ns.adobe.com/xap/1.0/\0<a>" + b'<li>{"c":1}</li>' * 3000 + b"</a>"
    ),
    "a record of empty fields": lambda: jpeg(
        0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", 60_000) + b"\x1c\x02\x6e\0\0" * 12_000
    ),
    "an EXIF block that leads into itself": lambda: jpeg(0xE1, LOOP),
}


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", CASES)
def test_costly_metadata_is_answered_soon(name: str) -> None:
    data = CASES[name]()
    started = time.process_time()
    image = ImageFile.from_bytes(data, "x")
    _, problems = extract(image, GROUPS)
    said = provenance(image)
    assert time.process_time() - started < SECONDS
    assert problems == {}
    assert len(said["traces"]) <= 1000
    assert all(len(s) <= 200 and s.isprintable() for s in said["statements"])
