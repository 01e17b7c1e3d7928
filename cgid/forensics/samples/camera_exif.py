"""EXIF as a camera writes it, with place and thumbnail: the simulated camera of the demo, completed.

Pillow writes no thumbnail, so its directory (IFD1) is appended to the TIFF structure by hand.
Source: CIPA DC-008 (Exif 2.32), 4.5.4 and 4.6.6; TIFF 6.0, section 2.
"""

from __future__ import annotations

import struct

from PIL import Image, TiffImagePlugin

_SHORT, _LONG = 3, 4


def with_place(exif: bytes, latitude: float, longitude: float, size: tuple[int, int]) -> bytes:
    """The same EXIF with a GPS position in degrees (north and east positive) and the picture's (width, height)."""
    tags = Image.Exif()
    tags.load(exif)
    detail = tags.get_ifd(0x8769)
    detail[0xA002], detail[0xA003] = size
    place = tags.get_ifd(0x8825)
    place[1], place[2] = "N" if latitude >= 0 else "S", _degrees(latitude)
    place[3], place[4] = "E" if longitude >= 0 else "W", _degrees(longitude)
    tags[0x8769], tags[0x8825] = dict(detail), dict(place)
    return tags.tobytes()


def _degrees(value: float) -> tuple[TiffImagePlugin.IFDRational, ...]:
    """Degrees, minutes, seconds, to a hundredth of a second."""
    hundredths = round(abs(value) * 360_000)
    degrees, rest = divmod(hundredths, 360_000)
    minutes, seconds = divmod(rest, 6_000)
    return tuple(TiffImagePlugin.IFDRational(*part) for part in ((degrees, 1), (minutes, 1), (seconds, 100)))


def with_thumbnail(exif: bytes, thumbnail: bytes) -> bytes:
    """The same EXIF with a JPEG thumbnail in IFD1. exif: with or without its `Exif` header, and without an IFD1."""
    tiff = bytearray(exif.removeprefix(b"Exif\0\0"))
    order = "<" if tiff[:2] == b"II" else ">"
    first = struct.unpack_from(order + "L", tiff, 4)[0]
    entries = struct.unpack_from(order + "H", tiff, first)[0]
    tiff += b"\0" * (len(tiff) % 2)
    struct.pack_into(order + "L", tiff, first + 2 + 12 * entries, len(tiff))
    fields = ((0x0103, _SHORT, 6), (0x0201, _LONG, len(tiff) + 2 + 12 * 3 + 4), (0x0202, _LONG, len(thumbnail)))
    tiff += struct.pack(order + "H", len(fields))
    for tag, kind, value in fields:
        held = struct.pack(order + "HH", value, 0) if kind == _SHORT else struct.pack(order + "L", value)
        tiff += struct.pack(order + "HHL", tag, kind, 1) + held
    tiff += struct.pack(order + "L", 0) + thumbnail
    return b"Exif\0\0" + bytes(tiff)
