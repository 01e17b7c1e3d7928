"""The parts of the Features page: start a measurement, see how it went.

Where a measurement runs: this machine or a Dask cluster, chosen in a form and checked before a job is made of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from cgid.artifacts import FEATURE_TABLE, Found
from cgid.compute.limits import DASK, LOCAL, executor_at
from cgid.errors import InputError
from cgid.extraction.params import ExtractParams
from cgid.features.registry import all_groups
from cgid.settings import settings
from cgid.ui.shared import jobs, parts

HERE, CLUSTER = "This machine", "Dask cluster"


@dataclass(frozen=True, slots=True)
class Chosen:
    """workers: processes on this machine. address: of a scheduler, None = this machine. send: files, in any case."""

    workers: int
    address: str | None
    send: bool

    def checked(self) -> dict[str, Any] | None:
        """Parameters of an extraction; None where the address is no good, which is said on the page."""
        if self.address is None:
            return {"workers": self.workers, "executor": LOCAL}
        from cgid.compute.cluster import must_answer

        try:
            executor = executor_at(self.address)
            must_answer(executor)
        except InputError as problem:
            parts.problem(problem)
            return None
        return {"executor": executor, "send_files": self.send}


def choose() -> Chosen:
    usual = settings().executor
    where = st.segmented_control(
        "Where", (HERE, CLUSTER), default=CLUSTER if usual.startswith(DASK) else HERE, required=True
    )
    if where == HERE:
        return Chosen(int(st.number_input("Processes (0 = all processors)", 0, 256, 0)), None, False)
    left, right = st.columns(2, vertical_alignment="bottom")
    address = left.text_input(
        "Address of the scheduler",
        usual.removeprefix(DASK) if usual.startswith(DASK) else "",
        placeholder="10.0.0.5:8786",
        help="HOST:PORT as `dask scheduler` prints it. docs/scale-out.md says how to start one.",
    )
    send = right.checkbox("Send the files", help="They are sent by themselves where the workers do not see them.")
    return Chosen(0, address, send)


def measure(datasets: Sequence[Found]) -> None:
    """The form that starts an extraction."""
    groups = all_groups()
    chosen = choose()
    with st.form("extract", border=False):
        by_name = {d.name: d for d in datasets}
        name = st.selectbox("Data set", list(by_name), format_func=lambda n: by_name[n].label)
        wanted = st.multiselect("Groups (none chosen = all)", list(groups), format_func=lambda k: groups[k].title)
        if st.form_submit_button("Measure", type="primary", icon=":material/play_arrow:"):
            place = chosen.checked()
            if place is not None:
                output = settings().features / name / FEATURE_TABLE
                params = ExtractParams(by_name[name].main, output, groups=",".join(wanted), **place)
                jobs.submit("extract", params)


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
