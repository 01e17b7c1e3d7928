"""Steps that misbehave on purpose, for the scenarios of the job engine."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from cgid.errors import InputError
from cgid.params import arg


@dataclass(frozen=True)
class CountParams:
    output_dir: Path = arg(help="folder of items")
    items: int = arg(5, help="items to make")
    pause: float = arg(0.0, help="seconds an item takes")
    source: Path | None = arg(None, help="file or folder to start from")
    words: tuple[str, ...] = arg((), help="any words")
    text: str = arg("", help="any text")


def count(params: CountParams, report) -> dict:
    """Make numbered files, each once: making one that is there already fails. Resumes by what is there."""
    params.output_dir.mkdir(parents=True, exist_ok=True)
    done = {int(p.stem) for p in params.output_dir.glob("*.item")}
    with open(params.output_dir / "starts", "a") as starts:
        starts.write(f"{os.getpid()}\n")
    for number in range(params.items):
        if number not in done:
            time.sleep(params.pause)
            (params.output_dir / f"{number}.item").open("x").close()
        report(number + 1, params.items, f"item {number}")
    (params.output_dir / "finished").write_text(params.text, encoding="utf-8", errors="surrogateescape")
    return {"summary": f"{params.items} items", "items": params.items, "words": params.words, "nan": float("nan")}


@dataclass(frozen=True)
class TreeParams:
    output_dir: Path = arg(help="folder for the process ids")


TREE = """
import subprocess, sys, time
sleeper = [sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(300)"]
for _ in range(2):
    print(subprocess.Popen(sleeper, start_new_session=True).pid, flush=True)
time.sleep(300)
"""


def tree(params: TreeParams, report) -> dict:
    """Stands for torchrun: a child whose own children live in sessions of their own and do not mind SIGTERM."""
    params.output_dir.mkdir(parents=True, exist_ok=True)
    child = subprocess.Popen([sys.executable, "-c", TREE], stdout=subprocess.PIPE, text=True)
    ids = [child.pid, *(int(child.stdout.readline()) for _ in range(2))]
    (params.output_dir / "pids").write_text(" ".join(map(str, ids)))
    report(1, 10, "up")
    child.wait()
    return {"summary": "ended"}


@dataclass(frozen=True)
class FailParams:
    how: str = arg(help="input, fault, exit, nothing, ignore-stop")
    output: Path = arg(help="file to make")


def fail(params: FailParams, report) -> dict:
    if params.how == "input":
        raise InputError(
            "M.csv line 17: label `fake1` is not one of real, ai", code="unknown_label", suggestion={"label": "ai"}
        )
    if params.how == "fault":
        raise ValueError("shapes differ")
    if params.how == "exit":
        os._exit(7)
    if params.how == "ok":
        params.output.write_text("made")
    return {"summary": "done"}
