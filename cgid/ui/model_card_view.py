"""A run's model card: to read in the page and to take along."""

from __future__ import annotations

import streamlit as st

from cgid.artifacts import RUN_CARD
from cgid.models import model_card
from cgid.runs.run import Run


def card(run: Run) -> None:
    """Below a fold. It is made anew from the run's figures, never read from a file somebody may have changed."""
    text = model_card.text(run.folder, run.manifest)
    with st.expander("Model card: limits, figures, data on one page", icon=":material/id_card:"):
        st.markdown(text.replace("\n## ", "\n##### ").replace("# ", "#### ", 1))
    st.download_button(
        "Model card (Markdown)", text, file_name=f"{run.id}_{RUN_CARD}", mime="text/markdown", key="card",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip
