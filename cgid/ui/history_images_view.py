"""The setting *Never store images*: what it means, and what to do with the small pictures that are there."""

from __future__ import annotations

import streamlit as st

from cgid import preferences
from cgid.errors import InputError
from cgid.forensics import keeping, thumbnails
from cgid.ui import words

KEY = "never-store"


def images() -> None:
    """Says what is kept, lets a person choose unless the environment does, and offers to take away what is there."""
    forced, stored = preferences.forced(), preferences.stores_images()
    st.session_state[KEY] = not stored
    st.toggle("Never store images", key=KEY, disabled=forced, on_change=_choose)
    if stored:
        st.caption(
            f"Now: of each checked picture a copy of at most {thumbnails.SIDE} pixels a side stays on this machine, for this "
            "page, reports and the label map. The file itself is never stored, and nothing leaves this machine."
        )
    else:
        st.caption(
            "Now: nothing of a picture is stored. Its record still holds the file's name, its sha256, what the file says of "
            "itself (camera, place and time where it tells them) and all numbers. Reports and the label map show no picture."
        )
    if forced:
        st.caption(
            f"Set by {words.code(preferences.VARIABLE)} in the environment of this program; it cannot be changed here."
        )
    if not stored and thumbnails.any_kept():
        st.warning("Small pictures of earlier checks are still here.", icon=":material/photo_library:")
        st.button("Delete them for good", icon=":material/delete:", on_click=_forget)


def _choose() -> None:
    try:
        preferences.store_images(not st.session_state[KEY])
    except OSError as error:
        st.session_state["history-problem"] = f"The choice could not be kept ({error})."


def _forget() -> None:
    try:
        st.toast(f"{keeping.forget_pictures()} small pictures deleted.", icon=":material/delete:")
    except (OSError, InputError) as error:
        st.session_state["history-problem"] = str(error)
