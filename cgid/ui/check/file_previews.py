"""Pictures within the file against the picture, on the page: side by side, scaled alike, with the map of differences.

Where the file says it was taken, on the page: a point on an outline map without network, and the coordinates to copy.
"""

from __future__ import annotations

import hashlib

import streamlit as st
from PIL import Image

from cgid.charts.place_map import SPANS, place_map
from cgid.escape import plain
from cgid.imaging.image_file import UnreadableImage
from cgid.inspector import geolocation
from cgid.inspector.geolocation import Place
from cgid.inspector.thumbnails import GAIN, Comparison, Preview, compare
from cgid.ui.check.subject import Subject
from cgid.ui.shared import parts, text
from cgid.ui.shared import text as shared_text
from cgid.ui.shared.load import data_url

WIDE = 250  # px a picture


@st.cache_data(max_entries=32, ttl=1800, show_spinner=False)
def _compared(sha256: str, preview_sha256: str, _subject: Subject, _preview: Preview) -> Comparison | None:
    return compare(_subject.image, _preview)


def show(subject: Subject, found: list[Preview]) -> None:
    """One block for each picture found within the file."""
    st.caption(
        "Cameras and programs keep small copies in the file. An edit that forgets them leaves the old picture there. "
        "Programs that renew them leave no trace."
    )
    for number, preview in enumerate(found, 1):
        with st.container(border=True):
            try:
                made = _compared(subject.sha256, hashlib.sha256(preview.data).hexdigest(), subject, preview)
            except UnreadableImage as problem:
                parts.problem(problem)
                return
            where = "" if preview.at is None else f", at byte {preview.at:,}"
            st.markdown(
                f"**Picture {number}**: {text.literal(plain(preview.name, 120))}{where}, {len(preview.data):,} bytes"
            )
            if preview.may_differ:
                st.caption(text.literal(preview.may_differ))
            if made is None:
                st.markdown(
                    "It is damaged, or too large to be a thumbnail; take its bytes out below and check it by itself."
                )
            else:
                _pictures(made)
            st.download_button(
                "This picture", preview.data, f"{subject.sha256[:12]}-picture-{number}.jpg", "image/jpeg",
                key=f"preview-{number}", icon=":material/download:", on_click="ignore",
            )  # fmt: skip


def _pictures(made: Comparison) -> None:
    st.markdown(text.literal(made.sentence))
    width, height = made.size
    shown = (
        (
            "The picture, scaled alike",
            made.picture,
            f"The picture, scaled to the size of its thumbnail, {width} by {height} pixels.",
        ),
        (f"Within the file, {width} x {height} px", made.thumbnail, f"The thumbnail in the file. {made.sentence}"),
        (
            f"Difference, {GAIN} times as bright",
            made.difference,
            f"Map of differences: {made.mean:.0f} of 255 on average. {made.sentence}",
        ),
    )
    with st.container(horizontal=True):
        for title, pixels, alt in shown:
            with st.container(width=WIDE, gap="xsmall"):
                st.image(data_url(Image.fromarray(pixels)), width="stretch", alt=alt)
                st.caption(title)


def show_location(place: Place) -> None:
    """Map, sentence, coordinates, caution."""
    sentence = geolocation.where(place)
    st.markdown(f"**{shared_text.literal(sentence)}**")
    zoom = st.segmented_control("Seen", list(SPANS), default="Region", key="place-zoom", required=True)
    outlines = [(country.name, country.polygons) for country in geolocation.countries()]
    drawn = place_map(outlines, place.latitude, place.longitude, SPANS[zoom])
    st.vega_lite_chart(spec=drawn, alt=f"Outline map with the place marked. {sentence}")
    with st.container(horizontal=True):
        for title, text in (("Decimal", geolocation.decimal(place)), ("Degrees", geolocation.sexagesimal(place))):
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
        st.markdown(shared_text.literal(f"{sentence[:1].upper()}{sentence[1:]}."))
    st.caption(f":material/edit_location: {geolocation.CAUTION}")
    st.caption("Outlines: Natural Earth 1:110 million, public domain; coarse, and no statement on disputed borders.")
