"""Files for pages, cached by path, size and time of change: never by their content, which Streamlit only samples.

Streamlit leaves parameters that begin with an underscore out of a cache key, so `changed` and `size` have none.
"""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import streamlit as st


def _key(path: Path) -> tuple[str, int, int]:
    stat = path.stat()
    return str(path), stat.st_mtime_ns, stat.st_size


def table(path: Path | str):
    """CSV or Parquet as a data frame. Raises FileNotFoundError."""
    return _table(*_key(Path(path)))


@st.cache_data(max_entries=12, ttl=3600, show_spinner=False)
def _table(path: str, changed: int, size: int):
    import pandas as pd

    return pd.read_parquet(path) if path.endswith(".parquet") else pd.read_csv(path)


def document(path: Path | str) -> dict[str, Any]:
    """A JSON object; {} if it is missing or damaged."""
    try:
        return _document(*_key(Path(path)))
    except (OSError, ValueError):
        return {}


@st.cache_data(max_entries=64, ttl=3600, show_spinner=False)
def _document(path: str, changed: int, size: int) -> dict[str, Any]:
    from cgid.files import read_json

    return read_json(path)


def thumbnail(path: Path | str, side: int = 160) -> str | None:
    """A small WebP as a data URL, or None if the file is missing or cannot be read."""
    try:
        return _thumbnail(*_key(Path(path)), side)
    except OSError:
        return None


@st.cache_data(max_entries=2000, ttl=3600, show_spinner=False)
def _thumbnail(path: str, changed: int, size: int, side: int) -> str | None:
    from PIL import Image

    from cgid.errors import InputError
    from cgid.imaging.image_file import ImageFile

    try:
        image = Image.fromarray(ImageFile.open(path).rgb)
    except InputError:
        return None
    return data_url(image, side)


def data_url(image, side: int | None = None) -> str:
    """A PIL image as a WebP data URL, at most `side` pixels a side."""
    if side:
        image.thumbnail((side, side), reducing_gap=1.5)
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "WEBP", quality=80, method=2)  # half the time for a file 4 % larger
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()
