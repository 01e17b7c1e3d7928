"""A folder of images in, a verdict for each out: parallel, resumable, never the same file judged or recorded twice."""

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
from cgid.data.scan import Walk
from cgid.errors import InputError
from cgid.escape import to_csv
from cgid.files import sha256_of, write_bytes, write_json
from cgid.forensics.check import Check, check
from cgid.forensics.model_choice import Choice, chosen_models
from cgid.formatting import WORDS
from cgid.progress import Report
from cgid.records.params import CheckFolderParams
from cgid.settings import settings

CHUNK = 8  # images a process takes at once
SECONDS_PER_IMAGE = 60
LINES, TABLE, SUMMARY = "checks.jsonl", "checks.csv", "summary.json"
COLUMNS = (
    *("file", "verdict", "why", "probability_ai", "model_a", "model_b", "rules", "credentials", "sha256", "error"),
)


def check_folder(params: CheckFolderParams, report: Report) -> dict[str, Any]:
    """Judge every image below `root`; see `CheckFolderParams`. Links to folders are not followed.

    checks.jsonl grows an answer at a time: killed at any point, the next run judges what is missing, and a file whose
    content changed, and nothing else, as long as the same models answer. A file that takes longer than 60 s or more
    memory than allowed costs only itself.

    Raises InputError: no folder, no image in it, models that cannot be used, an output folder that cannot be written.
    """
    begun = time.monotonic()
    root = Path(params.root).expanduser().absolute()
    if not root.is_dir():
        raise InputError(f"{root} is not a folder; name one that holds images.")
    walk = Walk()
    files = [Path(root, *steps, name) for steps, name in walk.images(root)]
    if not files:
        raise InputError(f"{root} holds no images.")
    choice = Choice(params.model_a, params.model_b)
    state = chosen_models(choice).to_json() | {"chosen": asdict(choice), "cgid": __version__}
    book = _Book(Path(params.output_dir).expanduser().absolute(), state)
    names = {str(file.relative_to(root)): file for file in files}
    before = book.still_true(names)
    waiting = [(name, str(file)) for name, file in names.items() if name not in before]
    done = len(before)
    report(done, len(files), "looking at the pictures")
    work = partial(_judge, choice, params.record)
    chunks = [waiting[i : i + CHUNK] for i in range(0, len(waiting), CHUNK)]
    limits = Limits(SECONDS_PER_IMAGE, settings().memory_limit)
    for answers in _answers(work, chunks, params.workers or settings().workers, limits):
        for answer in answers:
            if params.record:
                book.record(answer)
            book.add(answer)
            done += 1
            report(done, len(files), answer["file"][-60:])
    return _finish(book, [*names], walk, state, time.monotonic() - begun)


def _answers(work: Any, chunks: Sequence[list], workers: int, limits: Limits) -> Iterator[list[dict[str, Any]]]:
    """Answers as chunks complete. Of a chunk that ended its process each file is judged again by itself."""
    again: list[list] = []
    for index, found in map_chunks(work, chunks, workers=workers, limits=limits):
        if not isinstance(found, BaseException):
            yield found
        elif len(chunks[index]) > 1:
            again += [[item] for item in chunks[index]]
        else:
            yield [_lost(chunks[index][0], found)]
    if again:
        yield from _answers(work, again, workers, limits)


def _lost(item: tuple[str, str], problem: BaseException) -> dict[str, Any]:
    if not isinstance(problem, WorkerLost):
        raise problem
    words = f"{item[0]} could not be judged: it {problem.words}." if problem.cause in ("time", "memory") else (
        f"{item[0]} could not be judged: {problem.words}."
    )  # fmt: skip
    try:
        sha256 = sha256_of(item[1])
    except OSError:
        sha256 = ""
    return Check(item[0], sha256, "unreadable", words, words, error=words).to_json()


def _judge(choice: Choice, keep_picture: bool, chunk: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """In a worker process: the answer to each file of a chunk; its small picture is kept where that is wanted."""
    from cgid.imaging.image_file import UnreadableImage
    from cgid.metadata import c2pa_sidecar
    from cgid.records import keep

    models = chosen_models(choice)
    answers = []
    for name, path in chunk:
        item_begins()
        try:
            source = c2pa_sidecar.opened(Path(path))
        except UnreadableImage:
            source = None
        found = check(source if source is not None else Path(path), name, models).to_json()
        if keep_picture and source is not None and found["sha256"]:
            keep.save_thumbnail(found["sha256"], source, name)
        answers.append(found)
    return answers


@dataclass
class _Book:
    """The answers so far, in `folder`/checks.jsonl: first what answers, then a line a file."""

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
        """Whether answers of the same models are there; a line that was being written when the power went is dropped."""
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
        """Names whose answer is about the file that lies there now; the others' answers are forgotten."""
        kept = {}
        for name, answer in self.answers.items():
            try:
                same = name in names and answer["sha256"] and sha256_of(names[name]) == answer["sha256"]
            except OSError:
                same = False
            if same:
                kept[name] = answer
        self.answers = kept
        return set(kept)

    def record(self, answer: dict[str, Any]) -> None:
        """Into the database, once: a run that was killed between record and line finds its record there."""
        from cgid.records import keep
        from cgid.records.store import analyses

        if self.resumed and any(
            row["file"] == answer["file"] and row["created"] >= self.begun
            for row in analyses(sha256=answer["sha256"], limit=20)
        ):
            return
        keep.keep(answer)

    def add(self, answer: dict[str, Any]) -> None:
        self.answers[answer["file"]] = answer
        with open(self.path, "a", encoding="utf-8") as lines:
            lines.write(json.dumps(answer) + "\n")
            lines.flush()
            os.fsync(lines.fileno())


def _finish(book: _Book, names: list[str], walk: Walk, state: dict[str, Any], seconds: float) -> dict[str, Any]:
    answers = [book.answers[name] for name in names]
    write_bytes(book.folder / TABLE, to_csv(COLUMNS, map(_row, answers)))
    counts = Counter(answer["verdict"] for answer in answers)
    write_json(
        book.folder / SUMMARY,
        {
            "images": len(answers),
            "verdicts": {verdict: counts[verdict] for verdict in WORDS},
            "models": state,
            "passed_over": dict(walk.ignored),
            "videos": walk.videos,
            "seconds": round(seconds, 2),
        },
    )
    said = ", ".join(f"{counts[v]} {WORDS[v]}" for v in WORDS if counts[v])
    words = f"{len(answers)} images: {said}."
    if state["simulated"]:
        words += " The models learned from simulated demo images, so the verdicts on other pictures are no findings."
    return {"summary": words, "output_dir": book.folder, "images": len(answers), "verdicts": dict(counts)}


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
