"""Checks a folder of images: in parallel, resumable, no file checked or recorded twice."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from cgid import __version__
from cgid.compute.limits import Limits, WorkerLost
from cgid.compute.map import map_chunks
from cgid.compute.worker import item_begins
from cgid.data.scan import FolderScan
from cgid.errors import InputError
from cgid.escape import to_csv
from cgid.files import sha256_of, write_bytes, write_json
from cgid.forensics.check import CheckResult, check
from cgid.forensics.model_choice import Choice, chosen_models
from cgid.formatting import VERDICT_TEXT
from cgid.progress import Progress
from cgid.records.params import CheckFolderParams
from cgid.settings import settings

CHUNK = 8  # images a process takes at once
SECONDS_PER_IMAGE = 60
LINES, TABLE, SUMMARY = "checks.jsonl", "checks.csv", "summary.json"
COLUMNS = (
    *("file", "verdict", "why", "probability_ai", "model_a", "model_b", "rules", "credentials", "sha256", "error"),
)


def check_folder(params: CheckFolderParams, progress: Progress) -> dict[str, Any]:
    """Check every image below `root`; see `CheckFolderParams`. Links to folders are not followed.

    checks.jsonl grows by one line per answer: after an interruption the next run checks only files that are missing or
    whose content changed, as long as the models are the same. A file that exceeds 60 s or the memory limit is reported
    as unreadable and does not affect the others.

    Raises InputError: no folder, no image in it, models that cannot be used, an output folder that cannot be written.
    """
    begun = time.monotonic()
    root = Path(params.root).expanduser().absolute()
    if not root.is_dir():
        raise InputError(f"{root} is not a folder. Name a folder of images.")
    scan = FolderScan()
    files = [Path(root, *steps, name) for steps, name in scan.images(root)]
    if not files:
        raise InputError(f"{root} contains no images.")
    choice = Choice(params.model_a, params.model_b)
    state = chosen_models(choice).to_json() | {"chosen": asdict(choice), "cgid": __version__}
    writer = ResultWriter(Path(params.output_dir).expanduser().absolute(), state)
    names = {str(file.relative_to(root)): file for file in files}
    finished = writer.still_true(names)
    pending = [(name, str(file)) for name, file in names.items() if name not in finished]
    done = len(finished)
    progress(done, len(files), "checking the images")
    task = partial(_check_chunk, choice, params.record)
    chunks = [pending[i : i + CHUNK] for i in range(0, len(pending), CHUNK)]
    limits = Limits(SECONDS_PER_IMAGE, settings().memory_limit)
    for answers in _answers(task, chunks, params.workers or settings().workers, limits):
        for answer in answers:
            if params.record:
                writer.record(answer)
            writer.add(answer)
            done += 1
            progress(done, len(files), answer["file"][-60:])
    return _finish(writer, [*names], scan, state, time.monotonic() - begun)


def _answers(work: Any, chunks: Sequence[list], workers: int, limits: Limits) -> Iterator[list[dict[str, Any]]]:
    """Answers as chunks complete. The files of a chunk whose process ended are checked again one by one."""
    retry: list[list] = []
    for index, result in map_chunks(work, chunks, workers=workers, limits=limits):
        if not isinstance(result, BaseException):
            yield result
        elif len(chunks[index]) > 1:
            retry += [[item] for item in chunks[index]]
        else:
            yield [_unreadable(chunks[index][0], result)]
    if retry:
        yield from _answers(work, retry, workers, limits)


def _unreadable(item: tuple[str, str], problem: BaseException) -> dict[str, Any]:
    if not isinstance(problem, WorkerLost):
        raise problem
    sentence = f"{item[0]} could not be checked: it {problem.message}." if problem.cause in ("time", "memory") else (
        f"{item[0]} could not be checked: {problem.message}."
    )  # fmt: skip
    try:
        sha256 = sha256_of(item[1])
    except OSError:
        sha256 = ""
    return CheckResult(item[0], sha256, "unreadable", sentence, sentence, error=sentence).to_json()


def _check_chunk(choice: Choice, keep_picture: bool, chunk: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """In a worker process: the answers for the files of a chunk; stores their thumbnails where `keep_picture` is set."""
    from cgid.imaging.image_file import UnreadableImage
    from cgid.metadata import c2pa_sidecar
    from cgid.records import keep

    models = chosen_models(choice)
    answers = []
    for name, path in chunk:
        item_begins()
        try:
            source = c2pa_sidecar.open_with_sidecar(Path(path))
        except UnreadableImage:
            source = None
        answer = check(source if source is not None else Path(path), name, models).to_json()
        if keep_picture and source is not None and answer["sha256"]:
            keep.save_thumbnail(answer["sha256"], source, name)
        answers.append(answer)
    return answers


@dataclass
class ResultWriter:
    """The answers so far, in `folder`/checks.jsonl: first a line on the models, then a line per file."""

    folder: Path
    state: dict[str, Any]

    def __post_init__(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise InputError(f"{self.folder} cannot be written ({problem.strerror}).") from None
        self.path = self.folder / LINES
        self.answers: dict[str, dict[str, Any]] = {}
        self.begun = time.time()
        self.resumed = self._read()
        if not self.resumed:
            self._write_all()

    def _read(self) -> bool:
        """Read earlier answers; whether they are from the same models. An incomplete last line is dropped."""
        try:
            with open(self.path, encoding="utf-8") as lines:
                head = json.loads(next(lines, "{}"))
                if head.get("state") != self.state:
                    return False
                self.begun = float(head["begun"])
                for line in lines:
                    if not line.endswith("\n"):
                        break
                    answer = json.loads(line)
                    self.answers[answer["file"]] = answer
        except FileNotFoundError:
            return False
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            self.answers = {}
            return False
        self._write_all()
        return True

    def _write_all(self) -> None:
        head = {"state": self.state, "begun": self.begun}
        lines = [json.dumps(each) + "\n" for each in (head, *self.answers.values())]
        write_bytes(self.path, "".join(lines).encode())

    def still_true(self, names: dict[str, Path]) -> set[str]:
        """Names whose answer is for the current content of the file; all other answers are discarded."""
        valid = {}
        for name, answer in self.answers.items():
            try:
                same = name in names and answer["sha256"] and sha256_of(names[name]) == answer["sha256"]
            except OSError:
                same = False
            if same:
                valid[name] = answer
        self.answers = valid
        return set(valid)

    def record(self, answer: dict[str, Any]) -> None:
        """Store in the database once: a run interrupted between record and line finds its record there."""
        from cgid.records import keep
        from cgid.records.store import analyses

        if self.resumed and any(
            row["file"] == answer["file"] and row["created"] >= self.begun
            for row in analyses(sha256=answer["sha256"], limit=20)
        ):
            return
        keep.save_check(answer)

    def add(self, answer: dict[str, Any]) -> None:
        self.answers[answer["file"]] = answer
        with open(self.path, "a", encoding="utf-8") as lines:
            lines.write(json.dumps(answer) + "\n")
            lines.flush()
            os.fsync(lines.fileno())


def _finish(
    writer: ResultWriter, names: list[str], scan: FolderScan, state: dict[str, Any], seconds: float
) -> dict[str, Any]:
    answers = [writer.answers[name] for name in names]
    write_bytes(writer.folder / TABLE, to_csv(COLUMNS, map(_row, answers)))
    counts = Counter(answer["verdict"] for answer in answers)
    write_json(
        writer.folder / SUMMARY,
        {
            "images": len(answers),
            "verdicts": {verdict: counts[verdict] for verdict in VERDICT_TEXT},
            "models": state,
            "passed_over": dict(scan.ignored),
            "videos": scan.videos,
            "seconds": round(seconds, 2),
        },
    )
    counted = ", ".join(f"{counts[v]} {VERDICT_TEXT[v]}" for v in VERDICT_TEXT if counts[v])
    text = f"{len(answers)} images: {counted}."
    if state["simulated"]:
        text += " The models were trained on simulated demo images, so the verdicts on other images are no findings."
    return {"summary": text, "output_dir": writer.folder, "images": len(answers), "verdicts": dict(counts)}


def _row(answer: dict[str, Any]) -> list[Any]:
    def of(model: str) -> float | None:
        return round(answer[model]["probability"], 4) if answer.get(model) else None

    credentials = (answer.get("provenance") or {}).get("credentials")
    fits = {True: "fit the picture", False: "do not fit the picture", None: "cannot be read"}
    p = answer.get("probability_ai")
    return [
        answer["file"],
        answer["verdict"],
        answer.get("why") or answer.get("reason"),
        None if p is None else round(p, 4),
        of("model_a"),
        of("model_b"),
        (answer.get("rules") or {}).get("score"),
        fits[credentials.get("fits_picture")] if credentials else "none",
        answer["sha256"],
        answer.get("error"),
    ]
