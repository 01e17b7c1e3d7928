"""Coordinates in words and on the outline map, against places whose country everybody knows."""

from __future__ import annotations

import json

import pytest

from cgid.inspector import geolocation
from cgid.inspector.geolocation import Location

KNOWN = [
    (48.85, 2.35, "France"),
    (-33.87, 150.9, "Australia"),
    (-1.29, 36.82, "Kenya"),
    (64.9, -18.5, "Iceland"),
    (35.68, 139.4, "Japan"),
    (-29.6, 28.2, "Lesotho"),  # a hole in South Africa
    (-26.2, 28.0, "South Africa"),
    (39.0, -98.0, "United States of America"),
    (64.0, -153.0, "United States of America"),
    (-54.5, -68.0, "Argentina"),
    (0.0, -30.0, ""),
    (71.0, -40.0, "Greenland"),
    (66.0, 179.0, "Russia"),
    (-80.0, 90.0, "Antarctica"),
    (-89.9, -170.0, "Antarctica"),
    (67.5, -177.5, "Russia"),  # beyond the date line
]


@pytest.mark.parametrize(("latitude", "longitude", "country"), KNOWN)
def test_the_outline_map_knows_the_country(latitude: float, longitude: float, country: str) -> None:
    assert geolocation.country_at(latitude, longitude) == country


def test_every_outline_is_closed_and_lies_on_earth() -> None:
    assert len(geolocation.countries()) == 177
    for country in geolocation.countries():
        for ring in (r for p in country.polygons for r in p):
            assert (ring[0] == ring[-1]).all() and len(ring) > 3
            assert abs(ring[:, 0]).max() <= 180 and abs(ring[:, 1]).max() <= 90
    assert "public domain" in geolocation.OUTLINES.read_text(encoding="utf-8")[:1000]


def test_coordinates_in_both_ways_of_writing() -> None:
    place = Location(48 + 51 / 60 + 30 / 3600, -(2 + 17 / 60 + 40 / 3600))
    assert geolocation.decimal(place) == "48.858333, -2.294444"
    assert geolocation.sexagesimal(place) == "48° 51′ 30.0″ N, 2° 17′ 40.0″ W"
    assert geolocation.sexagesimal(Location(-59.99999, 0)).startswith("60° 0′ 0.0″ S")


def test_a_gps_block_gives_height_direction_and_time_and_nonsense_gives_nothing() -> None:
    gps = {1: "S", 2: (33.0, 52.0, 10.0), 3: "E", 4: (151.0, 12.0, 30.0), 5: b"\x01", 6: 12.5, 17: 271.0}
    gps |= {7: (13.0, 5.0, 9.0), 29: "2024:02:29"}
    place = geolocation.from_gps(gps)
    assert place is not None and place.latitude == pytest.approx(-33.869444, abs=1e-6)
    assert (place.altitude, place.direction, place.when) == (-12.5, 271.0, "2024-02-29 13:05:09 UTC")
    assert geolocation.from_gps({}) is None
    assert geolocation.from_gps({**gps, 2: (133.0, 0.0, 0.0)}) is None
    odd = geolocation.from_gps({**gps, 7: "noon", 17: 999, 29: b"x"})
    assert odd is not None and odd.direction is None and odd.when == ""


def test_the_sentence_names_land_sea_neighbours_and_the_zero_point() -> None:
    assert geolocation.describe(Location(47.0, 2.5)) == "On the outline map this is in France."
    assert "near" in geolocation.describe(Location(49.45, 6.1))
    assert "at sea" in geolocation.describe(Location(30.0, -40.0))
    assert "unknown" in geolocation.describe(Location(0.0, 0.0))


@pytest.mark.parametrize("span", [360.0, 60.0, 16.0])
@pytest.mark.parametrize(("latitude", "longitude"), [(48.0, 2.0), (-17.0, 179.5), (89.9, 0.0)])
def test_the_map_is_drawn_anywhere_without_network(latitude: float, longitude: float, span: float) -> None:
    from cgid.charts.place_map import location_map

    drawn = location_map([(c.name, c.polygons) for c in geolocation.countries()], latitude, longitude, span)
    text = json.dumps(drawn)
    assert "http" not in text.replace("https://vega.github.io/schema", "")
    assert text.count("MultiPolygon") > (100 if span == 360 else 0)
    assert json.dumps({"latitude": latitude, "longitude": longitude}) in text
