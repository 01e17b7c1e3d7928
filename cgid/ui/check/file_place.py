"""Where the file says it was taken, on the page: a point on an outline map without network, and the coordinates to copy."""

from __future__ import annotations

import streamlit as st

from cgid.bench import world
from cgid.bench.world import Place
from cgid.charts.place_map import SPANS, place_map
from cgid.ui import words


def show(place: Place) -> None:
    """Map, sentence, coordinates, caution."""
    sentence = world.where(place)
    st.markdown(f"**{words.literal(sentence)}**")
    zoom = st.segmented_control("Seen", list(SPANS), default="Region", key="place-zoom", required=True)
    outlines = [(country.name, country.polygons) for country in world.countries()]
    drawn = place_map(outlines, place.latitude, place.longitude, SPANS[zoom])
    st.vega_lite_chart(spec=drawn, alt=f"Outline map with the place marked. {sentence}")
    with st.container(horizontal=True):
        for title, text in (("Decimal", world.decimal(place)), ("Degrees", world.sexagesimal(place))):
            with st.container(width=330, gap="xsmall"):
                st.caption(title)
                st.code(text, language=None)
    said = [
        f"Height {place.altitude:,.0f} m above the sea" if place.altitude is not None and place.altitude >= 0 else "",
        f"Depth {-place.altitude:,.0f} m below the sea" if place.altitude is not None and place.altitude < 0 else "",
        f"camera looking towards {place.direction:.0f}° (0 = north, 90 = east)" if place.direction is not None else "",
        f"satellite time {place.when}" if place.when else "",
        f"error about {place.error:,.0f} m by its own account" if place.error is not None else "",
    ]
    if any(said):
        sentence = "; ".join(filter(None, said))
        st.markdown(words.literal(f"{sentence[:1].upper()}{sentence[1:]}."))
    st.caption(f":material/edit_location: {world.CAUTION}")
    st.caption("Outlines: Natural Earth 1:110 million, public domain; coarse, and no statement on disputed borders.")
