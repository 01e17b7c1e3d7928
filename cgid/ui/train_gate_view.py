"""The Train page, Model B: what the audit says of the chosen table's format and metadata, and the gate before training."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cgid import catalog
from cgid.schema import Family
from cgid.train.gate import FAMILIES, USUAL
from cgid.ui import shell, words


def field(place: Any) -> float:
    """The limit for `--gate`: 0 (off) unless switched on."""
    on = place.checkbox(
        "Refuse leaky data (gate)", key="b-gate",
        help="Before training, small models try to tell real from AI by file format or metadata alone; if one of them "
        f"gets more than {USUAL:.0%} right on average over both classes, training stops and says so.",
    )  # fmt: skip
    return USUAL if on else 0.0


def warn(table: str) -> None:
    """A warning where the audit of the table found that format or metadata alone tell the classes apart.

    table: name of a feature table, which its audit shares.
    """
    audit = next((a for a in catalog.audits() if a.name == table), None)
    if audit is None:
        shell.link("leakage", "This table has not been audited: look for leaks first")
        return
    found = {name: (audit.summary.get("families") or {}).get(name) or {} for name in FAMILIES}
    figures = {name: block.get("balanced_accuracy") or {} for name, block in found.items()}
    loud = {n: f for n, f in figures.items() if isinstance(f.get("value"), int | float) and f["value"] > USUAL}
    if not loud:
        return
    said = " and ".join(f"{Family(n).label} alone with {words.share(f)} balanced accuracy" for n, f in loud.items())
    st.warning(
        f"In this table a small model tells real from AI by {said}; above {USUAL:.0%} a detector may learn the file, not "
        "the picture. Trust the figures without file format and metadata only, or make both classes alike first.",
        icon=":material/warning:",
    )
    shell.link("leakage", "What gives it away", audit=table)
