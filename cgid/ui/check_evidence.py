"""The evidence behind an answer: the scale, the error rates, what file, rules and models say."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cgid.ui import words
from cgid.ui.contributions_view import contributions


def scale(found: dict[str, Any]) -> None:
    """Where the deciding model's probability lies between real and AI, with the inconclusive band."""
    decided = (found.get("models") or {}).get("decided_by")
    model = found.get(decided) if decided in ("model_a", "model_b") else None
    if not model:
        return
    import altair as alt
    import pandas as pd

    from cgid.charts.palette import AI, MUTED, REAL

    p, low, high = model["probability"], max(0.0, model["band"]["low"]), min(1.0, model["band"]["high"])
    zones = pd.DataFrame(
        {"from": [0, low, high], "to": [low, high, 1], "zone": ["likely real", "inconclusive", "likely AI"]}
    )
    zones["middle"] = (zones["from"] + zones["to"]) / 2
    zones = zones[zones["to"] > zones["from"]]
    x = alt.X(
        "from:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1]), title=None
    )
    bar = alt.Chart(zones).mark_bar(height=22, opacity=0.75).encode(
        x=x, x2="to:Q",
        color=alt.Color("zone:N", legend=alt.Legend(orient="bottom", title=None),
                        scale=alt.Scale(domain=["likely real", "inconclusive", "likely AI"], range=[REAL, MUTED, AI])),
    )  # fmt: skip
    here = (
        alt.Chart(pd.DataFrame({"p": [p]}))
        .mark_point(shape="triangle-down", size=260, filled=True, color="#d11", yOffset=-18)
        .encode(x="p:Q")
    )
    said = words.VERDICTS[model["verdict"]][0].lower()
    st.altair_chart(
        (bar + here).properties(height=70), width="stretch",
        alt=f"Scale from likely real to likely AI; this picture lies in the zone {said}.",
    )  # fmt: skip


def error_rates(found: dict[str, Any]) -> None:
    """How often the deciding model's verdicts were wrong on images it never saw."""
    rates = found.get("error_rates")
    if not rates:
        return
    accused, missed = rates.get("likely_ai_wrong") or {}, rates.get("likely_real_wrong") or {}
    st.caption(
        f"On its own test images: real photos wrongly accused {words.share(accused)} of {accused.get('n', '?')}; "
        f"AI images called real {words.share(missed)} of {missed.get('n', '?')}. Expect worse on other sources."
    )


def file_says(found: dict[str, Any]) -> None:
    """Credentials, traces of generators, camera."""
    said = found.get("provenance") or {}
    with st.container(border=True):
        st.markdown(":material/badge: **What the file says of itself**")
        statements = said.get("statements") or []
        for statement in statements:
            st.markdown(f"- {words.literal(statement)}")
        if not statements:
            st.markdown("Nothing: no credentials, no trace of a generator, no camera. Most pictures on the web are so.")
        for finding in said.get("findings") or []:
            st.caption(words.literal(finding.get("reason", "")))


def rules(found: dict[str, Any]) -> None:
    block = found.get("rules") or {}
    with st.container(border=True):
        st.markdown(":material/rule: **Fixed rules**, which never accuse alone")
        fired = block.get("fired") or []
        for one in fired:
            st.markdown(f"- {words.literal(one.get('reason', ''))} (weight {float(one.get('weight', 0)):+.2f})")
        if not fired:
            st.markdown("None of them fired.")


def model_a(found: dict[str, Any]) -> None:
    block = found.get("model_a")
    with st.container(border=True):
        st.markdown(":material/grain: **Model A**, a network that looks at pixels")
        if not block:
            st.markdown("No Model A is promoted yet.")
            return
        _said(block)


def model_b(found: dict[str, Any]) -> None:
    block = found.get("model_b")
    with st.container(border=True):
        st.markdown(":material/balance: **Model B**, which weighs forensic features")
        if not block:
            st.markdown("No Model B is promoted yet.")
            return
        _said(block)
        contributions(found)


def _said(block: dict[str, Any]) -> None:
    title, icon, colour = words.VERDICTS[block["verdict"]]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(title, icon=icon, color=colour)
        st.markdown(
            f"calibrated probability of AI {words.percent(block['probability'])}, run {words.code(block['run'])}"
        )
    if block.get("trained_on"):
        st.caption("It was trained on this very picture: its word counts for little here.")
