"""A part of the page *Check an image* below the answer: one file in sections/ is one tab, by being there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import streamlit as st

from cgid.registry import load
from cgid.ui.check.subject import Subject


@dataclass(frozen=True, slots=True)
class Section:
    """name: as in the address (`?section=NAME`). title: of the tab. icon: `:material/…:`. order: position from the left.
    show: draws the body of the open tab, given the image and the object of `check --json`."""

    name: str
    title: str
    icon: str
    order: int
    show: Callable[[Subject, dict[str, Any]], None]


def requested_section() -> str:
    """The section that the address asks for (`?section=NAME` or `?filter=NAME`), once: whoever then opens another tab
    stays there. Empty where it asks for nothing new."""
    section, followed = st.query_params.get("section", ""), st.session_state.get("section-asked", "")
    st.session_state["section-asked"] = section
    if name := st.query_params.get("filter", ""):
        from cgid.ui.check.inspector_form import ADDRESS

        if name != st.session_state.get(ADDRESS, ""):  # not the one that the inspector wrote there itself
            return "closely"
    return "" if section == followed else section


@cache
def all_sections() -> dict[str, Section]:
    """{name: section}, from left to right."""
    from cgid.ui.check import sections

    sections_by_name = load(sections, "SECTION")
    return dict(sorted(sections_by_name.items(), key=lambda item: (item[1].order, item[0])))
