"""Images from the clipboard, by Ctrl+V anywhere on the page or by a button, and files dropped outside the upload box.

Streamlit's upload box does not accept pasted images. The browser sends them over the page's own connection, as text, so
this is meant for images of ordinary size; larger files go through the upload box.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

MAX_BYTES = 40_000_000  # in one go; a third more as text, well under the connection's 200 MB
_HERE = Path(__file__).parent
_HTML = """
<button type="button" title="Ctrl+V also works anywhere on this page">
<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M8 5H6a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1h12a1 1 0 0 0 1-1V6a1 1 0 0
0-1-1h-2M9 3h6v4H9z"/></svg><span></span></button>
<div role="status"></div>
"""
MESSAGES = {
    "reading": "Reading the clipboard …",
    "none": "The clipboard contains no image. Copy one first (right click, Copy image).",
    "denied": "The browser does not allow access to the clipboard here. Press Ctrl+V (Cmd+V on a Mac) instead.",
    "large": f"That is more than {MAX_BYTES // 1_000_000} MB, too much to paste. Use the upload box instead.",
    "many": "Too many files at once.",
    "unreadable": "The browser could not read it. Use the upload box instead.",
}
_mount = st.components.v2.component(
    "cgid_paste", html=_HTML, css=(_HERE / "paste.css").read_text(), js=(_HERE / "paste.js").read_text()
)


def button(key: str, max_files: int, taken: Callable[[], None], label: str = "Paste an image") -> None:
    """The button; it listens to the whole page while it is shown. `taken` is called when files arrive: see `files`."""
    data = {"label": label, "most": max_files, "bytes": MAX_BYTES, "words": MESSAGES}
    _mount(key=key, data=data, width="content", on_pictures_change=taken)


def files(key: str) -> tuple[list[tuple[str, bytes]], bool]:
    """([(name, content)], dropped rather than pasted) of the files received by the button `key`; empty if invalid."""
    sent = getattr(st.session_state.get(key), "pictures", None)
    return read(sent)


def read(sent: Any) -> tuple[list[tuple[str, bytes]], bool]:
    """As `files`, of the browser's message. It is untrusted: anything but names with base64 text is ignored."""
    if not isinstance(sent, Mapping) or not isinstance(sent.get("files"), list):
        return [], False
    files_received = []
    for one in sent["files"]:
        if not isinstance(one, Mapping) or not isinstance(one.get("content"), str):
            continue
        try:
            files_received.append((str(one.get("name") or ""), base64.b64decode(one["content"], validate=True)))
        except (binascii.Error, ValueError):
            continue
    return files_received, bool(sent.get("dropped"))
