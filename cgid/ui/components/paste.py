"""Pictures from the clipboard, by Ctrl+V anywhere on the page or by a button, and files dropped beside the upload box.

Streamlit's upload box takes no paste. The browser sends what was pasted over the page's own connection, as text, so it
is for pictures of everyday size; larger files go through the box.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

MOST_BYTES = 40_000_000  # in one go; a third more as text, well under the connection's 200 MB
_HERE = Path(__file__).parent
_HTML = """
<button type="button" title="Ctrl+V works anywhere on this page, too">
<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M8 5H6a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1h12a1 1 0 0 0 1-1V6a1 1 0 0
0-1-1h-2M9 3h6v4H9z"/></svg><span></span></button>
<div role="status"></div>
"""
WORDS = {
    "reading": "Reading what was pasted …",
    "none": "The clipboard holds no picture. Copy one first (right click, Copy image).",
    "denied": "The browser keeps the clipboard closed here. Press Ctrl+V (Cmd+V on a Mac) instead.",
    "large": f"That is more than {MOST_BYTES // 1_000_000} MB, too much to paste. Choose the file in the box instead.",
    "many": "Those are too many files at once.",
    "unreadable": "The browser could not read it. Choose the file in the box instead.",
}
_mount = st.components.v2.component(
    "cgid_paste", html=_HTML, css=(_HERE / "paste.css").read_text(), js=(_HERE / "paste.js").read_text()
)


def button(key: str, most: int, taken: Callable[[], None], label: str = "Paste a picture") -> None:
    """The button; it listens to the whole page while it is there. `taken` is called when something came: ask `files`."""
    data = {"label": label, "most": most, "bytes": MOST_BYTES, "words": WORDS}
    _mount(key=key, data=data, width="content", on_pictures_change=taken)


def files(key: str) -> tuple[list[tuple[str, bytes]], bool]:
    """([(name, content)], dropped rather than pasted) of what came to the button `key`; empty where it makes no sense."""
    sent = getattr(st.session_state.get(key), "pictures", None)
    return read(sent)


def read(sent: Any) -> tuple[list[tuple[str, bytes]], bool]:
    """As `files`, of what the browser sent. It is a stranger's word: anything but names with base64 text is left out."""
    if not isinstance(sent, Mapping) or not isinstance(sent.get("files"), list):
        return [], False
    found = []
    for one in sent["files"]:
        if not isinstance(one, Mapping) or not isinstance(one.get("content"), str):
            continue
        try:
            found.append((str(one.get("name") or ""), base64.b64decode(one["content"], validate=True)))
        except (binascii.Error, ValueError):
            continue
    return found, bool(sent.get("dropped"))
