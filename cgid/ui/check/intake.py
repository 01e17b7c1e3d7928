"""Everything that comes in to the page *Check an image*: dropped, pasted, photographed, handed over, or a sample.

The newest wins. What came in is kept for the visit; the widgets begin anew after each, so none holds an older answer.

The samples as small pictures with a line each, and as a list where there is little room.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from cgid.fileformat.sniff import LABELS
from cgid.forensics.samples import gallery
from cgid.imaging.limits import MAX_PIXELS
from cgid.metadata import c2pa_sidecar
from cgid.settings import stores_images
from cgid.ui.check.subject import Subject, named, size
from cgid.ui.components import paste
from cgid.ui.shared import text
from cgid.ui.shared.session import EXAMINED

WIDTH = 168  # px of a card: two beside each other on a phone


def draw(chosen: Callable[[str], None]) -> None:
    """A row of cards that wraps; `chosen` is called with a sample's name."""
    st.markdown("**Or try a sample.** Each was made on this machine to show one thing.")
    with st.spinner("Making the samples", show_time=False):
        pictures = {name: gallery.small(name) for name in gallery.all_samples()}
    with st.container(horizontal=True):
        for name, small in pictures.items():
            if small is None:
                continue
            sample = gallery.all_samples()[name]
            with st.container(width=WIDTH, gap="xsmall"):
                url = "data:image/webp;base64," + base64.b64encode(small).decode()
                st.image(url, alt=f"Sample, {sample.title}: {sample.shows}", width="stretch")
                st.button(sample.title, key=f"sample-{name}", on_click=chosen, args=(name,), width="stretch")
                st.caption(sample.shows)


def what_it_shows(name: str) -> None:
    """One line on the sample that is looked at, with the filters of the bench that show it; nothing for an empty name."""
    sample = gallery.all_samples().get(name)
    if sample is None:
        return
    from cgid.inspector.filter import all_filters

    titles = [all_filters()[one].title for one in sample.filters]
    closely = f" Under *Look closely*, see {', '.join(titles)}." if titles else ""
    st.caption(f"**{sample.title}** (a made sample). {sample.shows}{closely}")


def list_box(key: str, chosen: Callable[[str], None]) -> None:
    """`chosen` is called with the box's key when a sample was picked."""
    samples = gallery.all_samples()
    st.selectbox(
        "Or a sample", [name for name, s in samples.items() if s.kept or gallery.small(name)], index=None,
        format_func=lambda name: samples[name].title, key=key, on_change=chosen, args=(key,),
        placeholder="Choose a sample",
    )  # fmt: skip


MOST = 100
MOST_MEGABYTES = 200  # of one file: the page's own limit, below imaging.limits.MAX_BYTES, which commands read
MOST_TOGETHER = 1_000_000_000  # bytes
FORMATS = f"{', '.join(LABELS[:-1])} and {LABELS[-1]}"
ORIGINS = {"camera": "From the camera", "paste": "Pasted", "sample": "Sample", "handed": "Handed over"}
LOST_ON_THE_WAY = {
    "paste": "What is pasted has often lost the file's own data (camera, credentials, JPEG history): the original file "
    "tells more.",
    "camera": "The camera's own shot is judged. A picture held before it, or a screen, is a photograph of that picture.",
}
_CHOSEN, _ROUND, _NOTES, _SAMPLE = "check-chosen", "check-round", "check-notes", "check-sample"
_PASTE = "check-paste"


def choose() -> list[Subject]:
    """Draw the ways in and return what is to be looked at, in the order it came; none: the empty state is drawn."""
    _from_the_address()
    _handed_over()
    subjects: list[Subject] = st.session_state.get(_CHOSEN) or []
    if subjects:
        _chosen(subjects)
    else:
        _empty()
    for note in st.session_state.get(_NOTES) or []:
        st.warning(note, icon=":material/info:")
    return subjects


def _empty() -> None:
    _upload_box()
    with st.container(horizontal=True, vertical_alignment="center"):
        paste.button(_PASTE, MOST, _pasted)
        camera = _camera_switch()
    if camera:
        _camera()
    kept = (
        "the answer and a small copy are kept as a record here" if stores_images() else "only the answer is kept here"
    )
    st.markdown(
        "Drop a picture, paste one, or try a sample: the answer comes within a second or two. It is looked at on this "
        f"machine and sent nowhere; {kept}, the file itself is not."
    )
    st.caption(
        f"{FORMATS} are read, whatever the file is called; each file up to {MOST_MEGABYTES} MB and "
        f"{MAX_PIXELS // 1_000_000} megapixels, up to {MOST} files at once. "
        "Credentials in a .c2pa file are read when it comes together with its picture."
    )
    draw(_sample_chosen)


