"""Every kept check: found again, noted, handed on, deleted; and whether pictures are kept at all."""

import streamlit as st

from cgid.ui import history_images_view, history_record_view, history_view, parts, shell

PAGE = {
    "title": "History",
    "question": "Which pictures were checked here, what was said of each, and what is kept of them?",
    "icon": ":material/history:",
    "section": "Look",
    "order": 3,
}

shell.page(__file__)
history_view.problem()

total = history_view.total()
if total is None:
    st.stop()

if history_view.OPENED in st.query_params:
    st.button("All records", icon=":material/arrow_back:", on_click=history_view.open_record, args=(None,))
    if record := history_record_view.opened():
        history_record_view.show(record)
    st.stop()

history_view.simulated_note()
if total:
    asked = history_view.search()
    if history_view.listing(asked, total):
        st.subheader("Take it with you", anchor=False)
        history_view.take_along(asked)
else:
    parts.nothing(
        "Nothing has been checked yet. Each picture you check leaves a record here.", "check", "Check an image"
    )

st.subheader("What is kept", anchor=False)
history_images_view.images()
if total:
    with st.expander("Delete everything", icon=":material/delete_forever:"):
        history_view.delete_all(total)
