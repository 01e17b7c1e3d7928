"""Whether the verdict is stable under recompression, resizing, cropping and a screenshot."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import streamlit as st

from cgid.errors import InputError
from cgid.forensics.model_choice import Choice, chosen_models
from cgid.forensics.stability import COPIES, Outcome, check_copy, summary
from cgid.ui.check import record, scheduling
from cgid.ui.check.subject import Subject
from cgid.ui.shared import text


@st.cache_data(max_entries=1024, ttl=3600, show_spinner=False)
def _outcome(
    _subject: Subject, name: str, sha256: str, copy: str, choice: Choice, state: str, out_of_domain: bool
) -> dict:
    """One copy's verdict, cached by itself: an interrupted session continues where it was."""
    variant = next(c for c in COPIES if c.name == copy)
    with scheduling.later():
        return asdict(check_copy(_subject.image, variant, chosen_models(choice), out_of_domain))


def show(subject: Subject, result: dict[str, Any], choice: Choice) -> None:
    """Checks the copies one after another; call it last, when the answer is already shown."""
    state = json.dumps(chosen_models(choice).to_json(), sort_keys=True)
    st.subheader("Is the verdict stable?", anchor=False)
    place = st.empty()
    outcomes: list[Outcome] = []
    for number, copy in enumerate(COPIES):
        with place.container():
            st.progress(number / len(COPIES), f"Checking copies: {copy.title} ({number + 1} of {len(COPIES)})")
        known = _outcome(
            subject, subject.name, subject.sha256, copy.name, choice, state, bool(result["models"].get("foreign"))
        )
        outcomes.append(Outcome(**known))
    with place.container():
        _strip(result, outcomes)


def _strip(result: dict[str, Any], outcomes: list[Outcome]) -> None:
    from cgid.charts import verdict as chart

    try:
        outcome = summary(result["verdict"], outcomes)
    except InputError as problem:
        st.caption(text.literal(problem))
        return
    record.add(result, "stability", outcome)
    left, right = st.columns([2, 3], vertical_alignment="center")
    line = text.literal(outcome["sentence"])
    with left:
        out_of_domain = bool(result["models"].get("foreign"))
        if out_of_domain and result["verdict"] == "inconclusive":
            st.info(line, icon=":material/help:")  # out of domain: the models say nothing about its copies either
        elif outcome["holds"]:
            st.success(line, icon=":material/verified:")
        else:
            st.warning(line, icon=":material/published_with_changes:")
        if out_of_domain:
            st.caption(
                "The models were trained on simulated images, so the probabilities say nothing about this image."
            )
    decided = result["models"].get("decided_by")
    by = decided if decided in ("model_a", "model_b") else "model_b" if result.get("model_b") else "model_a"
    model = result.get(by)
    if model:
        own = {"title": chart.ORIGINAL, "family": "", "verdict": result["verdict"], "probability": model["probability"]}
        copies = [c | {"probability": c[by]} for c in outcome["copies"]]
        right.altair_chart(
            chart.stability_chart([own, *copies], model["band"]), width="stretch",
            alt=f"{outcome['sentence']} One mark per copy, by probability of AI; the shaded range is inconclusive.",
        )  # fmt: skip
    with st.expander("Results of all copies"):
        rows = [
            {
                "copy": c["title"],
                "modification": c["family"],
                "verdict": text.VERDICTS[c["verdict"]][0],
                "Model A": c["model_a"],
                "Model B": c["model_b"],
                "note": c["error"],
            }
            for c in outcome["copies"]
        ]
        percent = st.column_config.NumberColumn(format="percent")
        st.dataframe(
            rows,
            hide_index=True,
            column_config={"Model A": percent, "Model B": percent},
            alt=f"Results of all copies. {outcome['sentence']}",
        )
        st.download_button(
            "Stability (JSON)", json.dumps(outcome, indent=1), "stability.json", "application/json",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip
