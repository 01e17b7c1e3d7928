"""The strip that says aloud whether a verdict survives re-saving, resizing, cropping and a screenshot."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import streamlit as st

from cgid.errors import InputError
from cgid.forensics.model_choice import Choice, chosen_models
from cgid.forensics.stability import COPIES, Outcome, judge, summary
from cgid.ui.check import record, scheduling
from cgid.ui.check.subject import Subject
from cgid.ui.shared import text


@st.cache_data(max_entries=1024, ttl=3600, show_spinner=False)
def _outcome(_subject: Subject, name: str, sha256: str, copy: str, choice: Choice, state: str, foreign: bool) -> dict:
    """One copy's verdict, kept by itself: a visit that is interrupted goes on where it was."""
    made = next(c for c in COPIES if c.name == copy)
    with scheduling.later():
        return asdict(judge(_subject.image, made, chosen_models(choice), foreign))


def show(subject: Subject, found: dict[str, Any], choice: Choice) -> None:
    """Judges the copies one after another into this place of the page; call it last, the answer stands already."""
    state = json.dumps(chosen_models(choice).to_json(), sort_keys=True)
    st.subheader("Does the verdict hold?", anchor=False)
    place = st.empty()
    outcomes: list[Outcome] = []
    for number, copy in enumerate(COPIES):
        with place.container():
            st.progress(number / len(COPIES), f"Judging copies: {copy.title} ({number + 1} of {len(COPIES)})")
        known = _outcome(
            subject, subject.name, subject.sha256, copy.name, choice, state, bool(found["models"].get("foreign"))
        )
        outcomes.append(Outcome(**known))
    with place.container():
        _strip(found, outcomes)


def _strip(found: dict[str, Any], outcomes: list[Outcome]) -> None:
    from cgid.charts import verdict as chart

    try:
        told = summary(found["verdict"], outcomes)
    except InputError as problem:
        st.caption(text.literal(problem))
        return
    record.add(found, "stability", told)
    left, right = st.columns([2, 3], vertical_alignment="center")
    line = text.literal(told["sentence"])
    with left:
        foreign = bool(found["models"].get("foreign"))
        if foreign and found["verdict"] == "inconclusive":
            st.info(line, icon=":material/help:")  # models that know nothing of it are as silent about its copies
        elif told["holds"]:
            st.success(line, icon=":material/verified:")
        else:
            st.warning(line, icon=":material/published_with_changes:")
        if foreign:
            st.caption("The models learned from simulated images, so the probabilities say nothing about this picture.")
    decided = found["models"].get("decided_by")
    by = decided if decided in ("model_a", "model_b") else "model_b" if found.get("model_b") else "model_a"
    model = found.get(by)
    if model:
        own = {"title": chart.ORIGINAL, "family": "", "verdict": found["verdict"], "probability": model["probability"]}
        copies = [c | {"probability": c[by]} for c in told["copies"]]
        right.altair_chart(
            chart.stability_figure([own, *copies], model["band"]), width="stretch",
            alt=f"{told['sentence']} One mark a copy, by probability of AI; the shaded band is inconclusive.",
        )  # fmt: skip
    with st.expander("What each copy was told"):
        rows = [
            {
                "copy": c["title"],
                "how": c["family"],
                "verdict": text.VERDICTS[c["verdict"]][0],
                "Model A": c["model_a"],
                "Model B": c["model_b"],
                "note": c["error"],
            }
            for c in told["copies"]
        ]
        percent = st.column_config.NumberColumn(format="percent")
        st.dataframe(
            rows,
            hide_index=True,
            column_config={"Model A": percent, "Model B": percent},
            alt=f"What each copy was told. {told['sentence']}",
        )
        st.download_button(
            "The copies (JSON)", json.dumps(told, indent=1), "stability.json", "application/json",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip
