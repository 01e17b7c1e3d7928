"""Where on earth the metadata put a picture: coordinates in words, the outlines of countries, offline.

Outlines: `outline/countries.json` (Natural Earth 1:110m, public domain; its head says how it was made). They are coarse:
islands are missing, coasts and borders lie off by some kilometres, and they show who governs in fact, not who claims.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from cgid.metadata.exif import number, position

OUTLINES = Path(__file__).with_name("outline") / "countries.json"
NEAR = 0.3  # degrees around a point within which another country is "near"
CAUTION = (
    "The place is what the file says. Anyone can write it, and programs copy it from one picture to another: compare it "
    "with what the picture shows."
)


@dataclass(frozen=True, slots=True)
class Country:
    """polygons: of each the outer ring, then holes; a ring is float64 (n, 2), longitude and latitude in degrees."""

    name: str
    polygons: tuple[tuple[np.ndarray, ...], ...]


@dataclass(frozen=True, slots=True)
class Place:
    """latitude, longitude: degrees, south and west negative. altitude: metres above the sea, or None. direction: degrees
    the camera looked, or None. when: UTC as the satellites gave it, or "". error: metres, or None."""

    latitude: float
    longitude: float
    altitude: float | None = None
    direction: float | None = None
    when: str = ""
    error: float | None = None


@cache
def countries() -> tuple[Country, ...]:
    """Every country of the outline map."""
    kept = json.loads(OUTLINES.read_text(encoding="utf-8"))["countries"]
    return tuple(
        Country(c["name"], tuple(tuple(_ring(ring) for ring in polygon) for polygon in c["polygons"])) for c in kept
    )


def _ring(steps: list[int]) -> np.ndarray:
    return np.cumsum(np.array(steps, np.int64).reshape(-1, 2), axis=0) / 100


def of_gps(gps: dict[int, Any]) -> Place | None:
    """The place of an EXIF GPS block (`exif_facts.block(image, "gps")`); None where it is missing or impossible."""
    at = position(gps)
    if at is None:
        return None
    altitude = number(gps.get(6))
    below = gps.get(5)
    if altitude is not None and (below in (1, b"\x01")):
        altitude = -altitude
    direction = number(gps.get(17))
    if direction is not None and not 0 <= direction <= 360:
        direction = None
    return Place(*at, altitude, direction, _time(gps), number(gps.get(31)))


def _time(gps: dict[int, Any]) -> str:
    date, clock = gps.get(29), gps.get(7)
    parts = [number(c) for c in clock] if isinstance(clock, tuple | list) and len(clock) == 3 else []
    shown = str(date)[:10].replace(":", "-").strip("\0 ") if isinstance(date, str) else ""
    if parts and all(p is not None and 0 <= p < 61 for p in parts):
        hour, minute, second = (int(p or 0) for p in parts)
        shown = f"{shown} {hour:02d}:{minute:02d}:{second:02d} UTC".strip()
    return shown


def decimal(place: Place) -> str:
    """`48.858333, 2.294444`: six places are a tenth of a metre."""
    return f"{place.latitude:.6f}, {place.longitude:.6f}"


def sexagesimal(place: Place) -> str:
    """`48° 51′ 30.0″ N, 2° 17′ 40.0″ E`."""
    return f"{_angle(place.latitude, 'NS')}, {_angle(place.longitude, 'EW')}"


def _angle(value: float, sides: str) -> str:
    tenths = round(abs(value) * 36_000)
    degrees, rest = divmod(tenths, 36_000)
    minutes, seconds = divmod(rest, 600)
    return f"{degrees}° {minutes}′ {seconds / 10:.1f}″ {sides[value < 0]}"


def country_at(latitude: float, longitude: float) -> str:
    """The country whose outline holds the point; empty at sea, and on what is too small for the map."""
    turns = (longitude, longitude + 360, longitude - 360)
    return next((name for name, flat in _flat() if any(_holds(p, x, latitude) for p in flat for x in turns)), "")


@cache
def _flat() -> tuple[tuple[str, tuple[tuple[np.ndarray, ...], ...]], ...]:
    """(name, polygons) with longitudes that run on over the date line, so that a plane's geometry holds."""
    return tuple((c.name, tuple(tuple(_unrolled(r) for r in p) for p in c.polygons)) for c in countries())


def _unrolled(ring: np.ndarray) -> np.ndarray:
    steps = np.diff(ring[:, 0])
    turns = np.concatenate(([0], np.cumsum(np.where(steps > 180, -360, np.where(steps < -180, 360, 0)))))
    flat = np.column_stack((ring[:, 0] + turns, ring[:, 1]))
    if flat[0, 0] != flat[-1, 0]:  # round the south pole: closed over it
        flat = np.vstack((flat, [[flat[-1, 0], -90], [flat[0, 0], -90], flat[0]]))
    return flat


def _holds(polygon: tuple[np.ndarray, ...], x: float, y: float) -> bool:
    """Even-odd rule over outer ring and holes."""
    crossings = 0
    for ring in polygon:
        (x1, y1), (x2, y2) = ring[:-1].T, ring[1:].T
        spans = (y1 > y) != (y2 > y)
        if spans.any():
            at = x1[spans] + (y - y1[spans]) * (x2[spans] - x1[spans]) / (y2[spans] - y1[spans])
            crossings += int((at > x).sum())
    return crossings % 2 == 1


def where(place: Place) -> str:
    """One sentence: which country, or at sea, and what is near."""
    here = country_at(place.latitude, place.longitude)
    steps = [(dy, dx) for dy in (-NEAR, 0, NEAR) for dx in (-NEAR, 0, NEAR) if dy or dx]
    stretch = max(np.cos(np.radians(place.latitude)), 0.1)
    around = {country_at(place.latitude + dy, place.longitude + dx / stretch) for dy, dx in steps} - {here, ""}
    if place.latitude == 0 and place.longitude == 0:
        return "Latitude and longitude are both zero: a place in the Atlantic that stands for 'not known'."
    near = f", near {' and '.join(sorted(around))}" if around else ""
    if here:
        return f"On the outline map this is in {here}{near}."
    return f"On the outline map this is at sea{near}, or on a coast or an island too small for it."