def _chosen(subjects: Sequence[Subject]) -> None:
    """One line: what is looked at, and the ways to something else."""
    first = subjects[0]
    if len(subjects) == 1:
        what = f"{text.code(first.name)} · {size(len(first.data))}"
        if first.origin in ORIGINS:
            what = f"{ORIGINS[first.origin]}: {what}"
    else:
        what = f"**{len(subjects)} pictures** · {size(sum(len(s.data) for s in subjects))}"
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown(what, width="content")
        st.button("Put it away", icon=":material/close:", key="put-away", on_click=_put_away)
        with st.popover("Another", icon=":material/add_photo_alternate:", key=f"check-another-{_round()}"):
            _upload_box()
            if _camera_switch():
                _camera()
            list_box(f"check-sample-{_round()}", _sample_listed)
        paste.button(_PASTE, MOST, _pasted, "Paste")
    what_it_shows(st.session_state.get(_SAMPLE) or "")
    for origin in {s.origin for s in subjects} & set(LOST_ON_THE_WAY):
        st.caption(LOST_ON_THE_WAY[origin])


def _upload_box() -> None:
    st.file_uploader(
        "Drop one picture or several here, or choose them", accept_multiple_files=True,
        key=f"check-upload-{_round()}", max_upload_size=MOST_MEGABYTES, on_change=_uploaded,
    )  # fmt: skip


def _camera_switch() -> bool:
    """The browser asks for the camera only when a person does."""
    return st.toggle("Use the camera", key=f"check-camera-on-{_round()}")


def _camera() -> None:
    st.camera_input("Take a picture", key=f"check-camera-{_round()}", on_change=_photographed, width=480)


def _round() -> int:
    return st.session_state.get(_ROUND, 0)


def _take(subjects: Sequence[Subject], notes: Sequence[str] = (), sample: str = "") -> None:
    st.session_state[_CHOSEN], st.session_state[_NOTES] = list(subjects), list(notes)
    st.session_state[_SAMPLE] = sample
    st.session_state[_ROUND] = _round() + 1
    if sample:
        st.query_params["sample"] = sample
    elif "sample" in st.query_params:
        del st.query_params["sample"]


def _put_away() -> None:
    _take(())


def _uploaded() -> None:
    files = st.session_state.get(f"check-upload-{_round()}") or []
    if files:
        _take(*_within([(file.name, file.getvalue()) for file in files], "upload"))


def _photographed() -> None:
    shot = st.session_state.get(f"check-camera-{_round()}")
    if shot is not None:
        _take([Subject(shot.getvalue(), "camera.jpg", "camera")])


def _pasted() -> None:
    files, dropped = paste.files(_PASTE)
    if files:
        _take(*_within(files, "upload" if dropped else "paste"))


def _within(files: Sequence[tuple[str, bytes]], origin: str) -> tuple[list[Subject], list[str]]:
    """(what is taken, sentences on what is not). A .c2pa file goes with the picture of its name."""
    together = c2pa_sidecar.pair([name for name, _ in files])
    alone = [n for i, (n, _) in enumerate(files) if c2pa_sidecar.is_one(n) and i not in together.values()]
    pictures = [(i, name, data) for i, (name, data) in enumerate(files) if not c2pa_sidecar.is_one(name)]
    subjects, held = [], 0
    for i, name, data in pictures[:MOST]:
        held += len(data)
        if subjects and held > MOST_TOGETHER:
            break
        beside, credentials = files[together[i]] if i in together else ("", b"")
        if 0 < len(credentials) <= c2pa_sidecar.MOST_BYTES:
            subjects.append(Subject.with_credentials(data, named(name), origin, named(beside), credentials))
        else:
            subjects.append(Subject(data, named(name), origin))
    notes = [
        f"{text.code(named(name))} holds credentials that belong to a picture: choose both together, with the same name."
        for name in alone[:3]
    ]
    if len(subjects) < len(pictures):
        limit = f"{MOST} pictures and {MOST_TOGETHER // 1_000_000_000} GB"
        notes.append(
            f"Of {len(pictures)} files the first {len(subjects)} were taken; a page takes {limit} at once. "
            "A whole folder is judged in the background: from this page when it is empty, or by `cgid check-folder`."
        )
    return subjects, notes


def _sample_chosen(name: str) -> None:
    data = gallery.picture(name)
    if data is None:
        _take((), ["There is no such sample here."])
        return
    _take([Subject(data, gallery.all_samples()[name].file, "sample")], sample=name)


def _sample_listed(key: str) -> None:
    if name := st.session_state.get(key):
        _sample_chosen(name)


def _from_the_address() -> None:
    """`?sample=NAME`: a link to a sample. A visit that came back to the page gets its address back."""
    held, asked = st.session_state.get(_SAMPLE) or "", st.query_params.get("sample") or ""
    if asked and asked != held:
        _sample_chosen(asked)
    elif held and not asked:
        st.query_params["sample"] = held


def _handed_over() -> None:
    if EXAMINED not in st.session_state:
        return
    path = Path(st.session_state[EXAMINED])
    try:
        _take([Subject(path.read_bytes(), named(path.name), "handed")])
    except (OSError, ValueError):
        _take((), [f"The file {text.code(named(path.name))} is not there any more."])
    del st.session_state[EXAMINED]
