"""What one page passes to another within a session: an image to check, and which saved checks were deleted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import streamlit as st

from cgid.ui import shell

# In the session only, never in the address: the local file that another page passed to *Check an image*.
EXAMINED = "examined"
RECORDED = "recorded-checks"  # in the session: {(sha256, name, models): the record's id}


def examine(path: Path | str) -> None:
    """Go to *Check an image* with a local file that another page shows."""
    st.session_state[EXAMINED] = str(path)
    st.switch_page(shell.page_files()["check"].path)


def rename_value(key: str, new_names: Mapping[str, str]) -> None:
    """Accept links with a former value of the query parameter `key`; call it before the widget that is bound to it."""
    if (value := st.query_params.get(key)) in new_names:
        st.session_state[key] = new_names[value]
        del st.query_params[key]


def forget_records(ids: Collection[int] | None) -> None:
    """Mark records (None: all) as deleted, so that the same image is saved again at the next check."""
    recorded = st.session_state.get(RECORDED)
    if isinstance(recorded, dict):
        for mark in [mark for mark, id in recorded.items() if ids is None or id in ids]:
            del recorded[mark]
