"""What speaks for and against the answer."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cgid.ui import check_view
from cgid.ui.check.section import Section
from cgid.ui.check.subject import Subject


def _show(subject: Subject, found: dict[str, Any]) -> None:
    check_view.pictures(subject.data, subject.name, found)
    check_view.evidence(found)
    looked = st.container()
    check_view.details(found)
    check_view.where_model_a_looked(looked, subject.data, subject.name, found)


SECTION = Section("Evidence", ":material/balance:", 1, _show)
