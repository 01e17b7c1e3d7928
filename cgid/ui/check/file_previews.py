"""Embedded previews next to the image, at the same size and with a difference map; and the GPS position on a map.

The outline map needs no network; the coordinates can be copied.
"""

from __future__ import annotations

import hashlib

import streamlit as st
from PIL import Image

from cgid.charts.place_map import SPANS, location_map
from cgid.escape import plain
from cgid.imaging.image_file import UnreadableImage
from cgid.inspector import geolocation
from cgid.inspector.geolocation import Location
from cgid.inspector.thumbnails import GAIN, Comparison, Preview, compare
from cgid.ui.check.subject import Subject
from cgid.ui.shared import parts, text
from cgid.ui.shared import text as shared_text
from cgid.ui.shared.load import data_url

WIDE = 250  # px an image


@st.cache_data(max_entries=32, ttl=1800, show_spinner=False)
def _compared(sha256: str, preview_sha256: str, _subject: Subject, _preview: Preview) -> Comparison | None:
    return compare(_subject.image, _preview)


def show(subject: Subject, previews: list[Preview]) -> None:
    """One block for each embedded preview."""
    st.caption(
        "Cameras and programs store small previews in the file. An edit that does not update them leaves the old image "
        "there; programs that update them leave no trace."
    )
    for number, preview in enumerate(previews, 1):
        with st.container(border=True):
            try:
                comparison = _compared(subject.sha256, hashlib.sha256(preview.data).hexdigest(), subject, preview)
            except UnreadableImage as problem:
                parts.problem(problem)
                return
            where = "" if preview.at is None else f", at byte {preview.at:,}"
            st.markdown(
                f"**Preview {number}**: {text.literal(plain(preview.name, 120))}{where}, {len(preview.data):,} bytes"
            )
            if preview.may_differ:
                st.caption(text.literal(preview.may_differ))
            if comparison is None:
                st.markdown("It is damaged, or too large to be a thumbnail. Download it below and check it separately.")
            else:
                _pictures(comparison)
            st.download_button(
                "This preview", preview.data, f"{subject.sha256[:12]}-picture-{number}.jpg", "image/jpeg",
                key=f"preview-{number}", icon=":material/download:", on_click="ignore",
            )  # fmt: skip


def _pictures(comparison: Comparison) -> None:
    st.markdown(text.literal(comparison.sentence))
    width, height = comparison.size
    shown = (
        (
            "The image at the same size",
            comparison.picture,
            f"The image, scaled to the size of its thumbnail, {width} by {height} pixels.",
        ),
        (
            f"Embedded preview, {width} x {height} px",
            comparison.thumbnail,
            f"The thumbnail in the file. {comparison.sentence}",
        ),
        (
            f"Difference, {GAIN} times brighter",
            comparison.difference,
            f"Difference map: {comparison.mean:.0f} of 255 on average. {comparison.sentence}",
        ),
    )
    with st.container(horizontal=True):
        for title, pixels, alt in shown:
            with st.container(width=WIDE, gap="xsmall"):
                st.image(data_url(Image.fromarray(pixels)), width="stretch", alt=alt)
                st.caption(title)


def show_location(place: Location) -> None:
    """Map, sentence, coordinates, caution."""
    sentence = geolocation.describe(place)
    st.markdown(f"**{shared_text.literal(sentence)}**")
    zoom = st.segmented_control("Zoom", list(SPANS), default="Region", key="place-zoom", required=True)
    outlines = [(country.name, country.polygons) for country in geolocation.countries()]
    chart = location_map(outlines, place.latitude, place.longitude, SPANS[zoom])
    st.vega_lite_chart(spec=chart, alt=f"Outline map with the location marked. {sentence}")
    with st.container(horizontal=True):
        for title, text in (("Decimal", geolocation.decimal(place)), ("Degrees", geolocation.sexagesimal(place))):
            with st.container(width=330, gap="xsmall"):
                st.caption(title)
                st.code(text, language=None)
    details = [
        f"Altitude {place.altitude:,.0f} m above sea level"
        if place.altitude is not None and place.altitude >= 0
        else "",
        f"{-place.altitude:,.0f} m below sea level" if place.altitude is not None and place.altitude < 0 else "",
        f"camera direction {place.direction:.0f}° (0 = north, 90 = east)" if place.direction is not None else "",
        f"GPS time {place.when}" if place.when else "",
        f"stated error about {place.error:,.0f} m" if place.error is not None else "",
    ]
    if any(details):
        sentence = "; ".join(filter(None, details))
        st.markdown(shared_text.literal(f"{sentence[:1].upper()}{sentence[1:]}."))
    st.caption(f":material/edit_location: {geolocation.CAUTION}")
    st.caption(
        "Outlines: Natural Earth 1:110 million, public domain; coarse, and not a statement about disputed borders."
    )
