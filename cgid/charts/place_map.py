"""A point on an outline map of the world, without network access.

The outlines are inserted into the finished specification, because Altair's validation of them would take a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import altair as alt
import numpy as np

from cgid.charts.theme import AI, MUTED

SPANS = {"World": 360.0, "Region": 60.0, "Country": 16.0}  # visible degrees of longitude
HEIGHT = 360


def location_map(
    outlines: Iterable[tuple[str, Sequence[Sequence[np.ndarray]]]], latitude: float, longitude: float, span: float
) -> dict[str, Any]:
    """outlines: (name, polygons; of each the outer ring and holes, (n, 2) longitude and latitude). span: degrees of
    longitude across; centred on the point, except for the whole world. A Vega-Lite specification."""
    whole = span >= 360
    centre = [0.0, 12.0] if whole else [longitude, latitude]
    radius = 1.5 * span
    features = [
        {
            "type": "Feature",
            "properties": {"name": name},
            "geometry": {
                "type": "MultiPolygon",
                "coordinates": [[ring.round(2).tolist() for ring in p] for p in polygons],
            },
        }
        for name, polygons in outlines
        if whole or any(_near(p[0], latitude, longitude, radius) for p in polygons)
    ]
    scale = alt.ExprRef(f"width / {np.radians(span):.6f}")
    land = (
        alt.Chart(alt.Data(name="land"))
        .mark_geoshape(fill=MUTED, fillOpacity=0.3, stroke=MUTED, strokeWidth=0.7, clip=True)
        .encode(tooltip=alt.Tooltip("properties.name:N", title="Country"))
    )
    point = alt.Chart(alt.Data(values=[{"latitude": latitude, "longitude": longitude}]))
    at = {"longitude": "longitude:Q", "latitude": "latitude:Q"}
    ring = point.mark_point(shape="circle", size=420, strokeWidth=2.5, stroke=AI, opacity=1, clip=True).encode(**at)
    dot = point.mark_point(shape="cross", size=120, filled=True, color=AI, opacity=1, clip=True).encode(
        **at, tooltip=[alt.Tooltip("latitude:Q", format=".5f"), alt.Tooltip("longitude:Q", format=".5f")]
    )
    grid = alt.Chart(alt.graticule(step=[span / 12, span / 12]) if not whole else alt.graticule(step=[30, 30]))
    lines = grid.mark_geoshape(fill=None, stroke=MUTED, strokeWidth=0.3, strokeOpacity=0.6, clip=True)
    chart = alt.layer(lines, land, ring, dot).properties(height=HEIGHT, width="container")
    spec = chart.project(type="equirectangular", scale=scale, center=centre).to_dict()
    for layer in spec["layer"]:
        if layer["data"].get("name") == "land":
            layer["data"] = {"values": features, "format": {"type": "json"}}
    return spec


def _near(ring: np.ndarray, latitude: float, longitude: float, radius: float) -> bool:
    """Whether the ring's bounding box is within `radius` degrees of the point."""
    low, high = ring.min(axis=0) - radius, ring.max(axis=0) + radius
    return bool(low[0] <= longitude <= high[0] and low[1] <= latitude <= high[1])
