"""The parts of the Data page: four ways to add images, the contents of a data set, exclusions, sample images."""

from __future__ import annotations

import re
from pathlib import Path

import streamlit as st

from cgid.artifacts import CLEANED_MANIFEST, DEMO_PREFIX, DROPPED_ROWS, RETAINED_ROWS, SCANNED_MANIFEST, Artifact
from cgid.charts import bars
from cgid.data.params import CleanParams, ImportZipParams, PrepareParams, ScanParams, SplitParams
from cgid.errors import InputError
from cgid.jobs.submit import Step, submit_chain
from cgid.settings import settings
from cgid.ui.shared import load as files
from cgid.ui.shared import parts

WAYS = ("Folder on this computer", "Zip archive", "Manifest (CSV)", "CIFAKE or GenImage")


def add() -> None:
    """The form: location of the images, name of the data set, how to split it."""
    way = st.segmented_control("Where are the images?", WAYS, default=WAYS[0], required=True, key="way")
    if way == WAYS[3]:
        _published()
        return
    with st.form("add", border=False):
        folder, upload = "", None
        if way == WAYS[0]:
            folder = st.text_input(
                "Folder", placeholder="/path/to/images",
                help="Subfolders real and ai (or fake), 0_real and 1_fake, train/REAL and train/FAKE, or GenImage's layout.",
            )  # fmt: skip
        elif way == WAYS[1]:
            upload = st.file_uploader("Zip archive of such a folder", type="zip")
        else:
            upload = st.file_uploader("Manifest with the columns filepath, label, source, generator, split", type="csv")
        cols = st.columns([2, 1, 1], vertical_alignment="bottom")
        name = cols[0].text_input(
            "Name of the data set", help="Letters, digits, _ and -; if empty, the name of the folder or file is used."
        )
        most = cols[1].number_input("Maximum per class and split", 0, 10_000_000, 0, help="0 = all")
        keep = cols[2].checkbox(
            "Keep its own train / val / test", help="otherwise images are split 70 / 15 / 15, by group"
        )
        if st.form_submit_button("Add", type="primary", icon=":material/add:"):
            _add(way, folder, upload, name, int(most), keep)


def _add(way: str, folder: str, upload, name: str, most: int, keep: bool) -> None:
    try:
        given = folder.strip() if way == WAYS[0] else getattr(upload, "name", "")
        if not given:
            raise InputError("Choose the folder or file of the images first.")
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
    """The form for CIFAKE and GenImage: their own test split is kept, generators can be held out."""
    with st.form("published", border=False):
        folder = st.text_input(
            "Folder", placeholder="/path/to/CIFAKE or /path/to/GenImage",
            help="CIFAKE: train and test, each with FAKE and REAL. GenImage: one folder per generator, with train and "
            "val, each with ai and nature. The published test images (GenImage: val) remain the test split.",
        )  # fmt: skip
        cols = st.columns(3, vertical_alignment="bottom")
        name = cols[0].text_input(
            "Name of the data set", help="Letters, digits, _ and -; if empty, the name of the folder is used."
        )
        held = cols[1].text_input(
            "Generators to hold out", placeholder="biggan, wukong",
            help="GenImage only: these are in no split; each becomes an external manifest for evaluation.",
        )  # fmt: skip
        most = cols[2].number_input("Maximum per class and split", 0, 10_000_000, 0, help="0 = all")
        if st.form_submit_button("Prepare", type="primary", icon=":material/add:"):
            _prepare(folder.strip(), name, held, int(most))


def _prepare(folder: str, name: str, held: str, most: int) -> None:
    try:
        if not folder:
            raise InputError("Choose the folder or file of the images first.")
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
    """The step that creates the manifest; None if it was uploaded and is already stored."""
    if way == WAYS[0]:
        return Step("data-scan", ScanParams(Path(folder).expanduser(), target / SCANNED_MANIFEST, slug))
    if way == WAYS[1]:
        archive = settings().data / "uploads" / f"{slug}.zip"
        _store(upload, archive)
        params = ImportZipParams(archive, archive.with_suffix(""), target / SCANNED_MANIFEST, slug)
        return Step("data-import-zip", params)
    from cgid.data.archive import import_manifest

    import_manifest(upload.getvalue(), upload.name, target)
    return None


def _store(upload, path: Path) -> None:
    """Write an upload to a file, in chunks."""
    import shutil

    from cgid.files import atomic

    with atomic(path) as temporary, temporary.open("wb") as file:
        upload.seek(0)
        shutil.copyfileobj(upload, file, 1 << 20)


def dataset_name(text: str) -> str:
    """A folder name that is safe everywhere. Raises InputError if nothing is left, or it is reserved for the demo."""
    slug = re.sub(r"[^a-z0-9_-]+", "_", text.strip().lower()).strip("_-")[:60]
    if not slug:
        raise InputError("Give the data set a name with letters or digits.")
    if slug.startswith(DEMO_PREFIX):
        raise InputError(
            f"Names that begin with {DEMO_PREFIX} are reserved for the simulated demo sets. Choose another."
        )
    return slug


def contents(dataset: Artifact) -> None:
    """Counts of each split and class."""
    total = dataset.summary.get("total") or {}
    by_split = {name: part.get("labels") or {} for name, part in (dataset.summary.get("by_split") or {}).items()}
    st.text(str(dataset.summary.get("summary") or ""))
    if by_split:
        st.altair_chart(bars.by_split(by_split), width="stretch", alt="Bars: images of each class in each split.")
    with st.container(horizontal=True):
        st.metric("Images", total.get("rows"), border=True)
        st.metric("Independent groups", total.get("groups"), border=True, help="near-duplicates, and images that share an origin, form one group and stay in one split")  # fmt: skip
        gone = dataset.summary.get("dropped") or {}
        n = sum((gone.get("by_cleaning") or {}).values()) + sum((gone.get("by_splitting") or {}).values())
        st.metric("Excluded", n, border=True)


def selected(dataset: Artifact) -> None:
    """For CIFAKE and GenImage: images found and selected by generator, class and split, with reasons for the rest."""
    path = dataset.folder / RETAINED_ROWS
    if path.is_file():
        st.subheader("Images found and selected", anchor=False)
        st.dataframe(
            files.table(path),
            hide_index=True,
            alt="Images found and selected by generator, class and split, with reasons",
        )


def excluded(dataset: Artifact) -> None:
    """The excluded images, with reasons."""
    path = dataset.folder / DROPPED_ROWS
    if not path.is_file():
        return
    rows = files.table(path)
    if rows.empty:
        st.caption("No images were excluded: every image can be read and occurs once.")
        return
    st.subheader(f"Excluded: {len(rows)}", anchor=False)
    st.dataframe(rows, hide_index=True, height=260, alt="Excluded images with their reasons")


def samples(dataset: Artifact) -> None:
    """A few images of each class."""
    from cgid.data.manifest import read_manifest

    try:
        rows = read_manifest(dataset.main)
    except InputError as error:
        parts.problem(error)
        return
    st.subheader("Sample images", anchor=False)
    for label, title in (("real", "Real photos"), ("ai", "AI images")):
        of_class = rows[rows["label"] == label]
        if of_class.empty:
            continue
        st.markdown(f"**{title}**")
        some = of_class.sample(min(6, len(of_class)), random_state=0)
        parts.images(
            [{"path": r.path, "caption": r.generator or r.source or label} for r in some.itertuples()],
            f"sample-{label}",
            6,
        )
