"""What EXIF says, as plain values by tag name. Broken blocks give what could be read; nothing raises."""

from __future__ import annotations

import math
import re
from datetime import datetime
from typing import Any

from PIL import ExifTags

from cgid.imaging.image_file import ImageFile

_BLOCKS = {"exif": ExifTags.IFD.Exif, "gps": ExifTags.IFD.GPSInfo, "thumbnail": ExifTags.IFD.IFD1}
LONGEST = 65_536
# How a TIFF stores its pixels lies in the same list of tags; it is no statement about the picture.
_STRUCTURE = {ExifTags.TAGS.get(n, f"tag {n}") for n in (*range(254, 260), 262, 266, 273, *range(277, 280), 282, 283)}
_STRUCTURE |= {ExifTags.TAGS.get(n, f"tag {n}") for n in (284, 296, 297, *range(317, 326), 330, 338, 339, 347)}
_STRUCTURE |= {ExifTags.TAGS.get(n, f"tag {n}") for n in (*range(512, 533), 700, 33723, 34377, 34675)}
_DATE = re.compile(r"(\d{4})[:\-/.](\d{2})[:\-/.](\d{2})[ T](\d{2}):(\d{2}):(\d{2})")


def facts(image: ImageFile) -> dict[str, Any]:
    """{tag name: value} of the main and the Exif block. Text is stripped; values longer than 64 KiB are cut."""
    if image.format != "TIFF" and not any(image.info.get(k) for k in ("exif", "Raw profile type exif")):
        return {}  # Pillow puts an orientation that only XMP names among the EXIF tags
    values = {ExifTags.TAGS.get(tag, f"tag {tag}"): value for tag, value in _items(image.exif)}
    values |= {ExifTags.TAGS.get(tag, f"tag {tag}"): value for tag, value in block(image, "exif").items()}
    if image.format == "TIFF":
        values = {k: v for k, v in values.items() if k not in _STRUCTURE}
    for pointer in ("ExifOffset", "GPSInfo", "ExifInteroperabilityOffset"):
        values.pop(pointer, None)
    return values


def block(image: ImageFile, name: str) -> dict[int, Any]:
    """Tags by number of the `exif`, `gps` or `thumbnail` block; empty where absent or broken."""
    try:
        found = image.exif.get_ifd(_BLOCKS[name])
    except Exception:  # Pillow's reader raises many kinds of errors on broken blocks; broken reads as absent
        return {}
    return dict(_items(found))


def _items(source: Any) -> list[tuple[int, Any]]:
    found = []
    for tag in list(source):
        try:
            found.append((tag, _plain(source[tag])))
        except Exception:  # one unreadable tag does not cost the others
            continue
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value[:LONGEST]
    if isinstance(value, str):
        return value[:LONGEST].strip("\0 \t\r\n")
    return value


def user_comment(raw: Any) -> str:
    """EXIF UserComment as text: eight bytes name the encoding (EXIF 2.32, 4.6.5)."""
    if isinstance(raw, str):
        return raw
    if not isinstance(raw, bytes):
        return ""
    code, body = raw[:8], raw[8:]
    if code.startswith(b"UNICODE"):
        # The standard leaves the byte order open: the one with zeros on the side of Latin letters is it.
        little = body[1:64:2].count(0) >= body[0:64:2].count(0)
        return body.decode("utf-16-le" if little else "utf-16-be", "replace").strip("\0 ")
    return (
        (body if code in (b"ASCII\0\0\0", bytes(8), b"JIS\0\0\0\0\0") else raw).decode("utf-8", "replace").strip("\0 ")
    )


def apex_gap(values: dict[str, Any]) -> float:
    """Stops between the exposure as time and f-number and as APEX values, the larger of the two; NaN where not both.

    APEX: Tv = -log2(t), Av = 2 log2(f) (EXIF 2.32, annex C).
    """
    time, aperture = number(values.get("ExposureTime")), number(values.get("FNumber"))
    tv, av = number(values.get("ShutterSpeedValue")), number(values.get("ApertureValue"))
    gaps = []
    if time and tv and time > 0:
        gaps.append(abs(tv + math.log2(time)))
    if aperture and av and aperture > 0:
        gaps.append(abs(av - 2 * math.log2(aperture)))
    return max(gaps, default=math.nan)


def position(gps: dict[int, Any]) -> tuple[float, float] | None:
    """(latitude, longitude) in degrees, south and west negative, of a GPS block; None where missing or impossible."""
    found = []
    for reference, place, limit, negative in ((1, 2, 90, "S"), (3, 4, 180, "W")):
        parts = gps.get(place)
        parts = [number(p) for p in parts[:3]] if isinstance(parts, tuple | list) else []
        if not parts or any(p is None or p < 0 for p in parts):
            return None
        degrees = sum(p / 60**i for i, p in enumerate(parts))
        if degrees > limit or max(parts[1:], default=0) > 60:
            return None
        found.append(-degrees if str(gps.get(reference, "")).upper().startswith(negative) else degrees)
    return found[0], found[1]


def number(value: Any) -> float | None:
    """A finite number out of an EXIF rational, integer or text; None where it is none."""
    try:
        found = float(value)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return found if abs(found) < 1e12 else None  # false for NaN too


def date(value: Any) -> datetime | None:
    """An EXIF date and time; None where missing, blank or impossible."""
    match = _DATE.match(value) if isinstance(value, str) else None
    try:
        return datetime(*map(int, match.groups())) if match else None
    except ValueError:
        return None
