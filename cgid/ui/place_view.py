"""Where a measurement runs: this machine or a Dask cluster, chosen in a form and checked before a job is made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from cgid.compute.limits import DASK, LOCAL, executor_at
from cgid.errors import InputError
from cgid.settings import settings
from cgid.ui import parts

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
        from cgid.compute.reach import must_answer

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
