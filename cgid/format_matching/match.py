"""Create a copy of a data set in which both classes have the same file format.

Detectors of AI images learn that the generated images are PNG of one size and the photographs JPEG of many (Grommelt et
al. 2024, "Fake or JPEG?"). The originals are only read. An interrupted run resumes and writes no image twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cgid.artifacts import SCANNED_MANIFEST
from cgid.compute.map import map_chunks
from cgid.data.manifest import SPLITS, read_manifest, write_manifest
from cgid.data.probe import FileInspection
from cgid.errors import InputError
from cgid.files import write_json
from cgid.format_matching import record
from cgid.format_matching.image import FileFinisher, ImageMatcher, MatchedImage, Task
from cgid.format_matching.params import MatchFormatsParams
from cgid.format_matching.plan import SHIFT, FileInfo, common_side, inspect_files, real_qualities
from cgid.format_matching.record import IMAGES, MatchLog
from cgid.params import canonical
from cgid.progress import Progress, silent

CHUNK = 16
# Modification time of the files: the same for all images of one run, a moment in 2001 that depends on its settings.
FIRST_MTIME, MTIME_RANGE_SECONDS = 978_307_200, 31_000_000


def match_formats(params: MatchFormatsParams, progress: Progress = silent) -> dict[str, Any]:
    """Write images/, manifest.csv, a manifest per split, treatment_images.csv, dropped.csv and, last, treatment.json.

    Raises InputError on a bad manifest or setting, or where a class would be left without an image.
    """
    if not 1 <= params.quality <= 100:
        raise InputError(f"--quality must lie between 1 and 100, not {params.quality}.")
    if params.seed < 0:
        raise InputError(f"--seed must not be negative, not {params.seed}.")
    matched = params.treatment == "matched"
    frame = read_manifest(params.manifest)
    _require_separate_folder(frame["path"], params.output_dir)
    steps = Steps(progress, 3 * len(frame))
    infos = _map_items(inspect_files, frame["path"].tolist(), params.workers, steps, "inspected", _failed_inspection)
    label = frame["label"].to_numpy()
    problems = [(one.reason, one.problem) for one in infos]
    side = 0
    qualities: tuple[tuple[int, str], ...] = ((params.quality, ""),)
    if matched:
        side, qualities = _common_crop(params, infos, label)
        need = side + SHIFT
        short = f"under {need} px a side, which the crop needs"
        problems = [p if p[0] or one.side >= need else ("too_small", short) for p, one in zip(problems, infos)]
    outputs = _output_names(infos, "" if params.treatment != "ai-jpeg" else "real", label, frame["path"])
    use = [i for i, (reason, _) in enumerate(problems) if not reason]
    copied = (label == "real") & (params.treatment == "ai-jpeg")
    tasks = {i: Task(frame["path"][i], outputs[i], bool(copied[i])) for i in use}
    fingerprint = _fingerprint(params, qualities, side, [(infos[i].sha256, outputs[i], bool(copied[i])) for i in use])
    log = MatchLog(params.output_dir, fingerprint)
    results = _match_images(
        ImageMatcher(str(params.output_dir), qualities, side, params.seed), tasks, log, params.workers, steps
    )
    for i in use:
        if results[i].problem:
            problems[i] = ("unreadable", results[i].problem)
    selected = [i for i in use if not results[i].problem]
    for name in ("real", "ai"):
        if not (label[selected] == name).any():
            raise InputError(f"{params.manifest}: no {name} image can be used; format matching needs both classes.")
    size = max(results[i].bytes for i in selected) if matched and params.pad else 0
    finish = FileFinisher(str(params.output_dir), size, FIRST_MTIME + int(fingerprint[:12], 16) % MTIME_RANGE_SECONDS)
    probes = _map_items(finish, [outputs[i] for i in selected], params.workers, steps, "finished", _failed_probe)
    if bad := next((p for p in probes if p.reason), None):
        raise RuntimeError(f"a matched image cannot be read back: {bad.problem}")
    matched_rows = _write_manifests(params, frame, selected, outputs, probes)
    record.write_dropped(frame, problems, params.output_dir)
    record.write_images(frame, selected, outputs, results, infos, params.output_dir)
    content = record.content(params, frame, selected, results, infos, problems, side, qualities, size, fingerprint)
    write_json(params.output_dir / "treatment.json", content)
    return {
        "summary": " ".join(content["sentences"]),
        "output_dir": str(params.output_dir),
        "kept": len(matched_rows),
    } | {k: content[k] for k in ("dropped", "side", "padded_to")}


class Steps:
    """Progress over the three passes: inspected, matched, finished."""

    def __init__(self, progress: Progress, total: int) -> None:
        self.progress, self.total, self.done = progress, total, 0

    def add(self, count: int, note: str) -> None:
        self.done += count
        self.progress(min(self.done, self.total), self.total, note)


def _require_separate_folder(paths: Sequence[str], folder: Path) -> None:
    """Raises InputError where an original lies in the folder of the matched images."""
    images = (folder / IMAGES).resolve()
    if inside := next((p for p in paths if Path(p).resolve().is_relative_to(images)), None):
        raise InputError(
            f"{inside} lies in {images}, where the matched copies would be written; choose another --output-dir."
        )


def _common_crop(
    params: MatchFormatsParams, infos: list[FileInfo], label: np.ndarray
) -> tuple[int, tuple[tuple[int, str], ...]]:
    """Side of the crop and qualities of the method `matched`."""
    readable = np.array([not one.reason for one in infos])
    sides = np.array([one.side for one in infos])
    both = [sides[readable & (label == name)] for name in ("real", "ai")]
    for name, own in zip(("real", "ai"), both):
        if not len(own):
            raise InputError(f"{params.manifest}: no {name} image can be used; format matching needs both classes.")
    real = [one for one, name in zip(infos, label) if name == "real"]
    return common_side(both, params.size), real_qualities(real)


def _output_names(infos: list[FileInfo], unchanged_class: str, label: np.ndarray, paths: Sequence[str]) -> list[str]:
    """Output path of each image, named by its content, so that no name, folder or order of the originals is carried over.

    unchanged_class: the class that keeps its files' extensions ("" = none).
    """
    names = []
    seen: dict[str, int] = {}
    for info, name, path in zip(infos, label, paths):
        again = seen[info.sha256] = seen.get(info.sha256, 0) + 1
        stem = info.sha256[:24] + (f"_{again}" if again > 1 else "")
        extension = Path(path).suffix.lower() if name == unchanged_class else ".jpg"
        plain = extension[1:].isascii() and extension[1:].isalnum() and len(extension) <= 6
        names.append(f"{IMAGES}/{stem[:2]}/{stem}{extension if plain else ''}")
    return names


def _fingerprint(params: MatchFormatsParams, *more: Any) -> str:
    own = {k: v for k, v in canonical(params).items() if k not in ("workers", "manifest", "output_dir", "pad")}
    return hashlib.sha256(json.dumps([own, *more]).encode()).hexdigest()


def _match_images(
    matcher: ImageMatcher, tasks: dict[int, Task], log: MatchLog, workers: int, steps: Steps
) -> dict[int, MatchedImage]:
    """{row: result}; images written by an earlier, interrupted run are not written again."""
    written = {i: log.known[task.output] for i, task in tasks.items() if task.output in log.known}
    rest = [i for i in tasks if i not in written]
    steps.add(len(written), f"{len(written)} matched before")
    for rows, results in _map_chunked(
        matcher, rest, tasks.__getitem__, workers, lambda error: MatchedImage(f"ended the process: {error}")
    ):
        written |= dict(zip(rows, results))
        log.add({tasks[i].output: written[i] for i in rows})
        steps.add(len(rows), "images matched")
    return written


def _map_items(
    function: Callable,
    items: list[str],
    workers: int,
    steps: Steps,
    note: str,
    on_failure: Callable[[BaseException], Any],
) -> list:
    """Results of `function` over the items, in their order."""
    values: list[Any] = [None] * len(items)
    for rows, results in _map_chunked(function, list(range(len(items))), items.__getitem__, workers, on_failure):
        for row, result in zip(rows, results, strict=True):
            values[row] = result
        steps.add(len(rows), f"images {note}")
    return values


def _map_chunked(
    function: Callable,
    rows: list[int],
    item: Callable[[int], Any],
    workers: int,
    on_failure: Callable[[BaseException], Any],
) -> Iterator[tuple[list[int], list]]:
    """(rows, their results). A chunk whose process died is repeated item by item; `on_failure` gives the result of an item that fails again."""
    chunks = [rows[i : i + CHUNK] for i in range(0, len(rows), CHUNK)]
    suspects: list[int] = []
    for number, result in map_chunks(function, ([item(i) for i in c] for c in chunks), workers=workers):
        if isinstance(result, BaseException):
            suspects += chunks[number]
        else:
            yield chunks[number], result
    if suspects:
        for number, result in map_chunks(function, ([item(i)] for i in suspects), workers=workers):
            yield [suspects[number]], [on_failure(result)] if isinstance(result, BaseException) else result


def _failed_inspection(error: BaseException) -> FileInfo:
    return FileInfo("unreadable", f"reading it ended the process: {error}")


def _failed_probe(error: BaseException) -> FileInspection:
    return FileInspection("unreadable", str(error))


def _write_manifests(
    params: MatchFormatsParams,
    frame: pd.DataFrame,
    selected: list[int],
    outputs: list[str],
    probes: list[FileInspection],
) -> pd.DataFrame:
    """Write manifest.csv and one manifest per split: the selected rows, with the columns that describe the new files."""
    matched = frame.iloc[selected].reset_index(drop=True)
    matched["path"] = [str(params.output_dir / outputs[i]) for i in selected]
    for column in ("sha256", "width", "height", "format", "bytes", "phash"):
        matched[column] = [getattr(probe, column) for probe in probes]
    write_manifest(matched, params.output_dir / SCANNED_MANIFEST)
    for split in SPLITS:
        file, own = params.output_dir / f"{split}.csv", matched[matched["split"] == split]
        if len(own):
            write_manifest(own, file)
        else:
            file.unlink(missing_ok=True)
    return matched
