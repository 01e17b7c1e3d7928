"""What one page tells another within a visit: a picture to be checked, and which kept checks are gone."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import streamlit as st

from cgid.ui import shell

# In the session only, never in the address: the file of this machine that another page handed to *Check an image*.
EXAMINED = "examined"
RECORDED = "recorded-checks"  # in the session: {(sha256, name, models): the record's id}


def examine(path: Path | str) -> None:
    """Go to *Check an image* with a file of this machine that a page of this program shows."""
    st.session_state[EXAMINED] = str(path)
    st.switch_page(shell.page_files()["check"].path)


def forget_records(ids: Collection[int] | None) -> None:
    """Tell the visit that records (None: all) are gone, so that the same picture is kept anew when it is looked at again."""
    recorded = st.session_state.get(RECORDED)
    if isinstance(recorded, dict):
        for mark in [mark for mark, id in recorded.items() if ids is None or id in ids]:
            del recorded[mark]
