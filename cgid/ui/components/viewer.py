"""The picture viewer of the bench in the browser: compare, zoom, magnify, read pixels, without asking the server.

Pictures travel once, losslessly, by the addresses under which Streamlit serves media; a rerun sends the address alone.

The place of a part in the whole picture, by clicking or dragging in a small copy of it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from streamlit import runtime

FOLDER = Path(__file__).with_suffix("")
PIECES = ("layers.js", "geometry.js", "paint.js", "controls.js", "gestures.js", "main.js")  # one module, in this order


@dataclass(frozen=True, slots=True)
class Layer:
    """png: an encoded picture (`lossless`). title: one or two words on the picture. alt: what it shows, the finding."""

    png: bytes
    title: str
    alt: str


@dataclass(frozen=True, slots=True)
class Pane:
    """A picture and, of the same size, what lies over it. origin: the picture's corner in the whole image, px."""

    below: Layer
    above: Layer | None = None
    title: str = ""
    origin: tuple[int, int] = (0, 0)


def viewer(panes: Sequence[Pane], key: str, place: str, linked: bool = True) -> None:
    """Draw it. place: another one makes the viewer fit the picture anew; the same keeps zoom and position.

    linked: all panes show the same place; False where they do not lie over each other.
    """
    told = [
        {
            "title": pane.title,
            "origin": list(pane.origin),
            "below": _told(pane.below, f"{key}.{index}.below"),
            "above": pane.above and _told(pane.above, f"{key}.{index}.above"),
        }
        for index, pane in enumerate(panes)
    ]
    _component()(key=key, data={"key": place, "linked": linked, "panes": told})


def lossless(picture: np.ndarray) -> bytes:
    """uint8 (h, w) or RGB (h, w, 3) as PNG, for speed rather than size: 40 to 120 ms for 1536 px a side."""
    import cv2

    flags = [cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_HUFFMAN_ONLY]
    pixels = picture if picture.ndim == 2 else picture[..., ::-1]
    return cv2.imencode(".png", np.ascontiguousarray(pixels), flags)[1].tobytes()


def _told(layer: Layer, coordinates: str) -> dict[str, Any]:
    return {"src": address(layer.png, coordinates), "title": layer.title, "alt": layer.alt}


def address(png: bytes, coordinates: str) -> str:
    """Where the browser fetches it: as `st.image` does; a data URL where no server runs (tests of pages)."""
    if runtime.exists():
        return runtime.get_instance().media_file_mgr.add(png, "image/png", coordinates)
    return "data:image/png;base64," + base64.b64encode(png).decode()


@cache
def _component() -> Any:
    js = "\n".join((FOLDER / piece).read_text(encoding="utf-8") for piece in PIECES)
    return st.components.v2.component("cgid_viewer", css=(FOLDER / "viewer.css").read_text(encoding="utf-8"), js=js)


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
