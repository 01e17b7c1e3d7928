"""The location that the metadata state: coordinates as text, and the country on an offline outline map.

Outlines: `outline/countries.json` (Natural Earth 1:110m, public domain; its header says how it was made). They are
coarse: islands are missing, coasts and borders are off by some kilometres, and borders are de facto, not claimed, ones.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from cgid.metadata.exif import gps_position, to_number

OUTLINES = Path(__file__).with_name("outline") / "countries.json"
NEAR_DEGREES = 0.3  # degrees around a point within which another country is "near"
CAUTION = (
    "The location is what the file states. Anyone can write it, and programs copy it from one image to another: compare "
    "it with what the image shows."
)


@dataclass(frozen=True, slots=True)
class Country:
    """polygons: of each the outer ring, then holes; a ring is float64 (n, 2), longitude and latitude in degrees."""

    name: str
    polygons: tuple[tuple[np.ndarray, ...], ...]


@dataclass(frozen=True, slots=True)
class Location:
    """latitude, longitude: degrees, south and west negative. altitude: metres above sea level, or None. direction:
    of the camera, degrees, or None. when: UTC as the satellites give it, or "". error: metres, or None."""

    latitude: float
    longitude: float
    altitude: float | None = None
    direction: float | None = None
    when: str = ""
    error: float | None = None


@cache
def countries() -> tuple[Country, ...]:
    """Every country of the outline map."""
    records = json.loads(OUTLINES.read_text(encoding="utf-8"))["countries"]
    return tuple(
        Country(c["name"], tuple(tuple(_ring(ring) for ring in polygon) for polygon in c["polygons"])) for c in records
    )


def _ring(steps: list[int]) -> np.ndarray:
    return np.cumsum(np.array(steps, np.int64).reshape(-1, 2), axis=0) / 100


def from_gps(gps: dict[int, Any]) -> Location | None:
    """The location in an EXIF GPS block (`exif.ifd(image, "gps")`); None if it is missing or impossible."""
    at = gps_position(gps)
    if at is None:
        return None
    altitude = to_number(gps.get(6))
    below = gps.get(5)
    if altitude is not None and (below in (1, b"\x01")):
        altitude = -altitude
    direction = to_number(gps.get(17))
    if direction is not None and not 0 <= direction <= 360:
        direction = None
    return Location(*at, altitude, direction, _time(gps), to_number(gps.get(31)))


def _time(gps: dict[int, Any]) -> str:
    date, clock = gps.get(29), gps.get(7)
    parts = [to_number(c) for c in clock] if isinstance(clock, tuple | list) and len(clock) == 3 else []
    shown = str(date)[:10].replace(":", "-").strip("\0 ") if isinstance(date, str) else ""
    if parts and all(p is not None and 0 <= p < 61 for p in parts):
        hour, minute, second = (int(p or 0) for p in parts)
        shown = f"{shown} {hour:02d}:{minute:02d}:{second:02d} UTC".strip()
    return shown


def decimal(place: Location) -> str:
    """`48.858333, 2.294444`: six decimals are a tenth of a metre."""
    return f"{place.latitude:.6f}, {place.longitude:.6f}"


def sexagesimal(place: Location) -> str:
    """`48° 51′ 30.0″ N, 2° 17′ 40.0″ E`."""
    return f"{_angle(place.latitude, 'NS')}, {_angle(place.longitude, 'EW')}"


def _angle(value: float, sides: str) -> str:
    tenths = round(abs(value) * 36_000)
    degrees, rest = divmod(tenths, 36_000)
    minutes, seconds = divmod(rest, 600)
    return f"{degrees}° {minutes}′ {seconds / 10:.1f}″ {sides[value < 0]}"


def country_at(latitude: float, longitude: float) -> str:
    """The country whose outline contains the point; empty at sea and on islands too small for the map."""
    turns = (longitude, longitude + 360, longitude - 360)
    return next(
        (name for name, flat in _unrolled_countries() if any(_contains(p, x, latitude) for p in flat for x in turns)),
        "",
    )


@cache
def _unrolled_countries() -> tuple[tuple[str, tuple[tuple[np.ndarray, ...], ...]], ...]:
    """(name, polygons) with longitudes continued across the date line, so that plane geometry holds."""
    return tuple((c.name, tuple(tuple(_unrolled(r) for r in p) for p in c.polygons)) for c in countries())


def _unrolled(ring: np.ndarray) -> np.ndarray:
    steps = np.diff(ring[:, 0])
    turns = np.concatenate(([0], np.cumsum(np.where(steps > 180, -360, np.where(steps < -180, 360, 0)))))
    flat = np.column_stack((ring[:, 0] + turns, ring[:, 1]))
    if flat[0, 0] != flat[-1, 0]:  # round the south pole: closed over it
        flat = np.vstack((flat, [[flat[-1, 0], -90], [flat[0, 0], -90], flat[0]]))
    return flat


def _contains(polygon: tuple[np.ndarray, ...], x: float, y: float) -> bool:
    """Even-odd rule over outer ring and holes."""
    crossings = 0
    for ring in polygon:
        (x1, y1), (x2, y2) = ring[:-1].T, ring[1:].T
        spans = (y1 > y) != (y2 > y)
        if spans.any():
            at = x1[spans] + (y - y1[spans]) * (x2[spans] - x1[spans]) / (y2[spans] - y1[spans])
            crossings += int((at > x).sum())
    return crossings % 2 == 1


def describe(place: Location) -> str:
    """One sentence: the country, or at sea, and which countries are near."""
    here = country_at(place.latitude, place.longitude)
    steps = [(dy, dx) for dy in (-NEAR_DEGREES, 0, NEAR_DEGREES) for dx in (-NEAR_DEGREES, 0, NEAR_DEGREES) if dy or dx]
    stretch = max(np.cos(np.radians(place.latitude)), 0.1)
    around = {country_at(place.latitude + dy, place.longitude + dx / stretch) for dy, dx in steps} - {here, ""}
    if place.latitude == 0 and place.longitude == 0:
        return "Latitude and longitude are both zero: a point in the Atlantic that usually stands for 'unknown'."
    near = f", near {' and '.join(sorted(around))}" if around else ""
    if here:
        return f"On the outline map this is in {here}{near}."
    return f"On the outline map this is at sea{near}, or on a coast or an island too small for it."
