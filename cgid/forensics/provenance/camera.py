"""What EXIF says about how the picture was taken, as (label, text) pairs for people.

Source of names and units: EXIF 2.32 (CIPA DC-008).
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from cgid.escape import plain
from cgid.metadata.exif import number
from cgid.metadata.exif_checks import Metadata

LONGEST = 100
# Makers whose "cameras" take their pictures inside a video game.
_GAMES = ("polyphony digital",)


def camera_name(make: str, model: str) -> str:
    """Both in one; a make that the model's name begins with is not said twice. Empty where neither is given."""
    make, model = plain(make, LONGEST), plain(model, LONGEST)
    repeated = make and model.lower().startswith(make.lower())
    return plain(" ".join(filter(None, ("" if repeated else make, model))), LONGEST)


def of_a_game(make: str) -> bool:
    """The maker is a video game's: no lens ever saw the picture."""
    return make.strip().lower().startswith(_GAMES)


def camera_facts(metadata: Metadata) -> list[tuple[str, str]]:
    """Those that are given, most telling first; plain text, each at most LONGEST characters."""
    facts, dates = metadata.facts, metadata.dates
    taken, changed = dates.get("DateTimeOriginal"), dates.get("DateTime")
    found = [
        ("Camera", camera_name(*metadata.camera)),
        ("Lens", facts.get("LensModel") or ""),
        ("Taken", taken.isoformat(sep=" ") if taken else ""),
        ("Last changed", changed.isoformat(sep=" ") if changed and changed != taken else ""),
        ("Exposure", _exposure(facts)),
        ("Focal length", _millimetres(facts)),
        ("Place", "{:.5f}, {:.5f}".format(*metadata.position) if metadata.position else ""),
        ("Program", metadata.software),
        ("Body number", facts.get("BodySerialNumber") or ""),
        ("Author", facts.get("Artist") or ""),
        ("Copyright", facts.get("Copyright") or ""),
        ("Size by EXIF", "as the picture" if metadata.size_fits else "" if metadata.size_fits is None else "another"),
    ]
    cleaned = [(label, plain(text, LONGEST)) for label, text in found if isinstance(text, str)]
    return [(label, text) for label, text in cleaned if text]


def _exposure(facts: dict[str, Any]) -> str:
    """Such as `1/125 s, f/2.8, ISO 200`."""
    time, aperture = number(facts.get("ExposureTime")), number(facts.get("FNumber"))
    speed = facts.get("ISOSpeedRatings") or facts.get("PhotographicSensitivity")
    speed = number(speed[0] if isinstance(speed, tuple) and speed else speed)
    parts = [_seconds(time), f"f/{aperture:.3g}" if aperture and aperture > 0 else ""]
    return ", ".join(filter(None, [*parts, f"ISO {speed:.0f}" if speed and speed > 0 else ""]))


def _seconds(time: float | None) -> str:
    if not time or time <= 0:
        return ""
    return f"{time:.3g} s" if time >= 0.3 else f"1/{math.floor(1 / Fraction(time) + Fraction(1, 2))} s"


def _millimetres(facts: dict[str, Any]) -> str:
    length, alike = number(facts.get("FocalLength")), number(facts.get("FocalLengthIn35mmFilm"))
    if not length or length <= 0:
        return ""
    return f"{length:.3g} mm" + (f" ({alike:.0f} mm on 35 mm film)" if alike and alike > 0 else "")
