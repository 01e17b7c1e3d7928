"""The evidence for and against the verdict, strongest first: a statement, values, a map, limitations."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from cgid.imaging.image_file import UnreadableImage
from cgid.ui.check import evidence_card
from cgid.ui.check.section import Section
from cgid.ui.check.subject import Subject
from cgid.ui.shared import parts, text

MAX_OPEN = 6  # cards shown at once; the others are folded


@st.fragment  # unfolding the weaker evidence does not check the image again
def _show(subject: Subject, result: dict[str, Any]) -> None:
    from cgid.forensics.evidence.evidence import gather, material_of

    try:
        material = material_of(subject.image, result)
    except UnreadableImage as problem:
        parts.problem(problem)
        return
    _training_data_note(result, bool(material.reference))
    items = gather(material)
    numbered = list(enumerate(items))
    shown: set[str] = set()
    slow = [
        evidence_card.show(n, evidence, subject, result, material.reference, shown)
        for n, evidence in numbered[:MAX_OPEN]
    ]
    if rest := numbered[MAX_OPEN:]:
        weaker = st.expander(
            f"Weaker evidence ({len(rest)})", icon=":material/unfold_more:", key="weaker", on_change="rerun"
        )
        if weaker.open:
            with weaker:
                st.caption("None of these is decisive on its own; the last ones point to neither side.")
                slow += [
                    evidence_card.show(n, evidence, subject, result, material.reference, shown) for n, evidence in rest
                ]
    _feature_values(result)
    for slot in filter(None, slow):
        evidence_card.show_occlusion_map(slot, subject, result)


def _training_data_note(result: dict[str, Any], known: bool) -> None:
    from cgid.forensics.evidence.reference import out_of_domain

    if result.get("model_b") and not known:
        st.info(
            "This Model B has no stored summary of its training data. Train Model B again to compare this image with it.",
            icon=":material/model_training:",
        )
    elif not result.get("model_b"):
        st.caption(
            "Without a Model B there is no training data to compare single values with, so they point to neither side."
        )
    elif out_of_domain(result):
        st.info(
            "The strips show simulated demo images. This image is not one of them, so its position among them says nothing "
            "about it.",
            icon=":material/science:",
        )


def _feature_values(result: dict[str, Any]) -> None:
    """All feature values with their meaning; the full result as a file."""
    box = st.expander("All feature values", icon=":material/table:", key="numbers", on_change="rerun")
    if box.open:
        with box:
            _table(result)
    for problem in (result.get("models") or {}).get("problems") or []:
        st.warning(text.literal(problem), icon=":material/warning:")
    st.caption(f"sha256 `{result['sha256']}`")
    st.download_button(
        "Full result (JSON)", json.dumps([result], indent=1, ensure_ascii=False), "check.json", "application/json",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip


def _table(result: dict[str, Any]) -> None:
    about = evidence_card.feature_texts()
    query = st.text_input("Search", key="numbers-search", placeholder="noise, quality, wavelet …", max_chars=80)
    rows = []
    for column, value in sorted((result.get("features") or {}).items()):
        title, meaning, unit = about.get(column, ("", "", ""))
        if query.lower() in f"{column} {title} {meaning}".lower():
            rows.append({"feature": column, "title": title, "value": value, "unit": unit, "meaning": meaning})
    if not rows:
        st.caption("No feature matches.")
        return
    st.dataframe(rows, hide_index=True, alt=f"{len(rows)} feature values of this image with their meaning")


SECTION = Section("evidence", "Evidence", ":material/balance:", 1, _show)
