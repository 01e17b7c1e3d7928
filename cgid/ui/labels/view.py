"""The parts of the Label map page: the label of each analysed image and its origin, images to decide on, undo."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from cgid import artifacts
from cgid.errors import InputError
from cgid.files import cached_sha256
from cgid.records import keep
from cgid.records import label_review as review
from cgid.records.label_review import AI, LEFT_OUT_CHOICE, REAL, SUGGESTED, UNDECIDED, Review
from cgid.settings import settings
from cgid.ui import shell
from cgid.ui.shared import load as files
from cgid.ui.shared import parts, text

SHOW = {
    "to decide": ("doubtful", "unknown"),
    "doubtful": ("doubtful",),
    "decided by people": ("person", "left out"),
    "all": ("manifests", "doubtful", "unknown", "person", "left out"),
}
CHOICES = {REAL: "Real", AI: "AI", LEFT_OUT_CHOICE: "Leave out"}
CHANGES = {
    REAL: "labelled real", AI: "labelled AI", LEFT_OUT_CHOICE: "left out", SUGGESTED: "labelled as suggested",
    UNDECIDED: "reset to the manifests",
}  # fmt: skip
PER_PAGE = 12  # images on one page
CARD = 230  # px: holds the three choices in one line, and four cards side by side
PROBLEM = "labels-problem"


def current() -> Review | None:
    """The current map; None, with the reason shown, if its file is damaged or the database does not answer."""
    from cgid.records import store

    manifests = tuple(dataset.main for dataset in artifacts.datasets())
    path = review.map_path()
    try:
        state = tuple((str(p), p.stat().st_mtime_ns, p.stat().st_size) for p in (*manifests, path) if p.is_file())
        return _review(path, manifests, state, store.records_version(), settings().database_url)
    except (InputError, OSError) as error:
        parts.problem(error)
        return None


@st.cache_data(max_entries=4, ttl=600, show_spinner="Reading the manifests")
def _review(path: Path, manifests: tuple[Path, ...], state: tuple, newest: tuple, database: str) -> Review:
    return review.load_review(path, manifests)


def summary(shown: Review) -> None:
    """The number of images by label, where suggestions come from, and errors."""
    counts = review.counts(shown.rows)
    with st.container(horizontal=True):
        for title, number in (
            ("Real", counts[REAL]), ("AI", counts[AI]), ("Left out", counts[LEFT_OUT_CHOICE]), ("To decide", counts["to decide"]),
        ):  # fmt: skip
            st.metric(title, number, border=True, width=130)
    if problem := st.session_state.pop(PROBLEM, None):
        parts.problem(problem)
        st.toast("Nothing was saved; see the message at the top of the page.", icon=":material/error:")
    for problem in shown.problems:
        st.warning(text.literal(problem), icon=":material/warning:")
    names = [text.code(dataset.name) for dataset in artifacts.datasets()]
    origin = f"Suggestions come from {len(names)} data sets: {', '.join(names[:6])}{' …' * (len(names) > 6)}." if names else (
        "There is no data set to suggest labels. Add one whose manifest lists these images on the Data page."
    )  # fmt: skip
    st.caption(
        f"{origin} Model predictions are deliberately not shown here: labels that follow the models would only train "
        "Model B to agree with them."
    )


def review_images(shown: Review) -> None:
    """Filter, undo, the images with their choices, and one decision for all."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        show = st.segmented_control(
            "Show", list(SHOW), default="to decide", required=True, key="show", bind="query-params"
        )
        _undo(shown)
    states = review.states(shown.rows)
    there = [place for place, state in enumerate(states) if state in SHOW[show]]
    listed = _steady(shown, there, show)
    if not listed:
        st.success("There is nothing left to decide here.", icon=":material/task_alt:")
        return
    pages, at = math.ceil(len(listed) / PER_PAGE), 1
    if pages > 1:
        at = int(st.number_input(f"Page (of {pages})", 1, pages, 1, key=f"labels-page-{show}", width=160))
    with st.container(horizontal=True):
        for place in listed[(at - 1) * PER_PAGE : at * PER_PAGE]:
            _card(shown, place, states[place])
    if any(place not in there for place in listed) and st.button(
        "Show only undecided images", icon=":material/refresh:"
    ):
        st.session_state.pop("labels-listed")
        st.rerun()
    _all_at_once(shown, there, show)


def _steady(shown: Review, there: list[int], show: str) -> list[int]:
    """The rows this filter showed first: an image that was just decided stays where it is until the list is renewed."""
    names = list(zip(shown.rows["record_id"], shown.rows["filename"]))
    before, listed = st.session_state.get("labels-listed", (None, []))
    mark = (show, len(names))
    if before != mark or not listed:
        listed = [names[place] for place in there]
        st.session_state["labels-listed"] = (mark, listed)
    place_of = {name: place for place, name in enumerate(names)}
    return [place_of[name] for name in listed if name in place_of]


