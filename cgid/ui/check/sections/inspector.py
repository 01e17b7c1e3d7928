"""The inspector: every filter on any region of the image, at full resolution."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cgid.ui.check.section import Section
from cgid.ui.check.subject import Subject


def _show(subject: Subject, result: dict[str, Any]) -> None:
    _inspector(subject)


@st.fragment
def _inspector(subject: Subject) -> None:
    """A fragment, so that a moved slider reruns nothing else of the page."""
    from cgid.ui.check import inspector_form, inspector_sheet, inspector_view

    if inspector_form.choose_view() == inspector_form.GALLERY:
        inspector_sheet.show(subject)
    else:
        inspector_view.show(subject)


SECTION = Section("closely", "Filters", ":material/search:", 2, _show)
