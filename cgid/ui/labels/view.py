"""The parts of the Label map page: what is known of each analysed image, pictures to decide on, undo, and the way to Model B."""

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
from cgid.records.label_review import AI, OUT, REAL, SUGGESTED, UNDECIDED, Review
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
CHOICES = {REAL: "Real", AI: "AI", OUT: "Leave out"}
SAID = {
    REAL: "labelled real", AI: "labelled AI", OUT: "left out", SUGGESTED: "labelled as suggested",
    UNDECIDED: "given back to the manifests",
}  # fmt: skip
EACH = 12  # pictures on one page
CARD = 230  # px: holds the three choices in one line, and four cards beside each other
PROBLEM = "labels-problem"


def current() -> Review | None:
    """The map as it is now; None, with the sentence shown, where its file is damaged or the database does not answer."""
    from cgid.records import store

    manifests = tuple(found.main for found in artifacts.datasets())
    path = review.map_path()
    try:
        state = tuple((str(p), p.stat().st_mtime_ns, p.stat().st_size) for p in (*manifests, path) if p.is_file())
        return _look(path, manifests, state, store.analyses_mark(), settings().database_url)
    except (InputError, OSError) as error:
        parts.problem(error)
        return None


@st.cache_data(max_entries=4, ttl=600, show_spinner="Reading what manifests say")
def _look(path: Path, manifests: tuple[Path, ...], state: tuple, newest: tuple, database: str) -> Review:
    return review.look(path, manifests)


def summary(shown: Review) -> None:
    """How many have which label, where suggestions come from, what went wrong."""
    found = review.counts(shown.rows)
    with st.container(horizontal=True):
        for title, number in (
            ("Real", found[REAL]), ("AI", found[AI]), ("Left out", found[OUT]), ("To decide", found["to decide"]),
        ):  # fmt: skip
            st.metric(title, number, border=True, width=130)
    if problem := st.session_state.pop(PROBLEM, None):
        parts.problem(problem)
        st.toast("Nothing was saved; the top of the page says why.", icon=":material/error:")
    for problem in shown.problems:
        st.warning(text.literal(problem), icon=":material/warning:")
    names = [text.code(found.name) for found in artifacts.datasets()]
    origin = f"Suggestions come from {len(names)} data sets: {', '.join(names[:6])}{' …' * (len(names) > 6)}." if names else (
        "There is no data set to suggest labels; one whose manifest lists these images, added on the page Data, would."
    )  # fmt: skip
    st.caption(
        f"{origin} What the models said of an image is not shown here on purpose: labels that follow the models would "
        "only teach Model B to agree with them."
    )


