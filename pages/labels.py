"""The label map: which analysed images are real, which are AI-generated, and where each label comes from."""

import streamlit as st

from cgid.ui import shell
from cgid.ui.labels import view
from cgid.ui.labels.train import table, to_model_b
from cgid.ui.shared import parts

PAGE = {
    "title": "Label map",
    "question": "Which of the analysed images are real photos, which are AI-generated, and where does each label come from?",
    "icon": ":material/label:",
    "section": "Build",
    "order": 4,
}

shell.page(__file__)

shown = view.current()
if shown is None:
    shell.link("check")
    st.stop()
if shown.rows.empty:
    view.nothing_analysed()
    st.stop()

view.simulated_note(shown)
view.summary(shown)
view.review_images(shown)
to_model_b(shown)

st.subheader("Download", anchor=False)
if not shown.fingerprint:
    st.caption("The label map is written to a file with the first decision, or when features are exported.")
with st.container(horizontal=True):
    parts.download("Label map (CSV)", shown.path, "text/csv", "label-map")
    parts.download("Exported features (CSV)", table(), "text/csv", "records-features")
view.next_steps()
