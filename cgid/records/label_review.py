"""Reviewing labels of analysed images: what manifests suggest, what people decide, saved whole, undone, never overwritten."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import filelock

from cgid.artifacts import MODEL_B_LABEL_MAP
from cgid.data.label_map import NOBODY, PERSON, Known, Suggestion, fill, read_label_map, suggestion, write_label_map
from cgid.errors import InputError
from cgid.files import read_json, sha256_of, write_json
from cgid.settings import settings

if TYPE_CHECKING:
    import pandas as pd

LEFT_OUT = "left out by a person"
DECISION = ["final_label", "label_source", "notes"]
CHANGED_ELSEWHERE = (
    "The label map was changed elsewhere (another window, or a spreadsheet) since it was shown here; nothing was saved. "
    "It is shown as it is now: decide again."
)
# What may be decided: a label, none on purpose, what manifests suggest, or nothing (back to the manifests).
REAL, AI, OUT, SUGGESTED, UNDECIDED = "real", "ai", "left out", "as suggested", "undecided"
CHOICES = (REAL, AI, OUT, SUGGESTED, UNDECIDED)


@dataclass(frozen=True, slots=True)
class Review:
    """A look at the map. stamp: sha256 of the file as read, "" where there was none. rows: the map as it would be saved
    now, newest image first. said: what manifests say, for each row. files: {record_id: where its picture may lie}.
    problems: manifests that could not be read, a sentence each.
    """

    path: Path
    stamp: str
    rows: pd.DataFrame
    said: list[Suggestion]
    files: dict[str, list[str]]
    problems: list[str]


def map_path() -> Path:
    """The one label map of this home's records."""
    return settings().artifacts / "records" / MODEL_B_LABEL_MAP


def look(path: Path, manifests: Sequence[Path]) -> Review:
    """The analysed images, as manifests label them now and as people decided. Raises InputError on a damaged map."""
    import pandas as pd

    from cgid.records import store

    listed, problems = Known(), []
    for manifest in manifests:
        try:
            listed.add(manifest)
        except InputError as error:
            problems.append(str(error).splitlines()[0])
    images = store.analysed_images()
    with _locked(path):
        old, stamp = (read_label_map(path), sha256_of(path)) if path.is_file() else (None, "")
    pairs = [(image["sha256"], image["file"].replace("\\", "/").split("/")[-1]) for image in images]
    rows = pd.DataFrame(fill(pairs, listed, old), dtype=object)
    said = [suggestion(r, f, listed) for r, f in zip(rows["record_id"], rows["filename"])]
    files: dict[str, list[str]] = {image["sha256"]: [image["file"]] for image in images}
    for record, places in files.items():
        places += [row.path for row in listed.by_content.get(record, [])]
    return Review(path, stamp, rows, said, files, problems)


def states(rows: pd.DataFrame) -> list[str]:
    """Of each row: `person`, `left out`, `manifests` (labelled by them), `doubtful`, or `unknown` to them."""
    found = []
    for final, source, note in zip(*(rows[name] for name in DECISION)):
        if source == PERSON:
            found.append("person" if final else "left out")
        elif final:
            found.append("manifests")
        else:
            found.append("doubtful" if note and note != NOBODY else "unknown")
    return found


def decide(review: Review, places: Sequence[int], choice: str) -> int:
    """Set rows (by position) to one of CHOICES and save; how many were set. `as suggested` passes over rows without.

    Raises InputError where the map is not the one that was looked at any more; then nothing is saved.
    """
    if choice not in CHOICES:
        raise InputError(f"`{choice}` is no decision; it is one of {', '.join(CHOICES)}.")
    if choice == SUGGESTED:
        places = [place for place in places if review.said[place].label]
    if not places:
        return 0
    columns = {name: review.rows[name].tolist() for name in review.rows}
    undone = []
    for place in places:
        said = review.said[place]
        undone.append([columns[name][place] for name in ("record_id", "filename", *DECISION)])
        if choice == UNDECIDED:
            cells = ("" if said.note else said.label, said.source, said.note)
        else:
            label = said.label if choice == SUGGESTED else "" if choice == OUT else choice
            cells = (label, PERSON, LEFT_OUT if choice == OUT else "")
        for name, cell in zip(DECISION, cells):
            columns[name][place] = cell
    what = undone[0][1] if len(undone) == 1 else f"{len(undone)} images"
    with _locked(review.path):
        _still_as_seen(review)
        write_label_map(columns, review.path)
        change = {"after": sha256_of(review.path), "what": what, "choice": choice, "rows": undone}
        write_json(_journal(review.path), change)
    return len(undone)


def last_change(review: Review) -> tuple[str, str] | None:
    """(which image or how many, what was decided) of the change that can be undone; None where there is none."""
    change = _change(review)
    return (str(change["what"]), str(change["choice"])) if change else None


def undo(review: Review) -> int:
    """Take the last change back; how many rows. Raises InputError as `decide` does, or where there is none."""
    with _locked(review.path):
        _still_as_seen(review)
        change = _change(review)
        if change is None:
            raise InputError("There is no change that could be undone.")
        before = {(record, name): cells for record, name, *cells in change["rows"]}
        columns = {name: review.rows[name].tolist() for name in review.rows}
        for place, key in enumerate(zip(columns["record_id"], columns["filename"])):
            for name, cell in zip(DECISION, before.get(key, ())):
                columns[name][place] = cell
        write_label_map(columns, review.path)
        _journal(review.path).unlink(missing_ok=True)
    return len(before)


def save(review: Review) -> None:
    """Write the map as it is shown, where the file says otherwise or is not there. Raises InputError as `decide` does."""
    with _locked(review.path):
        _still_as_seen(review)
        if not review.stamp or not read_label_map(review.path).equals(review.rows):
            write_label_map(review.rows, review.path)


def counts(rows: pd.DataFrame) -> dict[str, int]:
    """How many rows are `real`, `ai`, `left out`, and wait (`to decide`)."""
    left_out = states(rows).count("left out")
    real, ai = (int((rows["final_label"] == label).sum()) for label in (REAL, AI))
    return {REAL: real, AI: ai, OUT: left_out, "to decide": len(rows) - real - ai - left_out}


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(f"{path}.lock", timeout=10):
            yield
    except filelock.Timeout:
        raise InputError("Another window is writing the label map; wait a moment and try again.") from None


def _still_as_seen(review: Review) -> None:
    now = sha256_of(review.path) if review.path.is_file() else ""
    if now != review.stamp:
        raise InputError(CHANGED_ELSEWHERE)


def _journal(path: Path) -> Path:
    return path.with_suffix(".undo.json")


def _change(review: Review) -> dict | None:
    """The journal, where it tells of the change that made the file as it was looked at."""
    try:
        change = read_json(_journal(review.path))
        known = review.stamp and change["after"] == review.stamp and change["rows"]
        whole = all(len(row) == 2 + len(DECISION) and all(isinstance(c, str) for c in row) for row in change["rows"])
        return change if known and whole and {"what", "choice"} <= set(change) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
