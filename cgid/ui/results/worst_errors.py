"""Results: the worst mistakes as pictures, each beside the map of where the network looked."""

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
TITLES = {"accused": "Real photos wrongly accused", "missed": "AI images missed"}
NEEDED = {"images", "threshold", "n_real", "n_ai", "n_accused", "n_missed"}  # of a whole errors.json
EACH = 6  # images of a kind on one page
PICTURE = 132  # px: two fit beside each other on a phone
NAME = 30  # characters of a file name


def worst_mistakes(run: Run, split: str) -> None:
    """The gallery of this run and split, or the button that makes it."""
    st.subheader("The worst mistakes", anchor=False)
    jobs.watch(lambda: _under_way(run, split), f"errors-{run.kind}-{run.id}-{split}")
    folder = run.folder / "errors" / split
    content = files.document(folder / "errors.json")
    if not content.keys() >= NEEDED:
        with st.container(border=True):
            st.markdown(
                "The answers that were wrong and most sure of it, with a map of where the network looked. Not gathered "
                "yet for these images; it takes about a second an image."
            )
            _start(run, split, "Find the worst mistakes")
        return
    if content.get("predictions_sha256") != cached_sha256(run.predictions_path(split)):
        st.warning("The run was judged anew since this gallery was made.", icon=":material/history:")
        _start(run, split, "Gather them anew")
    _say(content)
    for kind, title in TITLES.items():
        _kind(folder, content, kind, title)
    _lost(content)
    with st.container(horizontal=True):
        parts.download("The list (JSON)", folder / "errors.json", "application/json", "errors-json")
        st.download_button(
            "The gallery (ZIP)", lambda: _zip(folder, content), f"{run.id}_{split}_errors.zip", "application/zip",
            key="errors-zip", icon=":material/download:", on_click="ignore",
        )  # fmt: skip


def _under_way(run: Run, split: str) -> list:
    """The newest job for this gallery while it is under way or has failed."""
    mine = [
        job for job in store.list_jobs(kind=KIND, limit=20)
        if job.params.get("run") == str(run.folder) and job.params.get("split") == split
    ]  # fmt: skip
    return [job for job in mine[:1] if job.live or job.error]


def _start(run: Run, split: str, label: str) -> None:
    pressed = st.button(label, icon=":material/search:", key="find-errors")
    if pressed and jobs.submit(KIND, WorstErrorsParams(run.folder, split)):
        st.rerun()


def _say(content: dict[str, Any]) -> None:
    """What is shown, at which threshold, and how to read the maps."""
    st.caption(
        f"At the frozen threshold {content['threshold']:.3f}, the most confident first; at most two of one photograph or "
        "video and, where there are others, four of one source, so this is no random sample of the mistakes."
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
    pages, at = max(1, -(-len(images) // EACH)), 1
    if pages > 1:
        at = st.number_input(f"Page, of {pages}", 1, pages, 1, key=f"errors-page-{kind}", width=160)
    with st.container(horizontal=True):
        for image in images[(at - 1) * EACH : at * EACH]:
            _card(folder, image, kind)


def _card(folder: Path, image: dict[str, Any], kind: str) -> None:
    """The picture, the map, and what was said of it; nothing a file says is read as Markdown."""
    name = Path(str(image["filepath"])).name
    shown = [(image["picture"], name), (image.get("map"), f"Map of where the network looked in {name}")]
    there = [(folder / file, alt) for file, alt in shown if file and Path(file).name == file]
    with st.container(border=True, width=2 * PICTURE + 50):
        with st.container(horizontal=True, gap="small"):
            for path, alt in there:
                if path.is_file():
                    st.image(path.read_bytes(), width=PICTURE, alt=alt)
                else:
                    st.text("not there any more")
        truth, said = ("Real photo", "AI") if kind == "accused" else ("AI image", "real")
        percent = text.percent(image["calibrated"], 1).replace(" ", "\u00a0")
        st.markdown(f"{truth}, called {said}: probability of AI {percent}")
        origin = [text.code(image[key]) for key in ("generator", "source") if image.get(key)]
        short = name if len(name) <= NAME else f"{name[: NAME // 2]}…{name[-NAME // 2 :]}"
        st.caption(", ".join([text.code(short), *origin]))
        if image.get("problem"):
            st.caption(text.literal(image["problem"]))
        if st.button(
            "Examine it", icon=":material/image_search:", key=f"examine-{image['picture']}",
            help="On the page Check an image, by the models that are current now: they may answer otherwise than this run.",
        ):  # fmt: skip
            examine(image["filepath"])


def _lost(content: dict[str, Any]) -> None:
    """Mistakes whose files cannot be shown."""
    lost = [image for image in content["images"] if not image.get("picture")]
    if lost:
        with st.expander(f"Mistakes that cannot be shown: {len(lost)}", icon=":material/broken_image:"):
            rows = [
                {"image": i["filepath"], "kind": TITLES.get(i["kind"], i["kind"]), "probability of AI": i["calibrated"],
                 "why": i["problem"]} for i in lost
            ]  # fmt: skip
            st.dataframe(rows, hide_index=True, alt="Mistakes whose files cannot be shown, and why")


def _zip(folder: Path, content: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    names = [image[key] for image in content["images"] for key in ("picture", "map") if image.get(key)]
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in ["errors.json", *dict.fromkeys(names)]:
            if Path(name).name == name and (folder / name).is_file():
                archive.write(folder / name, name)
    return buffer.getvalue()
