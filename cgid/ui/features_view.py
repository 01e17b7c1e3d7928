"""The parts of the Features page: start a measurement, see how it went."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from cgid.artifacts import FEATURE_TABLE
from cgid.catalog import Found
from cgid.features.params import ExtractParams
from cgid.features.registry import all_groups
from cgid.settings import settings
from cgid.ui import jobs_view, place_view


def measure(datasets: Sequence[Found]) -> None:
    """The form that starts an extraction."""
    groups = all_groups()
    chosen = place_view.choose()
    with st.form("extract", border=False):
        by_name = {d.name: d for d in datasets}
        name = st.selectbox("Data set", list(by_name), format_func=lambda n: by_name[n].label)
        wanted = st.multiselect("Groups (none chosen = all)", list(groups), format_func=lambda k: groups[k].title)
        if st.form_submit_button("Measure", type="primary", icon=":material/play_arrow:"):
            place = chosen.checked()
            if place is not None:
                output = settings().features / name / FEATURE_TABLE
                params = ExtractParams(by_name[name].main, output, groups=",".join(wanted), **place)
                jobs_view.submit("extract", params)


def progress(table: Found) -> None:
    """What was measured, how fast, and what failed."""
    seen = table.summary
    failed = seen.get("failed") or []
    with st.container(horizontal=True):
        st.metric("Images", seen.get("done") or seen.get("total") or 0, border=True)
        st.metric("Failed", len(failed), border=True)
        rate = seen.get("rate")
        st.metric("Images a second", f"{rate:.1f}" if isinstance(rate, int | float) else "n/a", border=True)
        st.metric(
            "From the cache", seen.get("cached") or 0, border=True, help="measured before: same bytes, same version"
        )
    if failed:
        st.markdown("**Failed, with the reason.** The other images are in the table.")
        st.dataframe(failed, hide_index=True, alt="Images that could not be measured, with reasons")
