"""What every forensic feature means, how it looks on a photo and on a generated image, and what it cannot show."""

import streamlit as st

from cgid.ui import shell
from cgid.ui.guide.view import choose_group, group_view, registry

PAGE = {
    "title": "Feature guide",
    "question": "What does each forensic feature measure, how does it look on a photo and on a generated image, and what can it not show?",
    "icon": ":material/menu_book:",
    "section": "Analyse",
    "order": 3,
}

shell.page(__file__)

group = choose_group()
if group is not None:
    group_view(group)

st.subheader("Download", anchor=False)
registry()
with st.container(horizontal=True):
    shell.link("explorer", "See how these features are distributed over your images")
    shell.link("check", "Check an image of your own")