def review_images(shown: Review) -> None:
    """Filter, undo, the pictures with their choices, and all at once."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        show = st.segmented_control(
            "Show", list(SHOW), default="to decide", required=True, key="show", bind="query-params"
        )
        _undo(shown)
    states = review.states(shown.rows)
    there = [place for place, state in enumerate(states) if state in SHOW[show]]
    listed = _steady(shown, there, show)
    if not listed:
        st.success("Nothing is left to decide here.", icon=":material/task_alt:")
        return
    pages, at = math.ceil(len(listed) / EACH), 1
    if pages > 1:
        at = int(st.number_input(f"Page, of {pages}", 1, pages, 1, key=f"labels-page-{show}", width=160))
    with st.container(horizontal=True):
        for place in listed[(at - 1) * EACH : at * EACH]:
            _card(shown, place, states[place])
    if any(place not in there for place in listed) and st.button("Show only what is left", icon=":material/refresh:"):
        st.session_state.pop("labels-listed")
        st.rerun()
    _all_at_once(shown, there, show)


def _steady(shown: Review, there: list[int], show: str) -> list[int]:
    """The rows this filter showed first: an image that was just decided stays where it is until the next look."""
    names = list(zip(shown.rows["record_id"], shown.rows["filename"]))
    before, listed = st.session_state.get("labels-listed", (None, []))
    mark = (show, len(names))
    if before != mark or not listed:
        listed = [names[place] for place in there]
        st.session_state["labels-listed"] = (mark, listed)
    place_of = {name: place for place, name in enumerate(names)}
    return [place_of[name] for name in listed if name in place_of]


def _card(shown: Review, place: int, state: str) -> None:
    """Picture, what is known, and the three choices; nothing that a file says is read as Markdown."""
    row, said = shown.rows.iloc[place], shown.said[place]
    name, record = row["filename"], row["record_id"]
    with st.container(border=True, width=CARD, gap="xsmall"):
        if url := _picture(record, shown.files.get(record, [])):
            st.image(url, alt=f"The analysed picture {name}", width="stretch")
        else:
            st.caption(":material/broken_image: The picture is not there any more.")
        st.caption(text.code(name if len(name) <= 40 else f"{name[:20]}…{name[-19:]}"))
        key = f"label-{place}-{record[:12]}"
        st.session_state[key] = row["final_label"] or (OUT if state == "left out" else None)
        st.segmented_control(
            f"What is {_spoken(name)}?", list(CHOICES), format_func=CHOICES.get, key=key, label_visibility="collapsed",
            on_change=_chosen, args=(shown, place, key),
        )  # fmt: skip
        st.caption(_who(state, row["label_source"], said))


def _spoken(name: str) -> str:
    """A file name as the unseen label of its choices, which is Markdown and read aloud as it stands."""
    return re.sub(r"[^\w. -]+|_", " ", name[:60]).strip()


def _who(state: str, source: str, said: review.Suggestion) -> str:
    """Who labelled it, or why nobody did, as escaped text."""
    suggested = f"manifests say {CHOICES[said.label]} ({text.literal(said.source)})" if said.label else ""
    if state == "manifests":
        return f":material/description: By {text.literal(source)}"
    if state in ("person", "left out"):
        return f":material/person: By a person{'; ' * bool(suggested)}{suggested}"
    note = text.literal(said.note[:1].upper() + said.note[1:])
    return f":material/help: {note}{'; ' * bool(suggested)}{suggested}"


def _picture(record: str, places: list[str]) -> str | None:
    """A thumbnail of a file that still has this content, else the one that was kept when it was checked."""
    for place in places:
        path = Path(place)
        try:
            if path.is_file() and path.stat().st_size <= keep.MAX_REREAD_BYTES and cached_sha256(path) == record:
                return files.thumbnail(path, keep.SIDE)
        except (OSError, ValueError):  # a name that is no path here, a folder one may not read
            continue
    small = keep.kept(record)
    return files.thumbnail(small, keep.SIDE) if small else None


def _chosen(shown: Review, place: int, key: str) -> None:
    _save(lambda: review.decide(shown, [place], st.session_state[key] or UNDECIDED))


def _save(change: Callable[[], int]) -> None:
    try:
        change()
    except (InputError, OSError) as error:
        st.session_state[PROBLEM] = str(error)


def _undo(shown: Review) -> None:
    last = review.last_change(shown)
    what = f"{text.code(last[0][:60])} {SAID.get(last[1], 'changed')}" if last else "nothing yet"
    st.button(
        "Undo", icon=":material/undo:", key="labels-undo", disabled=last is None, on_click=_save,
        args=(lambda: review.undo(shown),),
    )  # fmt: skip
    st.caption(f"Last change: {what}")


def _all_at_once(shown: Review, there: list[int], show: str) -> None:
    """One decision for all that the filter shows now, on other pages too; a second press confirms."""
    if not there:
        return
    with st.expander(f"Decide all {len(there)} at once ({show})", icon=":material/done_all:"):
        options = {**CHOICES, SUGGESTED: "As manifests suggest", UNDECIDED: "Back to the manifests"}
        choice = st.segmented_control(
            "All of them are", list(options), format_func=options.get, key=f"labels-all-{show}"
        )
        if choice is None:
            return
        reach = [p for p in there if choice != SUGGESTED or shown.said[p].label]
        st.markdown(
            f"**{len(reach)}** images will be {SAID[choice]}, on every page of this filter; one press on Undo takes it back."
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
    parts.nothing("No image has been analysed yet. What is checked is kept here, to be labelled.", "check")
    if any(found.simulated for found in artifacts.datasets()):
        st.caption("That page offers two simulated images of the demo to try.")


def simulated_note(shown: Review) -> None:
    from cgid.artifacts import demo_images

    parts.simulated_note(bool(demo_images() & set(shown.rows["record_id"])))


def next_steps() -> None:
    with st.container(horizontal=True):
        shell.link("leakage", "Does a feature give the label away?")
        shell.link("models", "Compare and promote runs")
