"""The place of a part in the whole picture, by clicking or dragging in a small copy of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "cgid_picker", css=(_HERE / "picker.css").read_text(), js=(_HERE / "picker.js").read_text()
)


def picker(src: str, alt: str, box: tuple[float, float, float, float], key: str, moved: Callable[[], None]) -> None:
    """src: the small picture as a data URL. box: the part's left, top, width, height as shares of the whole.

    `moved` is called when a place was chosen: ask `place`.
    """
    _mount(key=key, data={"src": src, "alt": alt, "box": list(box)}, width="content", on_place_change=moved)


def place(key: str) -> tuple[float, float] | None:
    """Middle of the part, 0..1 across and down, as chosen last in the picker `key`; None where it makes no sense."""
    return read(getattr(st.session_state.get(key), "place", None))


def read(sent: Any) -> tuple[float, float] | None:
    """As `place`, of what the browser sent: it is a stranger's word."""
    if not isinstance(sent, Mapping):
        return None
    found = [sent.get("across"), sent.get("down")]
    if all(isinstance(n, int | float) and not isinstance(n, bool) and 0 <= n <= 1 for n in found):
        return float(found[0]), float(found[1])
    return None
