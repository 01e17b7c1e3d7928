"""One image, one question: is it AI-made, how sure is that, and why?"""

import streamlit as st

from cgid.ui import shell
from cgid.ui.check_view import answer, choose_image, details, evidence, pictures, record, where_model_a_looked

PAGE = {
    "title": "Check an image",
    "question": "Is this picture AI-made? How sure is that, and what speaks for and against it?",
    "icon": ":material/image_search:",
    "section": "Look",
    "order": 2,
}

shell.page(__file__)

chosen = choose_image()
if chosen is None:
    st.caption(
        "The picture stays on this machine; a small copy is kept for the label map. JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF and HEIC are read."
    )
    st.stop()

data, name = chosen
found = answer(data, name)
record(found, data)
if found["verdict"] != "unreadable":
    pictures(data, name, found)
    evidence(found)
    looked = st.container()
    details(found)
    where_model_a_looked(looked, data, name, found)
