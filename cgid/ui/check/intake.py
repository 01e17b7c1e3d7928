"""All inputs of the page *Check an image*: uploads, pasted images, photos, files from other pages, and samples.

The newest input replaces the others and stays for the session; the widgets are reset after each, so that none shows an
older one. Samples are shown as thumbnails with a line each, or as a list where space is short.
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

WIDTH = 168  # px of a card: two side by side on a phone


def show_samples(chosen: Callable[[str], None]) -> None:
    """A row of cards that wraps; `chosen` is called with a sample's name."""
    st.markdown("**Or try a sample.** Each was generated on this computer to demonstrate one thing.")
    with st.spinner("Generating the samples", show_time=False):
        pictures = {name: gallery.sample_thumbnail(name) for name in gallery.all_samples()}
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


def sample_note(name: str) -> None:
    """One line on the sample shown, with the filters that reveal it; nothing for an empty name."""
    sample = gallery.all_samples().get(name)
    if sample is None:
        return
    from cgid.inspector.filter import all_filters

    titles = [all_filters()[one].title for one in sample.filters]
    filters = f" See {', '.join(titles)} under *Filters*." if titles else ""
    st.caption(f"**{sample.title}** (generated sample). {sample.shows}{filters}")


def list_box(key: str, chosen: Callable[[str], None]) -> None:
    """`chosen` is called with the box's key when a sample was picked."""
    samples = gallery.all_samples()
    st.selectbox(
        "Or a sample", [name for name, s in samples.items() if s.cacheable or gallery.sample_thumbnail(name)], index=None,
        format_func=lambda name: samples[name].title, key=key, on_change=chosen, args=(key,),
        placeholder="Choose a sample",
    )  # fmt: skip


MAX_FILES = 100
MAX_MEGABYTES = 200  # of one file: the page's own limit, below imaging.limits.MAX_BYTES, which commands read
MAX_TOTAL_BYTES = 1_000_000_000  # bytes
FORMATS = f"{', '.join(LABELS[:-1])} and {LABELS[-1]}"
ORIGINS = {"camera": "From the camera", "paste": "Pasted", "sample": "Sample", "handed": "From another page"}
ORIGIN_NOTES = {
    "paste": "Pasted images have often lost their metadata (camera, credentials, JPEG history): the original file "
    "gives more evidence.",
    "camera": "The camera's own photo is checked. A print or a screen in front of it is checked as a photo of that image.",
}
_CHOSEN, _ROUND, _NOTES, _SAMPLE = "check-chosen", "check-round", "check-notes", "check-sample"
_PASTE = "check-paste"


def choose() -> list[Subject]:
    """Draw the inputs and return the images to check, in the order they came; none: the empty state is drawn."""
    _from_the_address()
    _from_other_page()
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
        paste.button(_PASTE, MAX_FILES, _pasted)
        camera = _camera_switch()
    if camera:
        _camera()
    saved = "the result and a thumbnail are saved here" if stores_images() else "only the result is saved here"
    st.markdown(
        "Drop an image, paste one, or try a sample: the result appears within a second or two. The image is analysed on "
        f"this computer and is not sent anywhere; {saved}, the file itself is not."
    )
    st.caption(
        f"Supported formats: {FORMATS}, recognised by content, not by file name. Up to {MAX_FILES} files at once, each up to "
        f"{MAX_MEGABYTES} MB and {MAX_PIXELS // 1_000_000} megapixels. "
        "To read the credentials in a .c2pa file, add it together with its image."
    )
    show_samples(_sample_chosen)


def _chosen(subjects: Sequence[Subject]) -> None:
    """One line: the current image or images, and the inputs for others."""
    first = subjects[0]
    if len(subjects) == 1:
        what = f"{text.code(first.name)} · {size(len(first.data))}"
        if first.origin in ORIGINS:
            what = f"{ORIGINS[first.origin]}: {what}"
    else:
        what = f"**{len(subjects)} images** · {size(sum(len(s.data) for s in subjects))}"
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown(what, width="content")
        st.button("Remove", icon=":material/close:", key="put-away", on_click=_remove)
        with st.popover("Another image", icon=":material/add_photo_alternate:", key=f"check-another-{_round()}"):
            _upload_box()
            if _camera_switch():
                _camera()
            list_box(f"check-sample-{_round()}", _sample_listed)
        paste.button(_PASTE, MAX_FILES, _pasted, "Paste")
    sample_note(st.session_state.get(_SAMPLE) or "")
    for origin in {s.origin for s in subjects} & set(ORIGIN_NOTES):
        st.caption(ORIGIN_NOTES[origin])


