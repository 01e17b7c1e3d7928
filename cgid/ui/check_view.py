"""The parts of the Check page: the answer first, then pictures, evidence and numbers."""

from __future__ import annotations

import io
import json
from typing import Any

import streamlit as st

from cgid.forensics.models import current_models
from cgid.ui import check_evidence, words
from cgid.ui.load import data_url

TYPES = ["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "avif", "heic", "heif", "jfif"]
MAPS_A_ROW = 3


@st.cache_data(max_entries=64, ttl=3600, show_spinner=False)
def _check(_data: bytes, name: str, sha256: str, models: str) -> dict[str, Any]:
    """By content, name and models. The bytes themselves are not hashed again."""
    from cgid.forensics.check import check

    return check(_data, name=name).to_json()


def answer(data: bytes, name: str) -> dict[str, Any]:
    """The verdict, why, and how often such a verdict is wrong."""
    import hashlib

    sha256 = hashlib.sha256(data).hexdigest()
    with st.spinner("Looking at the picture"):
        found = _check(data, name, sha256, json.dumps(current_models().to_json(), sort_keys=True))
    title, icon, colour = words.VERDICTS[found["verdict"]]
    left, right = st.columns([2, 3])
    with right, st.container(border=True):
        st.header(f":{colour}[{icon}] {title}", anchor=False)
        if (found.get("models") or {}).get("simulated"):
            st.badge("models learned from simulated data", icon=":material/science:", color="gray")
        st.markdown(words.literal(found["reason"]))
        check_evidence.scale(found)
        check_evidence.error_rates(found)
    with left:
        shown = _picture(data, name)
        if shown is not None:
            st.image(shown, caption=words.code(name), width="stretch", alt=f"The picture that was checked, {name}")
    return found


def _picture(data: bytes, name: str) -> str | None:
    from PIL import Image

    from cgid.errors import InputError
    from cgid.features.image import ImageFile

    try:
        return data_url(Image.fromarray(ImageFile.from_bytes(data, name).rgb), 1024)
    except InputError:
        return None


def record(found: dict[str, Any], data: bytes) -> None:
    """Keep the answer and a small picture, once a visit: Model B data sets can be built from these records."""
    seen = st.session_state.setdefault("recorded", set())
    mark = (found["sha256"], json.dumps(found.get("models"), sort_keys=True))
    if mark in seen:
        return
    from cgid.forensics import keeping

    seen.add(mark)
    try:
        keeping.keep(found, data)
    except OSError as error:
        st.warning(f"No small picture could be kept ({words.literal(error)}).")


@st.cache_data(max_entries=32, ttl=3600, show_spinner=False)
def _maps(_data: bytes, name: str, sha256: str, names: tuple[str, ...], state: str = "") -> dict[str, bytes]:
    """state: what the maps depend on besides the picture."""
    from PIL import Image

    from cgid.features.image import ImageFile
    from cgid.forensics.maps import maps

    drawn = {}
    for key, pixels in maps(ImageFile.from_bytes(_data, name), names).items():
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "PNG")
        drawn[key] = buffer.getvalue()
    return drawn


def pictures(data: bytes, name: str, found: dict[str, Any]) -> None:
    """The map of every pixel group, in rows, each with how to read it."""
    from cgid.forensics.looked import KEY
    from cgid.forensics.maps import all_maps

    st.subheader("What the pixels look like under other light", anchor=False)
    about = {key: one for key, one in all_maps().items() if key != KEY}
    drawn = _maps(data, name, found["sha256"], tuple(about))
    if not drawn:
        st.caption("This picture is too small for maps.")
        return
    keys = list(drawn)
    for first in range(0, len(keys), MAPS_A_ROW):
        for column, key in zip(st.columns(MAPS_A_ROW), keys[first : first + MAPS_A_ROW]):
            with column:
                st.markdown(f"**{about[key].title}**")
                st.image(drawn[key], width="stretch", alt=f"{about[key].title} of {name}. {about[key].legend}")
                st.caption(f"{about[key].legend} {about[key].caution}".strip())


def where_model_a_looked(place, data: bytes, name: str, found: dict[str, Any]) -> None:
    """Into `place` of the page, last of all: the network runs once for every place of the picture."""
    from cgid.forensics.looked import KEY, looked

    network, about = current_models().network, looked().get(KEY)
    if network is None or about is None or not found.get("model_a"):
        return
    with place:
        st.subheader(about.title, anchor=False)
        with st.spinner("Covering one place of the picture after the other"):
            drawn = _maps(data, name, found["sha256"], (KEY,), network.sha256)
        if not drawn:
            st.caption("The network gave no finite number for this picture with a place covered.")
            return
        picture, text = st.columns([2, 3])
        picture.image(drawn[KEY], width="stretch", alt=f"{about.title} in {name}. {about.legend}")
        text.markdown(about.legend)
        text.caption(f"{about.caution} (Occlusion: Zeiler and Fergus 2014.)")


def evidence(found: dict[str, Any]) -> None:
    """Model A, Model B, the rules and the file's own words, side by side and never averaged away."""
    st.subheader("What speaks for and against it", anchor=False)
    one, two = st.columns(2)
    with one:
        check_evidence.file_says(found)
        check_evidence.rules(found)
    with two:
        check_evidence.model_a(found)
        check_evidence.model_b(found)


def details(found: dict[str, Any]) -> None:
    """All numbers, and the answer as a file."""
    with st.expander("Every number measured", icon=":material/table:"):
        rows = [{"feature": k, "value": v} for k, v in sorted((found.get("features") or {}).items())]
        st.dataframe(rows, hide_index=True, alt="All feature values of this picture")
    for problem in (found.get("models") or {}).get("problems") or []:
        st.warning(words.literal(problem), icon=":material/warning:")
    st.caption(f"sha256 `{found['sha256']}`")
    st.download_button(
        "The whole answer (JSON)", json.dumps([found], indent=1, ensure_ascii=False), "check.json", "application/json",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip
