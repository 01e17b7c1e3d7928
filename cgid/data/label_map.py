"""The label map: the label of each extracted image, its source, and notes where a person has to decide.

Labels are suggested from manifests, by content or by file name, with the reason where they are in doubt.
"""

from __future__ import annotations

import csv
import io
import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cgid.artifacts import CLEANED_MANIFEST, SCANNED_MANIFEST, SPLIT_MANIFEST
from cgid.errors import InputError
from cgid.files import cached_sha256

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("record_id", "filename", "inferred_label", "final_label", "label_source", "notes")
LABELS = {"real": "real", "ai": "ai", "0": "real", "1": "ai", "": ""}
PERSON_SOURCE = "person"  # label_source of a manual decision; with an empty final_label: excluded on purpose


def read_label_map(path: Path | str) -> pd.DataFrame:
    """The map as text, COLUMNS first, then added ones; empty cells "".

    Raises InputError with the line of an invalid label, or of a row with too many cells.
    """
    import pandas as pd

    path = Path(path)
    try:
        rows = _rows(path.read_bytes().decode("utf-8-sig"))
    except (OSError, ValueError, csv.Error) as error:
        raise InputError(f"{path} cannot be read as a label map (CSV): {' '.join(str(error).split())[:200]}") from None
    header = [name.strip() for name in rows[0][1]] if rows else []
    if "final_label" not in header or not {"record_id", "filename"} & set(header):
        raise InputError(f"{path} lacks columns; a label map has {','.join(COLUMNS)}.")
    if twice := next((name for name in header if header.count(name) > 1), ""):
        raise InputError(f"{path} has the column `{twice[:40]}` twice; remove one.")
    place = header.index("final_label")
    for line, cells in rows[1:]:
        if any(cells[len(header) :]):
            raise InputError(f"{path} line {line} has more cells than the header names; put quotes around commas.")
        cells[:] = (cells + [""] * len(header))[: len(header)]
        given = cells[place].strip().lower()
        if given not in LABELS:
            raise InputError(
                f"{path} line {line}: final_label `{given[:40]}` is not one of real, ai or empty; correct it."
            )
        cells[place] = LABELS[given]
    frame = pd.DataFrame([cells for _, cells in rows[1:]], columns=header, dtype=object)
    for column in COLUMNS:
        if column not in frame:
            frame[column] = ""
    return frame[[*COLUMNS, *(c for c in frame if c not in COLUMNS)]]


def write_label_map(columns: Mapping[str, Sequence[Any]], path: Path | str) -> None:
    """Write atomically, COLUMNS in their order, then further columns; text is preserved exactly.

    Only undecodable bytes of a file name and NUL, which UTF-8 text cannot hold, become replacement characters.
    """
    import pandas as pd

    from cgid.data.manifest import write_table
    from cgid.db.engine import clean

    names = [*COLUMNS, *(name for name in columns if name not in COLUMNS)]
    write_table(pd.DataFrame({n: [clean(str(v)) for v in columns[n]] for n in names}, dtype=object), path)


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """(first line, cells) of every row that is not empty."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows, end = [], 0
    for cells in reader:
        start, end = end + 1, reader.line_num
        if any(cells):
            rows.append((start, cells))
    return rows


_SHA256 = re.compile(r"[0-9a-f]{64}")
UNLISTED = "no manifest lists this image"
GENERIC_NAMES = {SCANNED_MANIFEST, CLEANED_MANIFEST, SPLIT_MANIFEST, "train.csv", "val.csv", "test.csv", "external.csv"}


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """One row of a manifest. image: its content's sha256, or its path where the manifest gives none."""

    label: str
    manifest: str
    path: str
    sha256: str

    @property
    def image(self) -> str:
        return self.sha256 or self.path


@dataclass(frozen=True, slots=True)
class LabelSources:
    """All rows of some manifests, by content and by file name."""

    by_content: dict[str, list[ManifestEntry]] = field(default_factory=dict)
    by_name: dict[str, list[ManifestEntry]] = field(default_factory=dict)

    def add(self, manifest: Path) -> None:
        """Raises InputError as `read_manifest` does."""
        from cgid.data.manifest import read_manifest

        frame = read_manifest(manifest)
        sha256s = frame["sha256"].fillna("").astype(str) if "sha256" in frame else [""] * len(frame)
        # Every data set has such a file: its folder identifies it.
        name = f"{manifest.absolute().parent.name}/{manifest.name}" if manifest.name in GENERIC_NAMES else manifest.name
        for file, label, sha256 in zip(frame["path"], frame["label"], sha256s):
            row = ManifestEntry(label, name, file, sha256.strip().lower())
            if row.sha256:
                self.by_content.setdefault(row.sha256, []).append(row)
            self.by_name.setdefault(_name(file), []).append(row)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """label: "" where manifests give none. note: why a person should decide; "" where no decision is needed."""

    label: str
    source: str
    note: str


