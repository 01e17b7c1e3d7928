"""What an average of runs is worth beside the trainings it was made of."""

from __future__ import annotations

import streamlit as st

from cgid.runs.run import Run
from cgid.schema import external_name, external_split
from cgid.ui import words


def alone(run: Run) -> None:
    """Nothing for a single training. Else each network's AUC beside the average's, on every data set judged."""
    metrics = run.manifest.get("metrics") or {}
    members = (metrics.get("members") or {}).get("runs")
    if not members:
        return
    blocks = {"test": metrics.get("test") or {}}
    blocks |= {external_split(e.get("name")): e for e in metrics.get("external") or []}
    named = {split: "own test" if split == "test" else external_name(split) for split in blocks}
    rows = [{"network": "average", "seed": ""}] + [{"network": m["run_id"], "seed": str(m["seed"])} for m in members]
    for row, auc in zip(rows, [{split: b.get("auc") for split, b in blocks.items()}] + [m["auc"] for m in members]):
        row |= {f"AUC on {named[split]} (95 % interval)": words.decimal(auc.get(split)) for split in blocks}
    st.subheader("Is the average worth it?", anchor=False)
    st.dataframe(rows, hide_index=True, alt="AUC of the average and of each of its networks alone")
    st.caption(
        "Where the networks part more than their intervals say, a single training was luck, good or bad. "
        "AUC: 0.5 is chance, 1 is perfect."
    )
