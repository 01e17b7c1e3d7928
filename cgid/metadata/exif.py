"""EXIF tags as plain values by name. Broken blocks yield what can be read; nothing raises."""

from __future__ import annotations

import math
import re
from datetime import datetime
from typing import Any

from PIL import ExifTags

from cgid.imaging.image_file import ImageFile

_BLOCKS = {"exif": ExifTags.IFD.Exif, "gps": ExifTags.IFD.GPSInfo, "thumbnail": ExifTags.IFD.IFD1}
MAX_VALUE_LENGTH = 65_536
# Tags that describe how a TIFF stores its pixels are not metadata about the image.
_STRUCTURE = {ExifTags.TAGS.get(n, f"tag {n}") for n in (*range(254, 260), 262, 266, 273, *range(277, 280), 282, 283)}
_STRUCTURE |= {ExifTags.TAGS.get(n, f"tag {n}") for n in (284, 296, 297, *range(317, 326), 330, 338, 339, 347)}
_STRUCTURE |= {ExifTags.TAGS.get(n, f"tag {n}") for n in (*range(512, 533), 700, 33723, 34377, 34675)}
_DATE = re.compile(r"(\d{4})[:\-/.](\d{2})[:\-/.](\d{2})[ T](\d{2}):(\d{2}):(\d{2})")


def tags(image: ImageFile) -> dict[str, Any]:
    """{tag name: value} of the main and the Exif block. Text is stripped; values longer than 64 KiB are truncated."""
    if image.format != "TIFF" and not any(image.info.get(k) for k in ("exif", "Raw profile type exif")):
        return {}  # Pillow adds an orientation from XMP to the EXIF tags
    values = {ExifTags.TAGS.get(tag, f"tag {tag}"): value for tag, value in _items(image.exif)}
    values |= {ExifTags.TAGS.get(tag, f"tag {tag}"): value for tag, value in ifd(image, "exif").items()}
    if image.format == "TIFF":
        values = {k: v for k, v in values.items() if k not in _STRUCTURE}
    for pointer in ("ExifOffset", "GPSInfo", "ExifInteroperabilityOffset"):
        values.pop(pointer, None)
    return values


def ifd(image: ImageFile, name: str) -> dict[int, Any]:
    """Tags by number of the `exif`, `gps` or `thumbnail` block; empty where absent or broken."""
    try:
        block = image.exif.get_ifd(_BLOCKS[name])
    except Exception:  # Pillow raises many kinds of errors on broken blocks, which count as absent
        return {}
    return dict(_items(block))


def _items(source: Any) -> list[tuple[int, Any]]:
    items = []
    for tag in list(source):
        try:
            items.append((tag, _plain(source[tag])))
        except Exception:  # an unreadable tag does not affect the others
            continue
    return items


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value[:MAX_VALUE_LENGTH]
    if isinstance(value, str):
        return value[:MAX_VALUE_LENGTH].strip("\0 \t\r\n")
    return value


def user_comment(raw: Any) -> str:
    """EXIF UserComment as text; its first eight bytes name the encoding (EXIF 2.32, 4.6.5)."""
    if isinstance(raw, str):
        return raw
    if not isinstance(raw, bytes):
        return ""
    code, body = raw[:8], raw[8:]
    if code.startswith(b"UNICODE"):
        # The standard leaves the byte order open: in Latin text the high bytes are zero.
        little = body[1:64:2].count(0) >= body[0:64:2].count(0)
        return body.decode("utf-16-le" if little else "utf-16-be", "replace").strip("\0 ")
    return (
        (body if code in (b"ASCII\0\0\0", bytes(8), b"JIS\0\0\0\0\0") else raw).decode("utf-8", "replace").strip("\0 ")
    )


def apex_gap(values: dict[str, Any]) -> float:
    """Difference in stops between exposure values and their APEX values, the larger of the two; NaN if not both are
    given.

    APEX: Tv = -log2(t), Av = 2 log2(f) (EXIF 2.32, annex C).
    """
    time, aperture = to_number(values.get("ExposureTime")), to_number(values.get("FNumber"))
    tv, av = to_number(values.get("ShutterSpeedValue")), to_number(values.get("ApertureValue"))
    gaps = []
    if time and tv and time > 0:
        gaps.append(abs(tv + math.log2(time)))
    if aperture and av and aperture > 0:
        gaps.append(abs(av - 2 * math.log2(aperture)))
    return max(gaps, default=math.nan)


def gps_position(gps: dict[int, Any]) -> tuple[float, float] | None:
    """(latitude, longitude) in degrees, south and west negative, of a GPS block; None if missing or impossible."""
    coordinates = []
    for reference, tag, limit, negative in ((1, 2, 90, "S"), (3, 4, 180, "W")):
        parts = gps.get(tag)
        parts = [to_number(p) for p in parts[:3]] if isinstance(parts, tuple | list) else []
        if not parts or any(p is None or p < 0 for p in parts):
            return None
        degrees = sum(p / 60**i for i, p in enumerate(parts))
        if degrees > limit or max(parts[1:], default=0) > 60:
            return None
        coordinates.append(-degrees if str(gps.get(reference, "")).upper().startswith(negative) else degrees)
    return coordinates[0], coordinates[1]


def to_number(value: Any) -> float | None:
    """A finite number from an EXIF rational, integer or text; None otherwise."""
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return number if abs(number) < 1e12 else None  # false for NaN too


def parse_date(value: Any) -> datetime | None:
    """An EXIF date and time; None if missing, blank or impossible."""
    match = _DATE.match(value) if isinstance(value, str) else None
    try:
        if match is None:
            return None
        year, month, day, hour, minute, second = map(int, match.groups())
        return datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None
