"""The inspection bench: every filter on any part of the picture, to be looked at pixel by pixel."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cgid.ui.check.section import Section
from cgid.ui.check.subject import Subject


def _show(subject: Subject, found: dict[str, Any]) -> None:
    _bench(subject)


@st.fragment
def _bench(subject: Subject) -> None:
    """By itself, so that a moved slider draws nothing else of the page again."""
    from cgid.ui.check import inspector_form, inspector_sheet, inspector_view

    if inspector_form.choose_way() == inspector_form.GLANCE:
        inspector_sheet.show(subject)
    else:
        inspector_view.show(subject)


SECTION = Section("closely", "Look closely", ":material/search:", 2, _show)
