"""Pieces that several pages show: what to do when there is nothing, the note on demo data, a choice, a download.

What a column of the feature table is called for people: the feature's title, and the group it belongs to.
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
    "Simulated demo data: photographs that ship with open-source packages, and pictures made by small simulated "
    "generators. It shows how the tool works; it says nothing about real generators."
)


def nothing(sentence: str, link_to: str = "", label: str = "") -> None:
    """The empty state: what is missing, and the next step."""
    with st.container(border=True):
        st.markdown(sentence)
        if link_to:
            shell.link(link_to, label)


def problem(error: object) -> None:
    """What went wrong, line by line. Such sentences quote files, so nothing in them is read as Markdown."""
    st.error("  \n".join(text.literal(line) for line in str(error).splitlines()), icon=":material/error:")


def simulated_note(simulated: bool) -> None:
    if simulated:
        st.info(SIMULATED, icon=":material/science:")


def choose(
    label: str, options: Sequence[T], name: Callable[[T], str], key: str, say: Callable[[T], str] | None = None
) -> T | None:
    """A select box whose choice stands in the address (`?key=name`) and is kept from page to page."""
    if not options:
        return None
    by_name = {name(o): o for o in options}
    names = list(by_name)
    shown = {name(o): (say or name)(o) for o in options}
    asked = st.query_params.get(key)
    start = names.index(asked) if asked in by_name else 0
    picked = st.selectbox(
        label, names, start, format_func=lambda n: shown.get(n, n), key=f"choose-{key}", persist_state="session"
    )
    if picked != asked and picked in by_name:
        st.query_params[key] = picked
    return by_name.get(picked, options[0])


def download(label: str, path: Path, mime: str, key: str) -> None:
    """A file of a result folder as it lies there; nothing where it is not."""
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
    """A paged grid of thumbnails that wraps as the screen allows. rows: dicts with `path`, `caption` (lines by \n)."""
    from cgid.ui.shared.load import thumbnail

    pages = max(1, -(-len(rows) // each))
    at = 1
    if pages > 1:
        at = st.number_input(f"Page, of {pages}", 1, pages, 1, key=f"{key}-page", width=160)
    with st.container(horizontal=True):
        for row in rows[(at - 1) * each : at * each]:
            with st.container(width=width, gap="xsmall"):
                url = thumbnail(row["path"])
                if url:
                    alt = " ".join(row["caption"].splitlines())
                    st.image(url, alt=f"{Path(row['path']).name}: {alt}", width="stretch")
                else:
                    st.text("not there any more")
                st.caption("  \n".join(text.code(line) for line in row["caption"].splitlines()) or "` `")


MISSING = " is missing"


def name_of(column: str) -> str:
    """`Noise level (Noise residual)`; a column nobody registered keeps its own name. Plain text, not Markdown."""
    if column.endswith(MISSING):
        return f"{name_of(column.removesuffix(MISSING))}: no value"
    return _names().get(column, column)


@cache
def _names() -> dict[str, str]:
    from cgid.features.registry import all_groups

    names = {}
    for group in all_groups().values():
        names |= {column: f"Not measured ({group.title})" for column in group.columns}
        names |= {group.column(f.name): f"{f.title} ({group.title})" for f in group.features}
    return names
