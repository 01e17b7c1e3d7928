"""Clean a manifest: select the images usable for training, list all others with the reason.

Results per file are logged while cleaning runs, so that an interrupted job reads no file twice.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from cgid.artifacts import DROPPED_ROWS
from cgid.compute.map import map_chunks
from cgid.data.manifest import read_manifest, write_manifest, write_table
from cgid.data.near_duplicates import assign_groups
from cgid.data.params import CleanParams
from cgid.data.paths import relative_path
from cgid.data.probe import FileInspection, inspect_files
from cgid.errors import InputError
from cgid.progress import Progress, silent


class ProbeLog:
    """JSON lines next to the output, appended chunk by chunk, removed when the manifest is written.

    A file is unchanged while path, size and modification time are the same; an incomplete last line is ignored.
    """

    def __init__(self, output: Path) -> None:
        self.file = output.parent / f".{output.name}.probes"
        self.known: dict[str, tuple[list[int], FileInspection]] = {}
        if self.file.is_file():
            for line in self.file.read_text(encoding="utf-8", errors="replace").splitlines():
                self._take(line)

    def _take(self, line: str) -> None:
        try:
            path, stamp, values = json.loads(line)
            self.known[path] = (stamp, FileInspection(**values))
        except (ValueError, TypeError):
            return  # the incomplete last line of an interrupted run: that file is read again

    def get(self, path: str) -> FileInspection | None:
        """The result of an earlier run, or None where there is none or the file has changed."""
        entry = self.known.get(path)
        return entry[1] if entry and entry[0] == _file_stamp(path) else None

    def add(self, paths: list[str], probes: list[FileInspection]) -> None:
        """Append results; failures are not logged, because they may be temporary."""
        lines = [
            json.dumps([path, _file_stamp(path), dataclasses.asdict(probe)])
            for path, probe in zip(paths, probes, strict=True)
            if not probe.reason
        ]
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with open(self.file, "a", encoding="utf-8") as file:
            file.write("".join(f"\n{line}" for line in lines))

    def remove(self) -> None:
        self.file.unlink(missing_ok=True)


def _file_stamp(path: str) -> list[int]:
    try:
        about = os.stat(path)
    except OSError:
        return []
    return [about.st_size, about.st_mtime_ns]


REASONS = {
    "missing": "there is no such file",
    "unreadable": "not readable as an image",
    "exact_duplicate": "same content as an earlier row",
    "conflicting_label": "same content listed as real and as ai",
}
_CHUNK = 32


def clean(params: CleanParams, progress: Progress = silent) -> dict:
    """Write the cleaned manifest (`sha256, group, near_duplicate_group, phash, width, height, format, bytes` added) and
    `dropped.csv` (`filepath,label,reason,detail`) next to it. Further columns are retained.

    Exact duplicates: the first row is retained. One content with both labels: all its rows are dropped. `group` joins
    near-duplicates (pHash, Hamming distance <= 5) with the manifest's own `group`, if it has one.
    Raises InputError where the manifest is invalid or no image is left.
    """
    frame = read_manifest(params.manifest)
    frame = frame.drop(columns=[c for c in FileInspection.__slots__ if c in frame.columns])
    log = ProbeLog(params.output)
    frame = pd.concat([frame, _probe_all(frame["path"].tolist(), params.workers, log, progress)], axis=1)
    frame = _mark_duplicates(frame)
    groups, near = assign_groups(frame)
    frame["group"], frame["near_duplicate_group"] = groups, near
    dropped, selected = frame[frame["reason"] != ""], frame[frame["reason"] == ""]
    dropped_file = params.output.parent / DROPPED_ROWS
    _write_dropped(dropped, dropped_file)
    if selected.empty:
        raise InputError(f"{params.manifest}: none of its {len(frame):,} images is usable; see {dropped_file}.")
    write_manifest(_ordered(selected.drop(columns=["reason", "problem"])), params.output)
    log.remove()
    return _result(selected, dropped, params.output, dropped_file)


def _probe_all(paths: list[str], workers: int, log: ProbeLog, progress: Progress) -> pd.DataFrame:
    """One FileInspection per path, in order, as columns; files read by an interrupted run are not read again."""
    probes = [log.get(path) for path in paths]
    to_read = [i for i, probe in enumerate(probes) if probe is None]
    done, failed = len(paths) - len(to_read), 0
    for rows, result in _probed(paths, to_read, workers):
        for row, probe in zip(rows, result, strict=True):
            probes[row] = probe
        log.add([paths[row] for row in rows], result)
        done += len(rows)
        failed += sum(1 for probe in result if probe.reason)
        progress(done, len(paths), f"{failed} not usable" if failed else "images read")
    return pd.DataFrame([{name: getattr(p, name) for name in FileInspection.__slots__} for p in probes])


def _probed(paths: list[str], to_read: list[int], workers: int) -> Iterator[tuple[list[int], list[FileInspection]]]:
    """(rows, their probes) per chunk. A chunk whose process died is read again file by file."""
    chunks = [to_read[i : i + _CHUNK] for i in range(0, len(to_read), _CHUNK)]
    suspects: list[int] = []
    for number, result in map_chunks(inspect_files, ([paths[i] for i in rows] for rows in chunks), workers=workers):
        if isinstance(result, BaseException):
            suspects += chunks[number]
        else:
            yield chunks[number], result
    if not suspects:
        return
    for number, result in map_chunks(inspect_files, [[paths[i]] for i in suspects], workers=workers):
        if isinstance(result, BaseException):
            result = [FileInspection("unreadable", f"reading it ended the process: {result}")]
        yield [suspects[number]], result


def _mark_duplicates(frame: pd.DataFrame) -> pd.DataFrame:
    """Set `reason` and `problem` of exact duplicates and conflicting labels among the readable rows."""
    usable = frame[frame["reason"] == ""]
    by_content = usable.groupby("sha256", sort=False)
    conflict = by_content["label"].transform("nunique") > 1
    copy = usable.duplicated("sha256") & ~conflict
    first = usable.drop_duplicates("sha256").set_index("sha256")["filepath"]
    for mask, reason in ((conflict, "conflicting_label"), (copy, "exact_duplicate")):
        rows = usable.index[mask]
        frame.loc[rows, "reason"] = reason
        if reason == "exact_duplicate":
            frame.loc[rows, "problem"] = "same content as " + first.loc[frame.loc[rows, "sha256"]].to_numpy()
    for _, same in usable[conflict].groupby("sha256", sort=False):
        listed = ", ".join(f"{path} ({label})" for path, label in zip(same["filepath"][:4], same["label"][:4]))
        frame.loc[same.index, "problem"] = f"same content, different labels: {listed}"
    return frame


def _ordered(frame: pd.DataFrame) -> pd.DataFrame:
    added = ["sha256", "group", "width", "height", "format", "bytes", "phash", "near_duplicate_group"]
    return frame[[*(c for c in frame.columns if c not in added), *added]]


def _write_dropped(dropped: pd.DataFrame, path: Path) -> None:
    folder = str(path.parent.resolve())
    table = pd.DataFrame(
        {
            "filepath": [relative_path(p, folder) for p in dropped["path"]],
            "label": dropped["label"].to_numpy(),
            "reason": dropped["reason"].to_numpy(),
            "detail": dropped["problem"].to_numpy(),
        }
    )
    write_table(table, path)


def _result(selected: pd.DataFrame, dropped: pd.DataFrame, output: Path, dropped_file: Path) -> dict:
    reasons = {reason: int(n) for reason, n in dropped["reason"].value_counts().items()}
    near_duplicates = selected[selected["near_duplicate_group"] != ""]
    sizes = selected["group"].value_counts()
    reason_counts = ", ".join(f"{n} {REASONS[reason]}" for reason, n in reasons.items())
    largest = int(sizes.iloc[0])
    return {
        "output": str(output),
        "dropped_file": str(dropped_file),
        "rows": len(selected) + len(dropped),
        "kept": len(selected),
        "dropped": reasons,
        "labels": {label: int(n) for label, n in selected["label"].value_counts().items()},
        "groups": len(sizes),
        "largest_group": largest,
        "near_duplicates": len(near_duplicates),
        "summary": f"Selected {len(selected):,} of {len(selected) + len(dropped):,} images in {len(sizes):,} groups"
        + (f"; dropped {len(dropped):,} ({reason_counts})" if reasons else "; dropped none")
        + (f"; {len(near_duplicates):,} have near-duplicates" if len(near_duplicates) else "")
        + (
            f"; one group holds {largest:,} images, more than half"
            if largest > max(2, np.ceil(len(selected) / 2))
            else ""
        )
        + ".",
    }
