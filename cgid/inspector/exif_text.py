"""Human-readable values of EXIF tags: `1/125 s` for 0.008, `f/2.8`, `centre-weighted` for metering mode 2.

Source of the codes: EXIF 2.32 (CIPA DC-008), chapter 4.6.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from cgid.metadata.exif import to_number, user_comment

MAX_SHOWN_BYTES = 32
MAX_SHOWN_NUMBERS = 64
_CODES: dict[str, dict[int, str]] = {
    "Orientation": {
        1: "upright",
        2: "mirrored",
        3: "rotated by 180°",
        4: "mirrored, upside down",
        5: "mirrored, rotate by 90° anticlockwise",
        6: "rotate by 90° clockwise",
        7: "mirrored, rotate by 90° clockwise",
        8: "rotate by 90° anticlockwise",
    },
    "ExposureProgram": {
        0: "not defined",
        1: "manual",
        2: "normal program",
        3: "aperture priority",
        4: "shutter priority",
        5: "creative",
        6: "action",
        7: "portrait",
        8: "landscape",
    },
    "MeteringMode": {
        0: "unknown",
        1: "average",
        2: "centre-weighted",
        3: "spot",
        4: "multi-spot",
        5: "pattern",
        6: "partial",
    },
    "ResolutionUnit": {1: "none", 2: "inch", 3: "centimetre"},
    "FocalPlaneResolutionUnit": {1: "none", 2: "inch", 3: "centimetre"},
    "ColorSpace": {1: "sRGB", 2: "Adobe RGB (written by cameras)", 65535: "uncalibrated"},
    "ExposureMode": {0: "automatic", 1: "manual", 2: "bracket"},
    "WhiteBalance": {0: "automatic", 1: "manual"},
    "SceneCaptureType": {0: "standard", 1: "landscape", 2: "portrait", 3: "night"},
    "YCbCrPositioning": {1: "centred", 2: "co-sited"},
    "SensingMethod": {1: "not defined", 2: "one-chip colour sensor", 3: "two-chip", 4: "three-chip", 7: "trilinear"},
    "CustomRendered": {0: "normal", 1: "custom"},
    "GainControl": {0: "none", 1: "low gain up", 2: "high gain up", 3: "low gain down", 4: "high gain down"},
    "Contrast": {0: "normal", 1: "soft", 2: "hard"},
    "Saturation": {0: "normal", 1: "low", 2: "high"},
    "Sharpness": {0: "normal", 1: "soft", 2: "hard"},
    "SubjectDistanceRange": {0: "unknown", 1: "macro", 2: "close", 3: "distant"},
    "Compression": {1: "none", 5: "LZW", 6: "JPEG (old)", 7: "JPEG", 8: "Deflate", 32773: "PackBits"},
    "GPSAltitudeRef": {0: "above sea level", 1: "below sea level"},
    "CompositeImage": {0: "unknown", 1: "not composed", 2: "composed", 3: "composed during capture"},
}
_UNITS = {
    "FocalLength": "mm",
    "FocalLengthIn35mmFilm": "mm (35 mm equivalent)",
    "SubjectDistance": "m",
    "ExposureBiasValue": "EV",
    "GPSAltitude": "m",
    "GPSImgDirection": "°",
    "GPSHPositioningError": "m",
}


def describe(name: str, value: Any) -> str:
    """A tag's value in readable form; the raw value as text if there is no such form."""
    if name in _FORMATTERS and (text := _FORMATTERS[name](value)):
        return text
    code = int.from_bytes(value, "big") if isinstance(value, bytes) and len(value) == 1 else value
    if name in _CODES and isinstance(code, int):
        return _CODES[name].get(code, f"code {code}, not in the standard")
    if name in _UNITS and (amount := to_number(value)) is not None:
        return f"{amount:g} {_UNITS[name]}"
    if _fraction(value):
        return f"{to_number(value):.6g}" if to_number(value) is not None else raw_text(value)
    if name.startswith("XP") and isinstance(value, bytes):
        return value.decode("utf-16-le", "replace").strip("\0 ")
    return raw_text(value)


def raw_text(value: Any) -> str:
    """A value as stored: fractions as such, bytes in hexadecimal, long lists truncated."""
    if isinstance(value, bytes):
        if value and all(32 <= b < 127 for b in value.rstrip(b"\0")) and value.strip(b"\0"):
            return value.rstrip(b"\0").decode("ascii")
        more = f" … ({len(value):,} bytes)" if len(value) > MAX_SHOWN_BYTES else ""
        return value[:MAX_SHOWN_BYTES].hex(" ") + more
    if isinstance(value, tuple | list):
        more = f" … ({len(value):,} values)" if len(value) > MAX_SHOWN_NUMBERS else ""
        return ", ".join(raw_text(v) for v in value[:MAX_SHOWN_NUMBERS]) + more
    if _fraction(value):
        return f"{value.numerator}/{value.denominator}"
    return str(value)


def _fraction(value: Any) -> bool:
    return hasattr(value, "numerator") and hasattr(value, "denominator") and not isinstance(value, int | float)


def _seconds(value: Any) -> str:
    seconds = to_number(value)
    if seconds is None or seconds < 1e-9:
        return ""
    return f"{seconds:g} s" if seconds >= 0.4 else f"{Fraction(1, max(1, round(1 / seconds)))} s"


def _aperture(value: Any) -> str:
    aperture = to_number(value)
    return f"f/{aperture:.3g}" if aperture and aperture > 0 else ""


def _flash(value: Any) -> str:
    if not isinstance(value, int):
        return ""
    text = "fired" if value & 1 else "not fired"
    return text + (", red-eye reduction" if value & 0x40 else "") + (", no flash present" if value & 0x20 else "")


def _angle(value: Any) -> str:
    parts = [to_number(v) for v in value[:3]] if isinstance(value, tuple | list) else []
    if len(parts) != 3 or any(p is None for p in parts):
        return ""
    return f"{parts[0]:g}° {parts[1]:g}′ {parts[2]:.6g}″"


def _clock(value: Any) -> str:
    parts = [to_number(v) for v in value[:3]] if isinstance(value, tuple | list) else []
    known = [p for p in parts if p is not None]
    if len(parts) != 3 or len(known) != 3:
        return ""
    return f"{int(known[0]):02d}:{int(known[1]):02d}:{known[2]:05.2f} UTC"


def _light(value: Any) -> str:
    from PIL.ExifTags import LightSource

    known = {int(m): m.name.replace("_", " ").lower() for m in LightSource}
    return known.get(value, "") if isinstance(value, int) else ""


_FORMATTERS: dict[str, Callable[[Any], str]] = {
    "ExposureTime": _seconds,
    "FNumber": _aperture,
    "Flash": _flash,
    "LightSource": _light,
    "UserComment": user_comment,
    "GPSLatitude": _angle,
    "GPSLongitude": _angle,
    "GPSDestLatitude": _angle,
    "GPSDestLongitude": _angle,
    "GPSTimeStamp": _clock,
}
