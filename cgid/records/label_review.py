"""Review of the labels of analysed images: suggestions from manifests, manual decisions, atomic saving, undo."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import filelock

from cgid.artifacts import MODEL_B_LABEL_MAP
from cgid.data.label_map import (
    PERSON_SOURCE,
    UNLISTED,
    LabelSources,
    Suggestion,
    fill,
    read_label_map,
    suggest,
    write_label_map,
)
from cgid.errors import InputError
from cgid.files import read_json, sha256_of, write_json
from cgid.settings import settings

if TYPE_CHECKING:
    import pandas as pd

LEFT_OUT = "left out by a person"
DECISION = ["final_label", "label_source", "notes"]
CHANGED_ELSEWHERE = (
    "The label map was changed elsewhere (in another window or a spreadsheet) since it was loaded, so nothing was saved. "
    "The current version is now shown: please decide again."
)
# Possible decisions: a label, excluded, the suggestion of the manifests, or undecided (back to the manifests).
REAL, AI, LEFT_OUT_CHOICE, SUGGESTED, UNDECIDED = "real", "ai", "left out", "as suggested", "undecided"
CHOICES = (REAL, AI, LEFT_OUT_CHOICE, SUGGESTED, UNDECIDED)


@dataclass(frozen=True, slots=True)
class Review:
    """A snapshot of the label map. fingerprint: sha256 of the file as read, "" where there was none. rows: the map as
    it would be saved now, newest image first. suggestions: from the manifests, one per row. files: {record_id: paths
    where its image may be}. problems: manifests that could not be read, a sentence each.
    """

    path: Path
    fingerprint: str
    rows: pd.DataFrame
    suggestions: list[Suggestion]
    files: dict[str, list[str]]
    problems: list[str]


def map_path() -> Path:
    """The label map of this installation's records."""
    return settings().artifacts / "records" / MODEL_B_LABEL_MAP


def load_review(path: Path, manifests: Sequence[Path]) -> Review:
    """The analysed images with the labels of the manifests and manual decisions. Raises InputError on a damaged map."""
    import pandas as pd

    from cgid.records import store

    listed, problems = LabelSources(), []
    for manifest in manifests:
        try:
            listed.add(manifest)
        except InputError as error:
            problems.append(str(error).splitlines()[0])
    images = store.analysed_images()
    with _locked(path):
        old, fingerprint = (read_label_map(path), sha256_of(path)) if path.is_file() else (None, "")
    pairs = [(image["sha256"], image["file"].replace("\\", "/").split("/")[-1]) for image in images]
    rows = pd.DataFrame(fill(pairs, listed, old), dtype=object)
    suggestions = [suggest(r, f, listed) for r, f in zip(rows["record_id"], rows["filename"])]
    files: dict[str, list[str]] = {image["sha256"]: [image["file"]] for image in images}
    for record, paths in files.items():
        paths += [row.path for row in listed.by_content.get(record, [])]
    return Review(path, fingerprint, rows, suggestions, files, problems)


def states(rows: pd.DataFrame) -> list[str]:
    """State of each row: `person`, `left out`, `manifests` (labelled by them), `doubtful`, or `unknown` to them."""
    result = []
    for final, source, note in zip(*(rows[name] for name in DECISION)):
        if source == PERSON_SOURCE:
            result.append("person" if final else "left out")
        elif final:
            result.append("manifests")
        else:
            result.append("doubtful" if note and note != UNLISTED else "unknown")
    return result


def decide(review: Review, positions: Sequence[int], choice: str) -> int:
    """Set rows (by position) to one of CHOICES and save; the number of rows set. `as suggested` skips rows without one.

    Raises InputError where the map has changed since it was loaded; then nothing is saved.
    """
    if choice not in CHOICES:
        raise InputError(f"`{choice}` is not a valid decision. Use one of {', '.join(CHOICES)}.")
    if choice == SUGGESTED:
        positions = [position for position in positions if review.suggestions[position].label]
    if not positions:
        return 0
    columns = {name: review.rows[name].tolist() for name in review.rows}
    undone = []
    for position in positions:
        proposal = review.suggestions[position]
        undone.append([columns[name][position] for name in ("record_id", "filename", *DECISION)])
        if choice == UNDECIDED:
            cells = ("" if proposal.note else proposal.label, proposal.source, proposal.note)
        else:
            label = proposal.label if choice == SUGGESTED else "" if choice == LEFT_OUT_CHOICE else choice
            cells = (label, PERSON_SOURCE, LEFT_OUT if choice == LEFT_OUT_CHOICE else "")
        for name, cell in zip(DECISION, cells):
            columns[name][position] = cell
    what = undone[0][1] if len(undone) == 1 else f"{len(undone)} images"
    with _locked(review.path):
        _check_unchanged(review)
        write_label_map(columns, review.path)
        change = {"after": sha256_of(review.path), "what": what, "choice": choice, "rows": undone}
        write_json(_journal(review.path), change)
    return len(undone)


def last_change(review: Review) -> tuple[str, str] | None:
    """(image or number of images, decision) of the change that can be undone; None where there is none."""
    change = _change(review)
    return (str(change["what"]), str(change["choice"])) if change else None


def undo(review: Review) -> int:
    """Undo the last change; the number of rows. Raises InputError as `decide` does, or where there is none."""
    with _locked(review.path):
        _check_unchanged(review)
        change = _change(review)
        if change is None:
            raise InputError("There is no change to undo.")
        before = {(record, name): cells for record, name, *cells in change["rows"]}
        columns = {name: review.rows[name].tolist() for name in review.rows}
        for position, key in enumerate(zip(columns["record_id"], columns["filename"])):
            for name, cell in zip(DECISION, before.get(key, ())):
                columns[name][position] = cell
        write_label_map(columns, review.path)
        _journal(review.path).unlink(missing_ok=True)
    return len(before)


def save(review: Review) -> None:
    """Write the map as loaded unless the file is identical. Raises InputError as `decide` does."""
    with _locked(review.path):
        _check_unchanged(review)
        if not review.fingerprint or not read_label_map(review.path).equals(review.rows):
            write_label_map(review.rows, review.path)


def counts(rows: pd.DataFrame) -> dict[str, int]:
    """Numbers of rows that are `real`, `ai`, `left out` and `to decide`."""
    left_out = states(rows).count("left out")
    real, ai = (int((rows["final_label"] == label).sum()) for label in (REAL, AI))
    return {REAL: real, AI: ai, LEFT_OUT_CHOICE: left_out, "to decide": len(rows) - real - ai - left_out}


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(f"{path}.lock", timeout=10):
            yield
    except filelock.Timeout:
        raise InputError("The label map is being written by another window. Wait a moment and try again.") from None


def _check_unchanged(review: Review) -> None:
    now = sha256_of(review.path) if review.path.is_file() else ""
    if now != review.fingerprint:
        raise InputError(CHANGED_ELSEWHERE)


def _journal(path: Path) -> Path:
    return path.with_suffix(".undo.json")


def _change(review: Review) -> dict | None:
    """The journal, where it describes the change that led to the file as loaded."""
    try:
        change = read_json(_journal(review.path))
        known = review.fingerprint and change["after"] == review.fingerprint and change["rows"]
        whole = all(len(row) == 2 + len(DECISION) and all(isinstance(c, str) for c in row) for row in change["rows"])
        return change if known and whole and {"what", "choice"} <= set(change) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
