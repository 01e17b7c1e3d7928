"""Pictures within the file against the picture, on the page: side by side, scaled alike, with the map of differences."""

from __future__ import annotations

import hashlib

import streamlit as st
from PIL import Image

from cgid.bench.thumbnail_compare import GAIN, Comparison, Preview, compare
from cgid.features.image import UnreadableImage
from cgid.forensics.plain_text import plain
from cgid.ui import parts, words
from cgid.ui.check.subject import Subject
from cgid.ui.load import data_url

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
                f"**Picture {number}**: {words.literal(plain(preview.name, 120))}{where}, {len(preview.data):,} bytes"
            )
            if preview.may_differ:
                st.caption(words.literal(preview.may_differ))
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
    st.markdown(words.literal(made.sentence))
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