def _card(shown: Review, place: int, state: str) -> None:
    """Image, origin of the label, and the three choices; no text of a file is read as Markdown."""
    row, suggestion = shown.rows.iloc[place], shown.suggestions[place]
    name, record = row["filename"], row["record_id"]
    with st.container(border=True, width=CARD, gap="xsmall"):
        if url := _picture(record, shown.files.get(record, [])):
            st.image(url, alt=f"Analysed image {name}", width="stretch")
        else:
            st.caption(":material/broken_image: The image file was not found.")
        st.caption(text.code(name if len(name) <= 40 else f"{name[:20]}…{name[-19:]}"))
        key = f"label-{place}-{record[:12]}"
        st.session_state[key] = row["final_label"] or (LEFT_OUT_CHOICE if state == "left out" else None)
        st.segmented_control(
            f"What is {_spoken_name(name)}?", list(CHOICES), format_func=CHOICES.get, key=key, label_visibility="collapsed",
            on_change=_chosen, args=(shown, place, key),
        )  # fmt: skip
        st.caption(_label_origin(state, row["label_source"], suggestion))


def _spoken_name(name: str) -> str:
    """A file name as the hidden label of its choices, which is Markdown and read aloud by screen readers."""
    return re.sub(r"[^\w. -]+|_", " ", name[:60]).strip()


def _label_origin(state: str, source: str, suggestion: review.Suggestion) -> str:
    """Who labelled it, or why it has no label, as escaped text."""
    suggested = (
        f"manifests say {CHOICES[suggestion.label]} ({text.literal(suggestion.source)})" if suggestion.label else ""
    )
    if state == "manifests":
        return f":material/description: By {text.literal(source)}"
    if state in ("person", "left out"):
        return f":material/person: By a person{'; ' * bool(suggested)}{suggested}"
    note = text.literal(suggestion.note[:1].upper() + suggestion.note[1:])
    return f":material/help: {note}{'; ' * bool(suggested)}{suggested}"


def _picture(record: str, places: list[str]) -> str | None:
    """A thumbnail of a file that still has this content, else the one stored with the check."""
    for place in places:
        path = Path(place)
        try:
            if path.is_file() and path.stat().st_size <= keep.MAX_REREAD_BYTES and cached_sha256(path) == record:
                return files.thumbnail(path, keep.THUMBNAIL_SIDE)
        except (OSError, ValueError):  # a name that is no path here, a folder one may not read
            continue
    small = keep.thumbnail_path(record)
    return files.thumbnail(small, keep.THUMBNAIL_SIDE) if small else None


def _chosen(shown: Review, place: int, key: str) -> None:
    _save(lambda: review.decide(shown, [place], st.session_state[key] or UNDECIDED))


def _save(change: Callable[[], int]) -> None:
    try:
        change()
    except (InputError, OSError) as error:
        st.session_state[PROBLEM] = str(error)


def _undo(shown: Review) -> None:
    last = review.last_change(shown)
    what = f"{text.code(last[0][:60])} {CHANGES.get(last[1], 'changed')}" if last else "none"
    st.button(
        "Undo", icon=":material/undo:", key="labels-undo", disabled=last is None, on_click=_save,
        args=(lambda: review.undo(shown),),
    )  # fmt: skip
    st.caption(f"Last change: {what}")


def _all_at_once(shown: Review, there: list[int], show: str) -> None:
    """One decision for all images of the filter, on other pages too; it must be confirmed."""
    if not there:
        return
    with st.expander(f"Decide all {len(there)} at once ({show})", icon=":material/done_all:"):
        options = {**CHOICES, SUGGESTED: "As the manifests suggest", UNDECIDED: "Reset to the manifests"}
        choice = st.segmented_control(
            "All of them are", list(options), format_func=options.get, key=f"labels-all-{show}"
        )
        if choice is None:
            return
        reach = [p for p in there if choice != SUGGESTED or shown.suggestions[p].label]
        st.markdown(
            f"**{len(reach)}** images will be {CHANGES[choice]}, on every page of this filter; Undo reverts it."
        )
        st.button(
            f"Yes, {len(reach)} images", type="primary", icon=":material/check:", key="labels-confirm", disabled=not reach,
            on_click=_decide_all, args=(shown, reach, choice, f"labels-all-{show}"),
        )  # fmt: skip


def _decide_all(shown: Review, places: list[int], choice: str, key: str) -> None:
    _save(lambda: review.decide(shown, places, choice))
    st.session_state[key] = None
    st.session_state.pop("labels-listed", None)


def nothing_analysed() -> None:
    """The empty state."""
    parts.nothing("No image has been analysed yet. Checked images appear here for labelling.", "check")
    if any(dataset.simulated for dataset in artifacts.datasets()):
        st.caption("That page offers two simulated demo images to try.")


def simulated_note(shown: Review) -> None:
    from cgid.artifacts import demo_images

    parts.simulated_note(bool(demo_images() & set(shown.rows["record_id"])))


def next_steps() -> None:
    with st.container(horizontal=True):
        shell.link("leakage", "Does a single feature leak the label?")
        shell.link("models", "Compare and promote runs")
