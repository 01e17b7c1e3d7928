"""Camera settings in EXIF, as (label, text) pairs for display.

Source of names and units: EXIF 2.32 (CIPA DC-008).
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from cgid.escape import plain
from cgid.metadata.exif import to_number
from cgid.metadata.exif_checks import Metadata

MAX_CHARS = 100
# Makes under which video games write the EXIF of their in-game photos.
_GAMES = ("polyphony digital",)


def camera_name(make: str, model: str) -> str:
    """Make and model in one; a make that already begins the model's name is not repeated. Empty where both are missing."""
    make, model = plain(make, MAX_CHARS), plain(model, MAX_CHARS)
    repeated = make and model.lower().startswith(make.lower())
    return plain(" ".join(filter(None, ("" if repeated else make, model))), MAX_CHARS)


def is_video_game(make: str) -> bool:
    """Whether the make is that of a video game, so that the image was rendered and not photographed."""
    return make.strip().lower().startswith(_GAMES)


def camera_settings(metadata: Metadata) -> list[tuple[str, str]]:
    """The settings present, most informative first; plain text of at most MAX_CHARS characters each."""
    facts, dates = metadata.tags, metadata.dates
    taken, changed = dates.get("DateTimeOriginal"), dates.get("DateTime")
    settings = [
        ("Camera", camera_name(*metadata.camera)),
        ("Lens", facts.get("LensModel") or ""),
        ("Taken", taken.isoformat(sep=" ") if taken else ""),
        ("Last modified", changed.isoformat(sep=" ") if changed and changed != taken else ""),
        ("Exposure", _exposure(facts)),
        ("Focal length", _millimetres(facts)),
        ("Location", "{:.5f}, {:.5f}".format(*metadata.position) if metadata.position else ""),
        ("Program", metadata.software),
        ("Camera serial number", facts.get("BodySerialNumber") or ""),
        ("Author", facts.get("Artist") or ""),
        ("Copyright", facts.get("Copyright") or ""),
        (
            "Size in EXIF",
            "same as the image" if metadata.size_matches else "" if metadata.size_matches is None else "differs",
        ),
    ]
    cleaned = [(label, plain(text, MAX_CHARS)) for label, text in settings if isinstance(text, str)]
    return [(label, text) for label, text in cleaned if text]


def _exposure(facts: dict[str, Any]) -> str:
    """Such as `1/125 s, f/2.8, ISO 200`."""
    time, aperture = to_number(facts.get("ExposureTime")), to_number(facts.get("FNumber"))
    speed = facts.get("ISOSpeedRatings") or facts.get("PhotographicSensitivity")
    speed = to_number(speed[0] if isinstance(speed, tuple) and speed else speed)
    parts = [_seconds(time), f"f/{aperture:.3g}" if aperture and aperture > 0 else ""]
    return ", ".join(filter(None, [*parts, f"ISO {speed:.0f}" if speed and speed > 0 else ""]))


def _seconds(time: float | None) -> str:
    if not time or time <= 0:
        return ""
    return f"{time:.3g} s" if time >= 0.3 else f"1/{math.floor(1 / Fraction(time) + Fraction(1, 2))} s"


def _millimetres(facts: dict[str, Any]) -> str:
    length, equivalent = to_number(facts.get("FocalLength")), to_number(facts.get("FocalLengthIn35mmFilm"))
    if not length or length <= 0:
        return ""
    return f"{length:.3g} mm" + (f" ({equivalent:.0f} mm on 35 mm film)" if equivalent and equivalent > 0 else "")
