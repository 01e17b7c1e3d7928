"""What every forensic feature means, how it looks on a photo and on a generated image, and what it cannot tell."""

import streamlit as st

from cgid.ui import shell
from cgid.ui.guide.view import choose_group, group_view, registry

PAGE = {
    "title": "Feature guide",
    "question": "What does each forensic measurement look at, how does it look on a photo and on a generated image, and what can it not tell?",
    "icon": ":material/menu_book:",
    "section": "Look",
    "order": 3,
}

shell.page(__file__)

group = choose_group()
if group is not None:
    group_view(group)

st.subheader("Take it with you", anchor=False)
registry()
with st.container(horizontal=True):
    shell.link("explorer", "See how these features are spread over your images")
    shell.link("check", "Measure a picture of your own")
