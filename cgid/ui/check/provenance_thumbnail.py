"""The small picture in EXIF beside the picture itself and where they differ: an edit that forgot it gives itself away."""

from __future__ import annotations

import streamlit as st
from PIL import Image

from cgid.bench.thumbnail_compare import GAIN, Comparison, Preview, compare
from cgid.features.image import ImageFile
from cgid.features.parsers.thumbnail import thumbnail
from cgid.ui.load import data_url

WIDTH = 220  # px


def show(image: ImageFile) -> None:
    """Nothing where there is no thumbnail that can be compared."""
    found = image.once(_compared)
    if found is None:
        return
    st.subheader("The thumbnail in EXIF", anchor=False)
    st.markdown(found.sentence)
    width, height = found.size
    with st.container(horizontal=True):
        for pixels, title, alt in (
            (found.thumbnail, "The thumbnail", f"The thumbnail that EXIF holds. {found.sentence}"),
            (
                found.picture,
                "The picture, as small",
                f"The picture at the thumbnail's size, {width} by {height} pixels.",
            ),
            (found.difference, f"Difference, {GAIN} times as bright", f"Differences. {found.sentence}"),
        ):
            st.image(data_url(Image.fromarray(pixels)), caption=title, width=WIDTH, alt=alt)


def _compared(image: ImageFile) -> Comparison | None:
    raw = thumbnail(image)
    return compare(image, Preview("EXIF", raw, None)) if raw else None
