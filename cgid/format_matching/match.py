"""Builds a treated copy of a data set: what is left to learn once the file format says the same of both classes?

Published twice: detectors of AI images learn that the fakes are PNG of one size and the photographs JPEG of many
(Grommelt et al. 2024, "Fake or JPEG?"). The originals are only read. Killed and run again, it writes nothing twice.
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
from cgid.data.probe import Probe
from cgid.errors import InputError
from cgid.files import write_json
from cgid.format_matching import record
from cgid.format_matching.image import Finish, Made, Task, Treatment
from cgid.format_matching.params import TreatParams
from cgid.format_matching.plan import SHIFT, Look, common_side, look_at, qualities_of
from cgid.format_matching.record import IMAGES, TreatLog
from cgid.params import canonical
from cgid.progress import Report, silent

CHUNK = 16
# The files' time: one for all of a treatment, some moment of 2001, another for another treatment.
YEAR_2001, SPREAD = 978_307_200, 31_000_000


def treat(params: TreatParams, report: Report = silent) -> dict[str, Any]:
    """Write images/, manifest.csv, a manifest per split, treatment_images.csv, dropped.csv and, last, treatment.json.

    Raises InputError on a bad manifest or setting, or where a class would be left without an image.
    """
    if not 1 <= params.quality <= 100:
        raise InputError(f"--quality must lie between 1 and 100, not {params.quality}.")
    if params.seed < 0:
        raise InputError(f"--seed must not be negative, not {params.seed}.")
    matched = params.treatment == "matched"
    frame = read_manifest(params.manifest)
    _apart(frame["path"], params.output_dir)
    steps = Steps(report, 3 * len(frame))
    looks = _all(look_at, frame["path"].tolist(), params.workers, steps, "looked at", _lost_look)
    label = frame["label"].to_numpy()
    problems = [(one.reason, one.problem) for one in looks]
    side, qualities = 0, ((params.quality, ""),)
    if matched:
        side, qualities = _alike(params, looks, label)
        need = side + SHIFT
        short = f"under {need} px a side, which the crop needs"
        problems = [p if p[0] or one.side >= need else ("too_small", short) for p, one in zip(problems, looks)]
    outputs = _names(looks, "" if params.treatment != "ai-jpeg" else "real", label, frame["path"])
    use = [i for i, (reason, _) in enumerate(problems) if not reason]
    keep = (label == "real") & (params.treatment == "ai-jpeg")
    tasks = {i: Task(frame["path"][i], outputs[i], bool(keep[i])) for i in use}
    work = _work(params, qualities, side, [(looks[i].sha256, outputs[i], bool(keep[i])) for i in use])
    log = TreatLog(params.output_dir, work)
    made = _write(Treatment(str(params.output_dir), qualities, side, params.seed), tasks, log, params.workers, steps)
    for i in use:
        if made[i].problem:
            problems[i] = ("unreadable", made[i].problem)
    kept = [i for i in use if not made[i].problem]
    for name in ("real", "ai"):
        if not (label[kept] == name).any():
            raise InputError(f"{params.manifest}: no {name} image can be treated; a treatment needs both classes.")
    size = max(made[i].bytes for i in kept) if matched and params.pad else 0
    finish = Finish(str(params.output_dir), size, YEAR_2001 + int(work[:12], 16) % SPREAD)
    probes = _all(finish, [outputs[i] for i in kept], params.workers, steps, "finished", _lost_probe)
    if bad := next((p for p in probes if p.reason), None):
        raise RuntimeError(f"a treated image cannot be read again: {bad.problem}")
    treated = _manifests(params, frame, kept, outputs, probes)
    record.write_dropped(frame, problems, params.output_dir)
    record.write_images(frame, kept, outputs, made, looks, params.output_dir)
    content = record.content(params, frame, kept, made, looks, problems, side, qualities, size, work)
    write_json(params.output_dir / "treatment.json", content)
    return {"summary": " ".join(content["sentences"]), "output_dir": str(params.output_dir), "kept": len(treated)} | {
        k: content[k] for k in ("dropped", "side", "padded_to")
    }


class Steps:
    """Progress over the three passes: looked at, treated, finished."""

    def __init__(self, report: Report, total: int) -> None:
        self.report, self.total, self.done = report, total, 0

    def add(self, count: int, note: str) -> None:
        self.done += count
        self.report(min(self.done, self.total), self.total, note)


def _apart(paths: Sequence[str], folder: Path) -> None:
    """Raises InputError where an original lies where treated images would."""
    images = (folder / IMAGES).resolve()
    if inside := next((p for p in paths if Path(p).resolve().is_relative_to(images)), None):
        raise InputError(f"{inside} lies in {images}, where the treated copies would go; choose another --output-dir.")


def _alike(params: TreatParams, looks: list[Look], label: np.ndarray) -> tuple[int, tuple[tuple[int, str], ...]]:
    """Crop and qualities of treatment (d)."""
    readable = np.array([not one.reason for one in looks])
    sides = np.array([one.side for one in looks])
    both = [sides[readable & (label == name)] for name in ("real", "ai")]
    for name, own in zip(("real", "ai"), both):
        if not len(own):
            raise InputError(f"{params.manifest}: no {name} image can be treated; a treatment needs both classes.")
    real = [one for one, name in zip(looks, label) if name == "real"]
    return common_side(both, params.size), qualities_of(real)


def _names(looks: list[Look], kept: str, label: np.ndarray, paths: Sequence[str]) -> list[str]:
    """Where each image goes: named by its content, so that no name, folder or order of the originals is carried over.

    kept: the class that keeps its files' extensions ("" = none).
    """
    names, seen = [], {}
    for look, name, path in zip(looks, label, paths):
        again = seen[look.sha256] = seen.get(look.sha256, 0) + 1
        stem = look.sha256[:24] + (f"_{again}" if again > 1 else "")
        extension = Path(path).suffix.lower() if name == kept else ".jpg"
        plain = extension[1:].isascii() and extension[1:].isalnum() and len(extension) <= 6
        names.append(f"{IMAGES}/{stem[:2]}/{stem}{extension if plain else ''}")
    return names


def _work(params: TreatParams, *more: Any) -> str:
    own = {k: v for k, v in canonical(params).items() if k not in ("workers", "manifest", "output_dir", "pad")}
    return hashlib.sha256(json.dumps([own, *more]).encode()).hexdigest()


def _write(one: Treatment, tasks: dict[int, Task], log: TreatLog, workers: int, steps: Steps) -> dict[int, Made]:
    """{row: what was made}; what an earlier, killed run has written is not written again."""
    made = {i: log.known[task.output] for i, task in tasks.items() if task.output in log.known}
    rest = [i for i in tasks if i not in made]
    steps.add(len(made), f"{len(made)} treated before")
    for rows, results in _chunks(
        one, rest, tasks.__getitem__, workers, lambda error: Made(f"ended the process: {error}")
    ):
        made |= dict(zip(rows, results))
        log.add({tasks[i].output: made[i] for i in rows})
        steps.add(len(rows), "images treated")
    return made


def _all(
    function: Callable, items: list[str], workers: int, steps: Steps, note: str, lost: Callable[[BaseException], Any]
) -> list:
    """function over the items, in order."""
    found: list[Any] = [None] * len(items)
    for rows, results in _chunks(function, list(range(len(items))), items.__getitem__, workers, lost):
        for row, result in zip(rows, results, strict=True):
            found[row] = result
        steps.add(len(rows), f"images {note}")
    return found


def _chunks(
    function: Callable, rows: list[int], item: Callable[[int], Any], workers: int, lost: Callable[[BaseException], Any]
) -> Iterator[tuple[list[int], list]]:
    """(rows, their results). A chunk whose process died is done again one by one; who kills it alone is `lost`."""
    chunks = [rows[i : i + CHUNK] for i in range(0, len(rows), CHUNK)]
    suspects: list[int] = []
    for number, result in map_chunks(function, ([item(i) for i in c] for c in chunks), workers=workers):
        if isinstance(result, BaseException):
            suspects += chunks[number]
        else:
            yield chunks[number], result
    if suspects:
        for number, result in map_chunks(function, ([item(i)] for i in suspects), workers=workers):
            yield [suspects[number]], [lost(result)] if isinstance(result, BaseException) else result


def _lost_look(error: BaseException) -> Look:
    return Look("unreadable", f"reading it ended the process: {error}")


def _lost_probe(error: BaseException) -> Probe:
    return Probe("unreadable", str(error))


def _manifests(
    params: TreatParams, frame: pd.DataFrame, kept: list[int], outputs: list[str], probes: list[Probe]
) -> pd.DataFrame:
    """manifest.csv and one for each split there is: the rows that were kept, what describes the file written anew."""
    treated = frame.iloc[kept].reset_index(drop=True)
    treated["path"] = [str(params.output_dir / outputs[i]) for i in kept]
    for column in ("sha256", "width", "height", "format", "bytes", "phash"):
        treated[column] = [getattr(probe, column) for probe in probes]
    write_manifest(treated, params.output_dir / SCANNED_MANIFEST)
    for split in SPLITS:
        file, own = params.output_dir / f"{split}.csv", treated[treated["split"] == split]
        if len(own):
            write_manifest(own, file)
        else:
            file.unlink(missing_ok=True)
    return treated
