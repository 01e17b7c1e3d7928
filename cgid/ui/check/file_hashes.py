"""Hashes of the file, on the page: to copy, to compare, and whether the file is already known here."""

from __future__ import annotations

import streamlit as st

from cgid.errors import InputError
from cgid.escape import plain
from cgid.imaging.image_file import UnreadableImage
from cgid.inspector import hashes
from cgid.records import store
from cgid.ui.check.subject import Subject
from cgid.ui.shared import parts, text

NEAR_DUPLICATE_BITS = 10  # of 64: up to here two images count as near-duplicates
_TITLES = {"bytes": "Hashes of the file", "pixels": "Hash of the pixels", "look": "Perceptual hashes"}


@st.cache_data(max_entries=32, ttl=1800, show_spinner=False)
def _hashes(sha256: str, _subject: Subject) -> list[hashes.Hash]:
    result = hashes.byte_hashes(_subject.data)
    try:
        return [*result, hashes.pixel_hash(_subject.image), *hashes.image_hashes(_subject.image)]
    except UnreadableImage:
        return result


def show(subject: Subject) -> None:
    """Where the file is known from, its hashes by kind, and a field to compare them."""
    _known_file(subject)
    known = _hashes(subject.sha256, subject)
    for kind, title in _TITLES.items():
        those = [h for h in known if h.of == kind]
        if those:
            st.markdown(f"**{title}**")
            with st.container(horizontal=kind == "look"):
                for one in those:
                    _hash(one, 260 if kind == "look" else "stretch")
    _compare(known)


def _hash(one: hashes.Hash, width: int | str) -> None:
    with st.container(width=width, gap="xsmall"):
        st.caption(f"{one.name}: {one.what[:1].lower()}{one.what[1:]}")
        st.code(one.value or "none", language=None, wrap_lines=True)


def _compare(known: list[hashes.Hash]) -> None:
    requested = st.text_input("Compare with a hash of another file", key="hash-other", width=620).strip().lower()
    if not requested:
        return
    if any(h.value == requested for h in known):
        name = next(h.name for h in known if h.value == requested)
        st.success(f"Identical {name}.", icon=":material/check:")
        return
    look = [h for h in known if h.of == "look" and h.value]
    try:
        distances = [(h.name, hashes.hamming_distance(h.value, requested)) for h in look]
    except ValueError:
        st.info("It matches none of these hashes: another file, or another kind of hash.", icon=":material/close:")
        return
    description = ", ".join(f"{bits} bits from {name}" for name, bits in distances)
    close = any(bits <= NEAR_DUPLICATE_BITS for _, bits in distances)
    st.info(f"Not identical. {description}. {'Up to' if close else 'More than'} {NEAR_DUPLICATE_BITS} of 64: the images "
            f"{'may be near-duplicates' if close else 'look different'}.", icon=":material/compare:")  # fmt: skip


def _known_file(subject: Subject) -> None:
    st.markdown("**Known file**")
    try:
        checks = store.previous_checks(subject.sha256)
    except InputError as problem:
        parts.problem(problem)
        checks = []
    for one in checks[:5]:
        verdict = text.VERDICTS.get(one.detail, (one.detail,))[0]
        st.markdown(f"Checked {text.ago(one.when)} as {text.code(plain(one.name, 80))}: {text.literal(verdict)}")
    if len(checks) > 5:
        st.caption(f"And {len(checks) - 5} more checks.")
    lists = store.data_sets_with(subject.sha256)
    for one in lists[:5]:
        st.markdown(f"It is part of the data set {text.code(plain(one.name, 120))}.")
    if not checks and not lists:
        st.caption("Neither in the history nor in any data set here.")
