"""The parts of the Data page: four ways in, what a data set holds, what was dropped, a few images of it."""

from __future__ import annotations

import re
from pathlib import Path

import streamlit as st

from cgid.artifacts import CLEANED_MANIFEST, DEMO_PREFIX, DROPPED_ROWS, KEPT_ROWS, SCANNED_MANIFEST, Found
from cgid.charts import bars
from cgid.data.params import CleanParams, ImportZipParams, PrepareParams, ScanParams, SplitParams
from cgid.errors import InputError
from cgid.jobs.submit import Step, submit_chain
from cgid.settings import settings
from cgid.ui.shared import load as files
from cgid.ui.shared import parts

WAYS = ("Folder on this machine", "Zip archive", "Manifest (CSV)", "CIFAKE or GenImage")


def add() -> None:
    """The form: where the images are, what the set is called, how it is split."""
    way = st.segmented_control("Where are the images?", WAYS, default=WAYS[0], required=True, key="way")
    if way == WAYS[3]:
        _published()
        return
    with st.form("add", border=False):
        folder, upload = "", None
        if way == WAYS[0]:
            folder = st.text_input(
                "Folder", placeholder="/path/to/images",
                help="Sub-folders real and ai (or fake), 0_real and 1_fake, train/REAL and train/FAKE, or GenImage's layout.",
            )  # fmt: skip
        elif way == WAYS[1]:
            upload = st.file_uploader("Zip of such a folder", type="zip")
        else:
            upload = st.file_uploader("Manifest with the columns filepath, label, source, generator, split", type="csv")
        cols = st.columns([2, 1, 1], vertical_alignment="bottom")
        name = cols[0].text_input(
            "Name of the data set", help="Letters, digits, _ and -; empty: from the folder or file."
        )
        most = cols[1].number_input("At most, per class and split", 0, 10_000_000, 0, help="0 = all")
        keep = cols[2].checkbox(
            "Keep its own train / val / test", help="else images are split anew, 70 / 15 / 15 by group"
        )
        if st.form_submit_button("Add", type="primary", icon=":material/add:"):
            _add(way, folder, upload, name, int(most), keep)


def _add(way: str, folder: str, upload, name: str, most: int, keep: bool) -> None:
    try:
        given = folder.strip() if way == WAYS[0] else getattr(upload, "name", "")
        if not given:
            raise InputError("Say where the images are first.")
        slug = dataset_name(name or Path(given.replace("\\", "/")).stem)
        target = settings().manifests / slug
        first = _first_step(way, folder.strip(), upload, slug, target)
        steps = [first] if first else []
        cleaned = target / CLEANED_MANIFEST
        steps.append(Step("data-clean", CleanParams(target / SCANNED_MANIFEST, cleaned), (0,) if first else ()))
        split = SplitParams(cleaned, target, max_per_class=most or None, keep_splits=keep)
        steps.append(Step("data-split", split, (len(steps) - 1,)))
        submit_chain(steps)
    except InputError as error:
        parts.problem(error)
    else:
        st.rerun()


def _published() -> None:
    """The form for CIFAKE and GenImage: their own test split stays, generators can be held out."""
    with st.form("published", border=False):
        folder = st.text_input(
            "Folder", placeholder="/path/to/CIFAKE or /path/to/GenImage",
            help="CIFAKE: train and test, each with FAKE and REAL. GenImage: a folder for each generator, in it train and "
            "val, each with ai and nature. The published test images (GenImage: val) stay the test split.",
        )  # fmt: skip
        cols = st.columns(3, vertical_alignment="bottom")
        name = cols[0].text_input("Name of the data set", help="Letters, digits, _ and -; empty: from the folder.")
        held = cols[1].text_input(
            "Generators to hold out", placeholder="biggan, wukong",
            help="GenImage only: these are in no split; each becomes an external manifest to judge a model on.",
        )  # fmt: skip
        most = cols[2].number_input("At most, per class and split", 0, 10_000_000, 0, help="0 = all")
        if st.form_submit_button("Prepare", type="primary", icon=":material/add:"):
            _prepare(folder.strip(), name, held, int(most))


