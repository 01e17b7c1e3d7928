"""Fingerprints of the file, on the page: to copy, to compare, and whether this program has met the file before."""

from __future__ import annotations

import streamlit as st

from cgid.errors import InputError
from cgid.escape import plain
from cgid.imaging.image_file import UnreadableImage
from cgid.inspector import hashes
from cgid.records import store
from cgid.ui.check.subject import Subject
from cgid.ui.shared import parts, text

ALIKE_BITS = 10  # of 64: up to here two pictures are held to look alike
_TITLES = {"bytes": "Of the file's bytes", "pixels": "Of the pixels", "look": "Of how it looks"}


@st.cache_data(max_entries=32, ttl=1800, show_spinner=False)
def _hashes(sha256: str, _subject: Subject) -> list[hashes.Hash]:
    found = hashes.of_bytes(_subject.data)
    try:
        return [*found, hashes.of_pixels(_subject.image), *hashes.of_look(_subject.image)]
    except UnreadableImage:
        return found


def show(subject: Subject) -> None:
    """Where the file was met, its hashes by what they are of, and a field to compare them."""
    _met(subject)
    found = _hashes(subject.sha256, subject)
    for kind, title in _TITLES.items():
        those = [h for h in found if h.of == kind]
        if those:
            st.markdown(f"**{title}**")
            with st.container(horizontal=kind == "look"):
                for one in those:
                    _one(one, 260 if kind == "look" else "stretch")
    _compare(found)


def _one(one: hashes.Hash, width: int | str) -> None:
    with st.container(width=width, gap="xsmall"):
        st.caption(f"{one.name}: {one.what[:1].lower()}{one.what[1:]}")
        st.code(one.value or "none", language=None, wrap_lines=True)


def _compare(found: list[hashes.Hash]) -> None:
    asked = st.text_input("Compare with a hash of another file", key="hash-other", width=620).strip().lower()
    if not asked:
        return
    if any(h.value == asked for h in found):
        name = next(h.name for h in found if h.value == asked)
        st.success(f"The same {name}.", icon=":material/check:")
        return
    look = [h for h in found if h.of == "look" and h.value]
    try:
        apart = [(h.name, hashes.bits_apart(h.value, asked)) for h in look]
    except ValueError:
        st.info("It fits none of these hashes: another file, or no hash of a kind shown here.", icon=":material/close:")
        return
    said = ", ".join(f"{bits} bits from {name}" for name, bits in apart)
    close = any(bits <= ALIKE_BITS for _, bits in apart)
    st.info(f"Not the same. {said}. {'Up to' if close else 'More than'} {ALIKE_BITS} of 64: the pictures "
            f"{'may look alike' if close else 'look different'}.", icon=":material/compare:")  # fmt: skip


def _met(subject: Subject) -> None:
    st.markdown("**Met before by this program**")
    try:
        checks = store.in_records(subject.sha256)
    except InputError as problem:
        parts.problem(problem)
        checks = []
    for one in checks[:5]:
        verdict = text.VERDICTS.get(one.detail, (one.detail,))[0]
        st.markdown(f"Checked {text.ago(one.when)} as {text.code(plain(one.name, 80))}: {text.literal(verdict)}")
    if len(checks) > 5:
        st.caption(f"And {len(checks) - 5} more checks.")
    lists = store.in_data(subject.sha256)
    for one in lists[:5]:
        st.markdown(f"It stands in the data set {text.code(plain(one.name, 120))}.")
    if not checks and not lists:
        st.caption("Not among the records, nor in any list of its data sets.")
