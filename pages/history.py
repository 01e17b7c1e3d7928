"""Saved checks: search, notes, export and deletion; and whether images are stored at all."""

import streamlit as st

from cgid.ui import shell
from cgid.ui.history import record as history_record
from cgid.ui.history import view
from cgid.ui.shared import parts

PAGE = {
    "title": "History",
    "question": "Which images were checked here, what were the results, and what is stored?",
    "icon": ":material/history:",
    "section": "Analyse",
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
    query = view.search()
    if view.listing(query, total):
        st.subheader("Download", anchor=False)
        view.downloads(query)
else:
    parts.nothing("No image has been checked yet. A record of every check is saved here.", "check", "Check an image")

st.subheader("What is stored", anchor=False)
history_record.images()
if total:
    with st.expander("Delete all records", icon=":material/delete_forever:"):
        view.delete_all(total)