def _prepare(folder: str, name: str, held: str, most: int) -> None:
    try:
        if not folder:
            raise InputError("Say where the images are first.")
        slug = dataset_name(name or Path(folder.replace("\\", "/")).name)
        params = PrepareParams(
            Path(folder).expanduser(), settings().manifests / slug, source=slug,
            hold_out=(held.strip(),) if held.strip() else (), max_per_class=most or None,
        )  # fmt: skip
        submit_chain([Step("data-prepare", params)])
    except InputError as error:
        parts.problem(error)
    else:
        st.rerun()


def _first_step(way: str, folder: str, upload, slug: str, target: Path) -> Step | None:
    """What makes the manifest; None where it was uploaded and is written already."""
    if way == WAYS[0]:
        return Step("data-scan", ScanParams(Path(folder).expanduser(), target / SCANNED_MANIFEST, slug))
    if way == WAYS[1]:
        archive = settings().data / "uploads" / f"{slug}.zip"
        _store(upload, archive)
        asked = ImportZipParams(archive, archive.with_suffix(""), target / SCANNED_MANIFEST, slug)
        return Step("data-import-zip", asked)
    from cgid.data.archive import import_manifest

    import_manifest(upload.getvalue(), upload.name, target)
    return None


def _store(upload, path: Path) -> None:
    """An upload into a file, in pieces."""
    import shutil

    from cgid.files import atomic

    with atomic(path) as temporary, temporary.open("wb") as file:
        upload.seek(0)
        shutil.copyfileobj(upload, file, 1 << 20)


def dataset_name(text: str) -> str:
    """A folder name that is safe everywhere. Raises InputError where nothing is left, or it belongs to the demo."""
    slug = re.sub(r"[^a-z0-9_-]+", "_", text.strip().lower()).strip("_-")[:60]
    if not slug:
        raise InputError("Give the data set a name of letters and digits.")
    if slug.startswith(DEMO_PREFIX):
        raise InputError(f"Names that begin with {DEMO_PREFIX} are kept for the simulated demo sets; choose another.")
    return slug


def contents(dataset: Found) -> None:
    """Counts of each split and class."""
    total = dataset.summary.get("total") or {}
    by_split = {name: part.get("labels") or {} for name, part in (dataset.summary.get("by_split") or {}).items()}
    st.text(str(dataset.summary.get("summary") or ""))
    if by_split:
        st.altair_chart(bars.by_split(by_split), width="stretch", alt="Bars: images of each class in each split.")
    with st.container(horizontal=True):
        st.metric("Images", total.get("rows"), border=True)
        st.metric("Independent groups", total.get("groups"), border=True, help="images that look alike, or share a source, are one group and stay on one side of the split")  # fmt: skip
        gone = dataset.summary.get("dropped") or {}
        n = sum((gone.get("by_cleaning") or {}).values()) + sum((gone.get("by_splitting") or {}).values())
        st.metric("Dropped", n, border=True)


def kept(dataset: Found) -> None:
    """Of CIFAKE and GenImage: what was found and kept of each generator, class and split, and why not the rest."""
    path = dataset.folder / KEPT_ROWS
    if path.is_file():
        st.subheader("Found and kept", anchor=False)
        st.dataframe(
            files.table(path), hide_index=True, alt="Images found and kept of each generator, class and split, and why"
        )


def dropped(dataset: Found) -> None:
    """What was thrown out, with the reason."""
    path = dataset.folder / DROPPED_ROWS
    if not path.is_file():
        return
    rows = files.table(path)
    if rows.empty:
        st.caption("Nothing was dropped: every image could be read and stands here once.")
        return
    st.subheader(f"Dropped: {len(rows)}", anchor=False)
    st.dataframe(rows, hide_index=True, height=260, alt="Dropped images with their reasons")


def samples(dataset: Found) -> None:
    """A few images of each class."""
    from cgid.data.manifest import read_manifest

    try:
        rows = read_manifest(dataset.main)
    except InputError as error:
        parts.problem(error)
        return
    st.subheader("A look inside", anchor=False)
    for label, title in (("real", "Real photos"), ("ai", "AI images")):
        mine = rows[rows["label"] == label]
        if mine.empty:
            continue
        st.markdown(f"**{title}**")
        some = mine.sample(min(6, len(mine)), random_state=0)
        parts.images(
            [{"path": r.path, "caption": r.generator or r.source or label} for r in some.itertuples()],
            f"sample-{label}",
            6,
        )
