"""The manifest: a CSV of images with label, source, generator and split; reading, validation and writing.

Also manifests in the form used by training: numeric labels, a group for every row, and warnings about overlaps.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from cgid.artifacts import all_simulated
from cgid.data.paths import PathResolver, relative_path
from cgid.errors import InputError
from cgid.files import write_bytes

LABELS = {"real": 0, "ai": 1}
SPLITS = ("train", "val", "test", "external")
COLUMNS = ("filepath", "label", "source", "generator", "split")
REQUIRED = ("filepath", "label")
NUMERIC = ("width", "height", "bytes")
MAX_PROBLEMS = 20
_NUMERIC_LABELS = {"0": "real", "1": "ai"}


def read_manifest(path: Path | str) -> pd.DataFrame:
    """The rows of a manifest, text as it stands, plus `path`: the image's absolute path as text.

    `filepath` and `label` must be there; `source`, `generator` and `split` default to "". Labels are
    exactly `real` and `ai`; 0 and 1 are read as real and ai. Further columns are retained. Files need not exist:
    `missing_files` lists those that do not.
    Raises InputError with one line per problem: file, line, what is wrong, what to do.
    """
    path = Path(path)
    if path.is_dir():
        raise InputError(f"{path} is a folder; give the manifest's CSV file.")
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such manifest.") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error}).") from None
    return parse_manifest(data, path.name, path.parent)


def parse_manifest(data: bytes, name: str, folder: Path | str) -> pd.DataFrame:
    """As `read_manifest`, from the file's content. `name` is for messages; relative paths start from `folder`."""
    reader = csv.reader(io.StringIO(_text(data, name), newline=""), strict=True)
    header: list[str] = []
    rows: list[list[str]] = []
    checks = _RowChecks(name, PathResolver(folder))
    end = 0
    try:
        for cells in reader:
            start, end = end + 1, reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = _header(cells, name, start)
                checks.columns = {column: index for index, column in enumerate(header)}
                continue
            rows.append(checks.row(cells, start))
    except csv.Error as error:
        raise InputError(f"{name} line {reader.line_num}: not readable as CSV ({error}).") from None
    if not header:
        raise InputError(f"{name}: has no header line; the first line must be {','.join(COLUMNS)}.")
    if checks.count:
        more = checks.count - len(checks.problems)
        raise InputError("\n".join(checks.problems) + (f"\n{name}: and {more} more." if more else ""))
    if not rows:
        raise InputError(f"{name}: lists no images below its header line.")
    return _frame(header, rows)


