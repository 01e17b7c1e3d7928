"""The image viewer of the inspector in the browser: compare, zoom, magnify, read pixels, without asking the server.

Images are sent once, losslessly, through the URLs under which Streamlit serves media; a rerun sends the URL alone. The
picker chooses a region by clicking or dragging in a small copy of the image.
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
SCRIPTS = ("layers.js", "geometry.js", "paint.js", "controls.js", "gestures.js", "main.js")  # one module, in this order


@dataclass(frozen=True, slots=True)
class Layer:
    """png: an encoded image (`lossless`). title: one or two words shown on it. alt: what it shows, the finding."""

    png: bytes
    title: str
    alt: str


@dataclass(frozen=True, slots=True)
class Pane:
    """An image and, of the same size, the layer above it. origin: its top left corner in the whole image, px."""

    below: Layer
    above: Layer | None = None
    title: str = ""
    origin: tuple[int, int] = (0, 0)


def viewer(panes: Sequence[Pane], key: str, region: str, linked: bool = True) -> None:
    """Draw it. place: a new one makes the viewer fit the image again; the same one keeps zoom and position.

    linked: all panes show the same region; False if they are not aligned.
    """
    pane_data = [
        {
            "title": pane.title,
            "origin": list(pane.origin),
            "below": _layer_data(pane.below, f"{key}.{index}.below"),
            "above": pane.above and _layer_data(pane.above, f"{key}.{index}.above"),
        }
        for index, pane in enumerate(panes)
    ]
    _component()(key=key, data={"key": region, "linked": linked, "panes": pane_data})


def lossless(picture: np.ndarray) -> bytes:
    """uint8 (h, w) or RGB (h, w, 3) as PNG, for speed rather than size: 40 to 120 ms for 1536 px a side."""
    import cv2

    flags = [cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_HUFFMAN_ONLY]
    pixels = picture if picture.ndim == 2 else picture[..., ::-1]
    return cv2.imencode(".png", np.ascontiguousarray(pixels), flags)[1].tobytes()


def _layer_data(layer: Layer, coordinates: str) -> dict[str, Any]:
    return {"src": address(layer.png, coordinates), "title": layer.title, "alt": layer.alt}


def address(png: bytes, coordinates: str) -> str:
    """The URL for the browser, as `st.image` has it; a data URL if no server runs (tests of pages)."""
    if runtime.exists():
        return runtime.get_instance().media_file_mgr.add(png, "image/png", coordinates)
    return "data:image/png;base64," + base64.b64encode(png).decode()


@cache
def _component() -> Any:
    js = "\n".join((FOLDER / script).read_text(encoding="utf-8") for script in SCRIPTS)
    return st.components.v2.component("cgid_viewer", css=(FOLDER / "viewer.css").read_text(encoding="utf-8"), js=js)


_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "cgid_picker", css=(_HERE / "picker.css").read_text(), js=(_HERE / "picker.js").read_text()
)


def picker(src: str, alt: str, box: tuple[float, float, float, float], key: str, moved: Callable[[], None]) -> None:
    """src: the small image as a data URL. box: the region's left, top, width, height as fractions of the whole.

    `moved` is called when a position was chosen: see `place`.
    """
    _mount(key=key, data={"src": src, "alt": alt, "box": list(box)}, width="content", on_place_change=moved)


def place(key: str) -> tuple[float, float] | None:
    """Centre (x, y) of the region, 0..1, as last chosen in the picker `key`; None if invalid."""
    return read(getattr(st.session_state.get(key), "place", None))


def read(sent: Any) -> tuple[float, float] | None:
    """As `place`, of the browser's message, which is untrusted."""
    if not isinstance(sent, Mapping):
        return None
    position: list[Any] = [sent.get("across"), sent.get("down")]
    if all(isinstance(n, int | float) and not isinstance(n, bool) and 0 <= n <= 1 for n in position):
        return float(position[0]), float(position[1])
    return None