def label_sources(manifests: Iterable[Path]) -> LabelSources:
    """The sources of all manifests. Raises InputError as `read_manifest` does."""
    sources = LabelSources()
    for manifest in manifests:
        sources.add(manifest)
    return sources


def suggest(record: str, filename: str, sources: LabelSources) -> Suggestion:
    """By content (sha256), else by a file name that is unique among the manifests.

    For manifests without sha256 the content is read where the file still exists. Notes: manifests contradict each other,
    several images have that name, or the content of the named file differs. A record whose id is not a sha256 (of an
    earlier system) can be matched by name only.
    """
    content = record.strip().lower()
    whole = bool(_SHA256.fullmatch(content))
    same = sources.by_name.get(_name(filename), [])
    equal = sources.by_content.get(content) or [
        r for r in same if whole and not r.sha256 and _content(r.path) == content
    ]
    if equal:
        labels, names = {row.label for row in equal}, _manifests(equal)
        if len(labels) > 1:
            return Suggestion("", f"sha256: {names}", f"the manifests contradict each other ({names})")
        return Suggestion(labels.pop(), f"sha256: {names}", "")
    if not same:
        return Suggestion("", "", UNLISTED)
    labels, source = {row.label for row in same}, f"file name: {_manifests(same)}"
    label = labels.pop() if len(labels) == 1 else ""
    if len({row.image for row in same}) > 1:
        return Suggestion(label, source, f"{len(same)} manifest rows have this file name")
    if not label:
        return Suggestion("", source, f"the manifests contradict each other ({_manifests(same)})")
    if whole and (same[0].sha256 or _content(same[0].path)):
        return Suggestion(label, source, "the manifest's image of this name has other content")
    return Suggestion(label, source, "")


def fill(
    images: Iterable[tuple[str, str]], sources: LabelSources, old: pd.DataFrame | None = None
) -> dict[str, list[str]]:
    """Columns of a label map of (record_id, filename): suggestions of the manifests, and manual decisions from `old`.

    Decided rows of `old` whose image is not among `images` are appended. Further columns of `old` are retained with
    their rows.
    """
    rows = list(images)
    decided, extra = ({}, []) if old is None else (_decided(old), [c for c in old if c not in COLUMNS])
    previous = {} if old is None else {(r["record_id"], r["filename"]): r for r in old.to_dict("records")}
    columns: dict[str, list[str]] = {name: [] for name in (*COLUMNS, *extra)}
    used = set()
    for record, filename in rows:
        suggested = suggest(record, filename, sources)
        cells = [
            record,
            filename,
            suggested.label,
            "" if suggested.note else suggested.label,
            suggested.source,
            suggested.note,
        ]
        row = previous.get((record, filename), {})
        person = decided.get((record, filename)) or decided.get((record, ""))
        if person:
            row = row or person
            used.add((person["record_id"], person["filename"]))
            cells[3:] = person["final_label"], PERSON_SOURCE, person["notes"] if by_person(person) else ""
        cells += [row.get(name, "") for name in extra]
        for name, value in zip(columns, cells):
            columns[name].append(value)
    there = {record for record, _ in rows if record}
    for (record, filename), person in decided.items():
        if filename and (record, filename) not in used and record not in there:
            for name in columns:
                columns[name].append(PERSON_SOURCE if name == "label_source" else person[name])
    return columns


def by_person(row: dict[str, str]) -> bool:
    """Whether the label was decided by a person."""
    return row["label_source"].strip().lower() == PERSON_SOURCE


def _decided(old: pd.DataFrame) -> dict[tuple[str, str], dict[str, str]]:
    """Rows decided by a person, here or in a spreadsheet: their label differs from the suggested one.

    Also under (record_id, "") where the map is unanimous about that content, because an image may be renamed.
    """
    decided_rows = [
        row for row in old.to_dict("records")
        if by_person(row) or row["final_label"] != ("" if row["notes"] else row["inferred_label"])
    ]  # fmt: skip
    decisions = {(row["record_id"], row["filename"]): row for row in decided_rows}
    same = defaultdict(list)
    for row in decided_rows:
        same[row["record_id"]].append(row)
    for record, rows in same.items():
        if record and len({row["final_label"] for row in rows}) == 1:
            decisions.setdefault((record, ""), rows[0])
    return decisions


def _content(path: str) -> str:
    """sha256 of a file of a manifest without sha256; "" where the file is missing."""
    try:
        return cached_sha256(path) if os.path.isfile(path) else ""
    except (OSError, ValueError):
        return ""


def _name(path: str) -> str:
    """The file name alone, independent of path separators and Unicode normalisation."""
    return unicodedata.normalize("NFC", str(path).replace("\\", "/").split("/")[-1])


def _manifests(rows: list[ManifestEntry]) -> str:
    return ", ".join(sorted({row.manifest for row in rows}))