def _upload_box() -> None:
    st.file_uploader(
        "Drop one or more images here, or choose files", accept_multiple_files=True,
        key=f"check-upload-{_round()}", max_upload_size=MAX_MEGABYTES, on_change=_uploaded,
    )  # fmt: skip


def _camera_switch() -> bool:
    """The browser asks for access to the camera only after this switch."""
    return st.toggle("Use the camera", key=f"check-camera-on-{_round()}")


def _camera() -> None:
    st.camera_input("Take a photo", key=f"check-camera-{_round()}", on_change=_photographed, width=480)


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


def _remove() -> None:
    _take(())


def _uploaded() -> None:
    files = st.session_state.get(f"check-upload-{_round()}") or []
    if files:
        _take(*_accept([(file.name, file.getvalue()) for file in files], "upload"))


def _photographed() -> None:
    shot = st.session_state.get(f"check-camera-{_round()}")
    if shot is not None:
        _take([Subject(shot.getvalue(), "camera.jpg", "camera")])


def _pasted() -> None:
    files, dropped = paste.files(_PASTE)
    if files:
        _take(*_accept(files, "upload" if dropped else "paste"))


def _accept(files: Sequence[tuple[str, bytes]], origin: str) -> tuple[list[Subject], list[str]]:
    """(accepted images, sentences on what was not accepted). A .c2pa file goes with the image of its name."""
    together = c2pa_sidecar.pair_sidecars([name for name, _ in files])
    alone = [n for i, (n, _) in enumerate(files) if c2pa_sidecar.is_sidecar(n) and i not in together.values()]
    pictures = [(i, name, data) for i, (name, data) in enumerate(files) if not c2pa_sidecar.is_sidecar(name)]
    subjects: list[Subject] = []
    held = 0
    for i, name, data in pictures[:MAX_FILES]:
        held += len(data)
        if subjects and held > MAX_TOTAL_BYTES:
            break
        beside, credentials = files[together[i]] if i in together else ("", b"")
        if 0 < len(credentials) <= c2pa_sidecar.MAX_SIDECAR_BYTES:
            subjects.append(Subject.with_credentials(data, named(name), origin, named(beside), credentials))
        else:
            subjects.append(Subject(data, named(name), origin))
    notes = [
        f"{text.code(named(name))} holds credentials that belong to an image: choose both together, with the same name."
        for name in alone[:3]
    ]
    if len(subjects) < len(pictures):
        limit = f"{MAX_FILES} images and {MAX_TOTAL_BYTES // 1_000_000_000} GB"
        notes.append(
            f"Only the first {len(subjects)} of {len(pictures)} files were accepted; the limit is {limit} at once. To "
            "check a whole folder in the background, use the form on this page when it is empty, or `cgid check-folder`."
        )
    return subjects, notes


def _sample_chosen(name: str) -> None:
    data = gallery.sample_bytes(name)
    if data is None:
        _take((), ["This sample does not exist here."])
        return
    _take([Subject(data, gallery.all_samples()[name].file, "sample")], sample=name)


def _sample_listed(key: str) -> None:
    if name := st.session_state.get(key):
        _sample_chosen(name)


def _from_the_address() -> None:
    """`?sample=NAME`: a link to a sample. A session that returns to the page gets its address back."""
    held, requested = st.session_state.get(_SAMPLE) or "", st.query_params.get("sample") or ""
    if requested and requested != held:
        _sample_chosen(requested)
    elif held and not requested:
        st.query_params["sample"] = held


def _from_other_page() -> None:
    if EXAMINED not in st.session_state:
        return
    path = Path(st.session_state[EXAMINED])
    try:
        _take([Subject(path.read_bytes(), named(path.name), "handed")])
    except (OSError, ValueError):
        _take((), [f"The file {text.code(named(path.name))} no longer exists."])
    del st.session_state[EXAMINED]
