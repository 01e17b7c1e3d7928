"""Every kept check: found again, noted, handed on, deleted; and whether pictures are kept at all."""

import streamlit as st

from cgid.ui import shell
from cgid.ui.history import record as history_record
from cgid.ui.history import view
from cgid.ui.shared import parts

PAGE = {
    "title": "History",
    "question": "Which pictures were checked here, what was said of each, and what is kept of them?",
    "icon": ":material/history:",
    "section": "Look",
    "order": 3,
}

shell.page(__file__)
view.problem()

total = view.total()
if total is None:
    st.stop()

if view.OPENED in st.query_params:
    st.button("All records", icon=":material/arrow_back:", on_click=view.open_record, args=(None,))
    if record := history_record.opened():
        history_record.show(record)
    st.stop()

view.simulated_note()
if total:
    asked = view.search()
    if view.listing(asked, total):
        st.subheader("Take it with you", anchor=False)
        view.take_along(asked)
else:
    parts.nothing(
        "Nothing has been checked yet. Each picture you check leaves a record here.", "check", "Check an image"
    )

st.subheader("What is kept", anchor=False)
history_record.images()
if total:
    with st.expander("Delete everything", icon=":material/delete_forever:"):
        view.delete_all(total)
