"""The parts of the Features page: start a measurement, see how it went, look at one feature, read the guide."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from cgid.catalog import Found
from cgid.charts import distributions
from cgid.features.params import ExtractParams
from cgid.features.registry import all_groups, family_of
from cgid.settings import settings
from cgid.ui import jobs_view, place_view, words
from cgid.ui import load as files

FAMILY_WORDS = {
    "container": "file and compression",
    "provenance": "metadata and credentials",
    "content": "what the pixels say",
    "model": "models and rules",
}


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
                output = settings().features / name / "features.parquet"
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


def explore(table: Found) -> None:
    """One feature's spread over the classes."""
    from cgid.features.table import feature_columns

    rows = files.table(table.main)
    names = feature_columns(rows)
    if not names or "target_label" not in rows:
        return
    start = names.index("spectrum_high_share") if "spectrum_high_share" in names else 0
    name = st.selectbox(
        "Feature", names, index=start, key="feature", bind="query-params",
        format_func=lambda n: f"{n} ({FAMILY_WORDS.get(family_of(n), 'other')})",
    )  # fmt: skip
    data = distributions.binned(rows[name].to_numpy(float), rows["target_label"].to_numpy())
    missing = rows[name].isna().mean()
    if len(data):
        st.altair_chart(
            distributions.by_class(data, name, height=260), width="stretch",
            alt=f"Histogram of {name}, one row for real photos and one for AI images.",
        )  # fmt: skip
    st.caption(f"No value in {words.percent(missing, 1)} of the images." if missing else "Every image has a value.")


def guide() -> None:
    """Every group of the registry in words."""
    st.subheader("What is measured", anchor=False)
    for group in all_groups().values():
        label = f"{group.title}: {FAMILY_WORDS[group.family]}, {len(group.features)} {'feature' if len(group.features) == 1 else 'features'}"
        with st.expander(label, icon=":material/info:"):
            if group.meaning:
                st.markdown(group.meaning)
            if group.weakness:
                st.markdown(f"**What it cannot tell.** {group.weakness}")
            st.caption(f"Source: {group.cite}. Version {group.version}.")
            table = [
                {"column": group.column(f.name), "name": f.title, "meaning": f.meaning, "unit": f.unit}
                for f in group.features
            ]
            st.dataframe(table, hide_index=True, alt=f"Features of {group.title}")
