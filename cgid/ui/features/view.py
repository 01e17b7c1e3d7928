"""The parts of the Features page: start an extraction, on this computer or on a Dask cluster, and see its outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from cgid.artifacts import FEATURE_TABLE, Artifact
from cgid.compute.limits import DASK, LOCAL, executor_at
from cgid.errors import InputError
from cgid.extraction.params import ExtractParams
from cgid.features.registry import all_groups
from cgid.settings import settings
from cgid.ui.shared import jobs, parts

HERE, CLUSTER = "This computer", "Dask cluster"


@dataclass(frozen=True, slots=True)
class Chosen:
    """workers: processes on this computer. address: of a scheduler, None = this computer. send: always send the files."""

    workers: int
    address: str | None
    send: bool

    def checked(self) -> dict[str, Any] | None:
        """Parameters of an extraction; None if the address is not usable, with the reason shown."""
        if self.address is None:
            return {"workers": self.workers, "executor": LOCAL}
        from cgid.compute.cluster import check_reachable

        try:
            executor = executor_at(self.address)
            check_reachable(executor)
        except InputError as problem:
            parts.problem(problem)
            return None
        return {"executor": executor, "send_files": self.send}


def choose() -> Chosen:
    usual = settings().executor
    where = st.segmented_control(
        "Run on", (HERE, CLUSTER), default=CLUSTER if usual.startswith(DASK) else HERE, required=True
    )
    if where == HERE:
        return Chosen(int(st.number_input("Processes (0 = all processors)", 0, 256, 0)), None, False)
    left, right = st.columns(2, vertical_alignment="bottom")
    address = left.text_input(
        "Address of the scheduler",
        usual.removeprefix(DASK) if usual.startswith(DASK) else "",
        placeholder="10.0.0.5:8786",
        help="HOST:PORT as `dask scheduler` prints it. docs/scale-out.md explains how to start one.",
    )
    send = right.checkbox("Send the files", help="By default they are sent only if the workers cannot read them.")
    return Chosen(0, address, send)


def extract_form(datasets: Sequence[Artifact]) -> None:
    """The form that starts an extraction."""
    groups = all_groups()
    chosen = choose()
    with st.form("extract", border=False):
        by_name = {d.name: d for d in datasets}
        name = st.selectbox("Data set", list(by_name), format_func=lambda n: by_name[n].label)
        requested = st.multiselect(
            "Feature groups (none selected = all)", list(groups), format_func=lambda k: groups[k].title
        )
        if st.form_submit_button("Extract", type="primary", icon=":material/play_arrow:"):
            place = chosen.checked()
            if place is not None:
                output = settings().features / name / FEATURE_TABLE
                params = ExtractParams(by_name[name].main, output, groups=",".join(requested), **place)
                jobs.submit("extract", params)


def progress(table: Artifact) -> None:
    """How many images were processed, how fast, and what failed."""
    seen = table.summary
    failed = seen.get("failed") or []
    with st.container(horizontal=True):
        st.metric("Images", seen.get("done") or seen.get("total") or 0, border=True)
        st.metric("Failed", len(failed), border=True)
        rate = seen.get("rate")
        st.metric("Images per second", f"{rate:.1f}" if isinstance(rate, int | float) else "n/a", border=True)
        st.metric(
            "From the cache",
            seen.get("cached") or 0,
            border=True,
            help="extracted before: same file content, same version",
        )
    if failed:
        st.markdown("**Failed images, with the reason.** All other images are in the table.")
        st.dataframe(failed, hide_index=True, alt="Images whose features could not be extracted, with reasons")