def write_manifest(frame: pd.DataFrame, path: Path | str) -> None:
    """Write atomically: contract columns first, `filepath` relative where near the manifest, posix slashes.

    frame: rows with `path` (absolute) or, without it, `filepath` as it is to be written; absent contract columns are "".
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = os.path.realpath(path.parent)
    out = frame.copy()
    if "path" in out:
        out["filepath"] = [relative_path(p, folder) for p in out.pop("path")]
    for column in COLUMNS:
        if column not in out:
            out[column] = ""
    out = out[[*COLUMNS, *(c for c in out.columns if c not in COLUMNS)]]
    write_table(out, path)


def write_table(frame: pd.DataFrame, path: Path | str) -> None:
    """Write any table as CSV (UTF-8, one line per row), atomically."""
    text = frame.to_csv(index=False, lineterminator="\n")
    if "\r" in text:  # a file name may contain one; unquoted, it would end the row
        text = frame.to_csv(index=False, lineterminator="\n", quoting=csv.QUOTE_ALL)
    write_bytes(path, text.encode("utf-8"))


def missing_files(frame: pd.DataFrame) -> list[str]:
    """The `path` of every row whose file is missing."""
    return [path for path in frame["path"] if not os.path.isfile(path)]


def _text(data: bytes, name: str) -> str:
    if not data.strip():
        raise InputError(f"{name}: the file is empty; a manifest starts with the line {','.join(COLUMNS)}.")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{name}: is UTF-16 text; save it as CSV in UTF-8.")
    if b"\0" in data:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        raise InputError(f"{name} line {line}: holds a NUL byte, so this is not CSV text; save it as CSV in UTF-8.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(f"{name} line {line}: is not UTF-8 text; save the manifest as CSV in UTF-8.") from None


def _header(cells: list[str], name: str, line: int) -> list[str]:
    header = [cell.strip() for cell in cells]
    missing = [column for column in REQUIRED if column not in header]
    if missing:
        for delimiter, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
            if len(header) == 1 and delimiter in header[0]:
                raise InputError(f"{name} line {line}: columns are separated by {word}; a manifest uses commas.")
        names = " and ".join(f"`{column}`" for column in missing)
        raise InputError(f"{name} line {line}: column {names} is missing; a manifest starts with {','.join(COLUMNS)}.")
    twice = sorted({column for column in header if column and header.count(column) > 1})
    if twice:
        raise InputError(f"{name} line {line}: column `{twice[0]}` occurs twice; remove one.")
    if "path" in header:
        raise InputError(f"{name} line {line}: a column cannot be named `path`; rename it.")
    return [column or f"column_{index + 1}" for index, column in enumerate(header)]


class _RowChecks:
    """Validates rows in order; collects messages of the first problems and the total number."""

    def __init__(self, name: str, resolve: PathResolver) -> None:
        self.name, self.resolve = name, resolve
        self.columns: dict[str, int] = {}
        self.problems: list[str] = []
        self.count = 0
        self.seen: dict[str, tuple[int, str]] = {}

    def row(self, cells: list[str], line: int) -> list[str]:
        """The cells with a normalised label, and the absolute path appended."""
        if len(cells) != len(self.columns):
            self._problem(
                line, f"has {len(cells)} cells where the header has {len(self.columns)}; add or remove commas"
            )
            return cells
        at = self.columns
        label = _NUMERIC_LABELS.get(cells[at["label"]].strip(), cells[at["label"]].strip())
        if label not in LABELS:
            self._problem(line, f"label `{_short(label)}` is not one of {', '.join(LABELS)}; correct it")
        cells[at["label"]] = label
        if "split" in at:
            split = cells[at["split"]] = cells[at["split"]].strip()
            if split and split not in SPLITS:
                self._problem(line, f"split `{_short(split)}` is not one of {', '.join(SPLITS)} or empty; correct it")
        filepath = cells[at["filepath"]]
        if not filepath.strip():
            self._problem(line, "`filepath` is empty; name the image or remove the row")
            return cells
        path = self.resolve(filepath)
        first, other = self.seen.setdefault(path, (line, label))
        if first != line:
            also = "" if other == label else f" with the label `{_short(other)}`"
            self._problem(line, f"`{_short(filepath)}` is listed already on line {first}{also}; remove one of the rows")
        return [*cells, path]

    def _problem(self, line: int, message: str) -> None:
        self.count += 1
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(f"{self.name} line {line}: {message}.")


def _frame(header: list[str], rows: list[list[str]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=[*header, "path"], dtype=str)
    for column in COLUMNS:
        if column not in frame:
            frame[column] = ""
    for column in NUMERIC:
        if column in frame:
            frame[column] = pd.to_numeric(frame[column], errors="coerce")
    return frame[[*COLUMNS, *(c for c in frame.columns if c not in COLUMNS)]]


def _short(text: str, limit: int = 80) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


GENERIC_NAMES = {"train", "val", "test", "external", "split", "manifest", "manifest.cleaned"}


def read_examples(path: Path) -> pd.DataFrame:
    """The manifest with `target` (0 real, 1 ai) and `group` (default: the content, else the path)."""
    frame = read_manifest(path).reset_index(drop=True)
    frame["target"] = frame["label"].map(LABELS).astype(int)
    known = [frame[c].replace("", None) for c in ("group", "sha256", "path") if c in frame]
    group = known[0].astype(object)
    for other in known[1:]:
        group = group.where(group.notna(), other)
    frame["group"] = group.astype(str)
    for column in ("source", "generator"):
        frame[column] = frame[column].fillna("").astype(str) if column in frame else ""
    return frame


def require_classes(path: Path, target: np.ndarray, both: bool) -> None:
    """Raises InputError where no image, or images of one class only, can be used."""
    if not len(target):
        raise InputError(f"{path} has no image that can be read.")
    if both and len(set(target.tolist())) < 2:
        only = next(name for name, value in LABELS.items() if value == target[0])
        raise InputError(f"{path} has readable images of the class `{only}` only; training needs both, real and ai.")


def require_files(paths: Sequence[Path], frames: Sequence[pd.DataFrame]) -> None:
    """Raises InputError where none of a manifest's files exists, before training starts."""
    for path, frame in zip(paths, frames):
        if not any(Path(p).is_file() for p in frame["path"]):
            raise InputError(f"{path} has no image that can be read: none of its {len(frame)} files exists.")


def simulated(frames: Sequence[pd.DataFrame]) -> bool:
    """Whether every image comes from the embedded demo sets."""
    return all(all_simulated(f["source"]) for f in frames)


def external_names(paths: Sequence[Path]) -> list[str]:
    """A short, unique name for each external manifest, valid in a file name: its own, or its folder's where its own is generic."""
    names: list[str] = []
    for path in paths:
        word = path.parent.name if path.stem in GENERIC_NAMES else path.stem
        word = re.sub(r"[^A-Za-z0-9_-]+", "_", word).strip("_") or "external"
        same = sum(1 for n in names if n == word or re.fullmatch(re.escape(word) + r"_\d+", n))
        names.append(word if not same else f"{word}_{same + 1}")
    return names


def overlaps(sha256: Mapping[str, Sequence[str]], groups: Mapping[str, Sequence[str]]) -> list[str]:
    """One sentence for each split that shares content, or groups, with the training rows; keys: train, val, test, …"""
    sentences = []
    for split in (s for s in sha256 if s != "train"):
        same = len(set(sha256[split]) & set(sha256["train"]))
        related = len(set(groups[split]) & set(groups["train"]))
        if same:
            sentences.append(f"{same} images of {split} are also in train: the metrics of {split} are too optimistic.")
        elif related:
            sentences.append(
                f"{related} groups of {split} are also in train: the metrics of {split} may be too optimistic."
            )
    return sentences
