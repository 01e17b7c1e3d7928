"""Elements that several pages share: empty states, errors, the note on demo data, choices, downloads, thumbnails.

Also the display name of a feature column: the feature's title and its group.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import streamlit as st

from cgid.ui import shell
from cgid.ui.shared import text

T = TypeVar("T")

SIMULATED = (
    "Simulated demo data: photographs that ship with open-source packages, and images from small simulated generators. "
    "It shows how the tool works and says nothing about real generators."
)


def nothing(sentence: str, link_to: str = "", label: str = "") -> None:
    """The empty state: what is missing, and the next step."""
    with st.container(border=True):
        st.markdown(sentence)
        if link_to:
            shell.link(link_to, label)


def problem(error: object) -> None:
    """An error message, line by line. Messages quote files, so nothing in them is read as Markdown."""
    st.error("  \n".join(text.literal(line) for line in str(error).splitlines()), icon=":material/error:")


def simulated_note(simulated: bool) -> None:
    if simulated:
        st.info(SIMULATED, icon=":material/science:")


def choose(
    label: str, options: Sequence[T], name: Callable[[T], str], key: str, describe: Callable[[T], str] | None = None
) -> T | None:
    """A select box whose choice is part of the address (`?key=name`) and persists from page to page."""
    if not options:
        return None
    by_name = {name(o): o for o in options}
    names = list(by_name)
    shown = {name(o): (describe or name)(o) for o in options}
    requested = st.query_params.get(key)
    start = names.index(requested) if requested in by_name else 0
    picked = st.selectbox(
        label, names, start, format_func=lambda n: shown.get(n, n), key=f"choose-{key}", persist_state="session"
    )
    if picked != requested and picked in by_name:
        st.query_params[key] = picked
    return by_name.get(picked, options[0])


def download(label: str, path: Path, mime: str, key: str) -> None:
    """A download button for a file of a result folder; nothing if the file does not exist."""
    if path.is_file():
        st.download_button(
            label,
            path.read_bytes,
            file_name=path.name,
            mime=mime,
            key=key,
            icon=":material/download:",
            on_click="ignore",
        )


def images(rows: Sequence[dict[str, Any]], key: str, each: int = 12, width: int = 148) -> None:
    """A paged grid of thumbnails that wraps as the screen allows. rows: dicts with `path`, `caption` (a line break between lines)."""
    from cgid.ui.shared.load import thumbnail

    pages = max(1, -(-len(rows) // each))
    at = 1
    if pages > 1:
        at = st.number_input(f"Page (of {pages})", 1, pages, 1, key=f"{key}-page", width=160)
    with st.container(horizontal=True):
        for row in rows[(at - 1) * each : at * each]:
            with st.container(width=width, gap="xsmall"):
                url = thumbnail(row["path"])
                if url:
                    alt = " ".join(row["caption"].splitlines())
                    st.image(url, alt=f"{Path(row['path']).name}: {alt}", width="stretch")
                else:
                    st.text("file not found")
                st.caption("  \n".join(text.code(line) for line in row["caption"].splitlines()) or "` `")


MISSING = " is missing"


def name_of(column: str) -> str:
    """`Noise level (Noise residual)`; an unregistered column keeps its own name. Plain text, not Markdown."""
    if column.endswith(MISSING):
        return f"{name_of(column.removesuffix(MISSING))}: no value"
    return _names().get(column, column)


@cache
def _names() -> dict[str, str]:
    from cgid.features.registry import all_groups

    names: dict[str, str] = {}
    for group in all_groups().values():
        names |= dict.fromkeys(group.columns, f"Not available ({group.title})")
        names |= {group.column(f.name): f"{f.title} ({group.title})" for f in group.features}
    return names
