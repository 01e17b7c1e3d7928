"""What speaks for and against the answer, strongest first: a sentence, where the image lies, a map, what could fool it."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from cgid.imaging.image_file import UnreadableImage
from cgid.ui.check import evidence_card
from cgid.ui.check.section import Section
from cgid.ui.check.subject import Subject
from cgid.ui.shared import parts, text

OPEN = 6  # pieces shown at once; the others wait until they are asked for


@st.fragment  # opening the weaker evidence does not judge the picture again
def _show(subject: Subject, found: dict[str, Any]) -> None:
    from cgid.forensics.evidence.evidence import gather, material_of

    try:
        material = material_of(subject.image, found)
    except UnreadableImage as problem:
        parts.problem(problem)
        return
    _about_the_training_data(found, bool(material.reference))
    pieces = gather(material)
    numbered = list(enumerate(pieces))
    drawn: set[str] = set()
    slow = [evidence_card.show(n, piece, subject, found, material.reference, drawn) for n, piece in numbered[:OPEN]]
    if rest := numbered[OPEN:]:
        weaker = st.expander(
            f"Weaker evidence ({len(rest)})", icon=":material/unfold_more:", key="weaker", on_change="rerun"
        )
        if weaker.open:
            with weaker:
                st.caption("None of these decides anything by itself; those at the end speak for neither side.")
                slow += [evidence_card.show(n, piece, subject, found, material.reference, drawn) for n, piece in rest]
    _numbers(found)
    for place in filter(None, slow):
        evidence_card.looked(place, subject, found)


def _about_the_training_data(found: dict[str, Any], known: bool) -> None:
    from cgid.forensics.evidence.reference import foreign

    if found.get("model_b") and not known:
        st.info(
            "This Model B kept no picture of its training data: train Model B again to see where this image lies.",
            icon=":material/model_training:",
        )
    elif not found.get("model_b"):
        st.caption(
            "Without a Model B there is no training data to compare single numbers with, so they speak for neither side."
        )
    elif foreign(found):
        st.info(
            "The strips show simulated demo images, and this picture is none of them: where it lies among them says "
            "nothing about it.",
            icon=":material/science:",
        )


def _numbers(found: dict[str, Any]) -> None:
    """All that was measured, with what it means; the answer as a file."""
    box = st.expander("Every number measured", icon=":material/table:", key="numbers", on_change="rerun")
    if box.open:
        with box:
            _table(found)
    for problem in (found.get("models") or {}).get("problems") or []:
        st.warning(text.literal(problem), icon=":material/warning:")
    st.caption(f"sha256 `{found['sha256']}`")
    st.download_button(
        "The whole answer (JSON)", json.dumps([found], indent=1, ensure_ascii=False), "check.json", "application/json",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip


def _table(found: dict[str, Any]) -> None:
    about = evidence_card.described()
    asked = st.text_input("Search", key="numbers-search", placeholder="noise, quality, wavelet …", max_chars=80)
    rows = []
    for column, value in sorted((found.get("features") or {}).items()):
        title, meaning, unit = about.get(column, ("", "", ""))
        if asked.lower() in f"{column} {title} {meaning}".lower():
            rows.append({"feature": column, "title": title, "value": value, "unit": unit, "meaning": meaning})
    if not rows:
        st.caption("No number is called so.")
        return
    st.dataframe(rows, hide_index=True, alt=f"{len(rows)} feature values of this picture, with what they mean")


SECTION = Section("evidence", "Evidence", ":material/balance:", 1, _show)
