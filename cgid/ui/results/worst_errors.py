"""Results: a gallery of the worst errors, each image with its occlusion map."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import streamlit as st

from cgid.files import cached_sha256
from cgid.jobs import store
from cgid.models.occlusion import CAUTION, LEGEND
from cgid.runs.params import WorstErrorsParams
from cgid.runs.run import Run
from cgid.ui.shared import jobs, parts, text
from cgid.ui.shared import load as files
from cgid.ui.shared.session import examine

KIND = "worst-errors"
TITLES = {"accused": "False positives (real photos called AI)", "missed": "False negatives (AI images called real)"}
REQUIRED_KEYS = {"images", "threshold", "n_real", "n_ai", "n_accused", "n_missed"}  # of a whole errors.json
PER_PAGE = 6  # images of a kind on one page
PICTURE = 132  # px: two fit side by side on a phone
NAME = 30  # characters of a file name


def worst_errors(run: Run, split: str) -> None:
    """The gallery of this run and split, or the button that creates it."""
    st.subheader("Worst errors", anchor=False)
    jobs.watch(lambda: _current_jobs(run, split), f"errors-{run.kind}-{run.id}-{split}")
    folder = run.folder / "errors" / split
    content = files.document(folder / "errors.json")
    if not content.keys() >= REQUIRED_KEYS:
        with st.container(border=True):
            st.markdown(
                "The most confident wrong predictions, with an occlusion map of each image. Not computed yet for these "
                "images; it takes about a second per image."
            )
            _start(run, split, "Find the worst errors")
        return
    if content.get("predictions_sha256") != cached_sha256(run.predictions_path(split)):
        st.warning("The run has been evaluated again since this gallery was created.", icon=":material/history:")
        _start(run, split, "Update the gallery")
    _selection_note(content)
    for kind, title in TITLES.items():
        _kind(folder, content, kind, title)
    _unavailable(content)
    with st.container(horizontal=True):
        parts.download("List (JSON)", folder / "errors.json", "application/json", "errors-json")
        st.download_button(
            "Gallery (ZIP)", lambda: _zip(folder, content), f"{run.id}_{split}_errors.zip", "application/zip",
            key="errors-zip", icon=":material/download:", on_click="ignore",
        )  # fmt: skip


def _current_jobs(run: Run, split: str) -> list:
    """The newest job for this gallery while it is running or has failed."""
    own_jobs = [
        job for job in store.list_jobs(kind=KIND, limit=20)
        if job.params.get("run") == str(run.folder) and job.params.get("split") == split
    ]  # fmt: skip
    return [job for job in own_jobs[:1] if job.live or job.error]


def _start(run: Run, split: str, label: str) -> None:
    pressed = st.button(label, icon=":material/search:", key="find-errors")
    if pressed and jobs.submit(KIND, WorstErrorsParams(run.folder, split)):
        st.rerun()


def _selection_note(content: dict[str, Any]) -> None:
    """Selection, threshold, and how to read the maps."""
    st.caption(
        f"At the fixed threshold {content['threshold']:.3f}, most confident first; at most two per photograph or video and, "
        "if there are others, four per source, so this is not a random sample of the errors."
    )
    for key in ("note", "no_maps"):
        if content.get(key):
            st.info(text.literal(content[key]), icon=":material/info:")
    if any(image.get("map") for image in content["images"]):
        with st.expander("How to read the maps, and what they cannot show", icon=":material/help:"):
            st.markdown(LEGEND)
            st.markdown(f"{CAUTION} (Occlusion: Zeiler and Fergus 2014.)")


def _kind(folder: Path, content: dict[str, Any], kind: str, title: str) -> None:
    images = [image for image in content["images"] if image.get("kind") == kind and image.get("picture")]
    of, name = ("n_real", "real photos") if kind == "accused" else ("n_ai", "AI images")
    st.markdown(f"**{title}**: {content[f'n_{kind}']} of {content[of]} {name} at this threshold, {len(images)} shown")
    if not images:
        return
    pages, at = max(1, -(-len(images) // PER_PAGE)), 1
    if pages > 1:
        at = st.number_input(f"Page (of {pages})", 1, pages, 1, key=f"errors-page-{kind}", width=160)
    with st.container(horizontal=True):
        for image in images[(at - 1) * PER_PAGE : at * PER_PAGE]:
            _card(folder, image, kind)


def _card(folder: Path, image: dict[str, Any], kind: str) -> None:
    """The image, its map and its prediction; no text of a file is read as Markdown."""
    name = Path(str(image["filepath"])).name
    shown = [(image["picture"], name), (image.get("map"), f"Occlusion map of {name}")]
    there = [(folder / file, alt) for file, alt in shown if file and Path(file).name == file]
    with st.container(border=True, width=2 * PICTURE + 50):
        with st.container(horizontal=True, gap="small"):
            for path, alt in there:
                if path.is_file():
                    st.image(path.read_bytes(), width=PICTURE, alt=alt)
                else:
                    st.text("file not found")
        truth, called = ("Real photo", "AI") if kind == "accused" else ("AI image", "real")
        percent = text.percent(image["calibrated"], 1).replace(" ", "\u00a0")
        st.markdown(f"{truth}, called {called}: probability of AI {percent}")
        origin = [text.code(image[key]) for key in ("generator", "source") if image.get(key)]
        short = name if len(name) <= NAME else f"{name[: NAME // 2]}…{name[-NAME // 2 :]}"
        st.caption(", ".join([text.code(short), *origin]))
        if image.get("problem"):
            st.caption(text.literal(image["problem"]))
        if st.button(
            "Check this image", icon=":material/image_search:", key=f"examine-{image['picture']}",
            help="Opens the page Check an image, with the current models: their result may differ from this run's.",
        ):  # fmt: skip
            examine(image["filepath"])


def _unavailable(content: dict[str, Any]) -> None:
    """Errors whose files cannot be shown."""
    lost = [image for image in content["images"] if not image.get("picture")]
    if lost:
        with st.expander(f"Errors that cannot be shown: {len(lost)}", icon=":material/broken_image:"):
            rows = [
                {"image": i["filepath"], "kind": TITLES.get(i["kind"], i["kind"]), "probability of AI": i["calibrated"],
                 "why": i["problem"]} for i in lost
            ]  # fmt: skip
            st.dataframe(rows, hide_index=True, alt="Errors whose files cannot be shown, with reasons")


def _zip(folder: Path, content: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    names = [image[key] for image in content["images"] for key in ("picture", "map") if image.get(key)]
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in ["errors.json", *dict.fromkeys(names)]:
            if Path(name).name == name and (folder / name).is_file():
                archive.write(folder / name, name)
    return buffer.getvalue()
