"""Starts the processes of one training on this machine, passes on what the first one says, ends all when one dies.

The starter takes no part in the training: it only waits for messages, so that the death of any process is noticed at
once, whatever the others are stuck in. A process whose starter has gone ends itself. They find each other by a file in
a folder of this account alone, and talk over the loopback device.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cgid.compute import worker
from cgid.errors import InputError
from cgid.files import plain
from cgid.progress import Report, silent, takes_seconds_left

RENDEZVOUS = "CGID_RENDEZVOUS"  # in a process's environment: the file by which they find each other
REPORT, RESULT, REFUSED, FAILED, LOST = b"p", b"r", b"u", b"x", b"l"
ENDED = b"e"  # told by the starter's own thread, with the exit code
GRACE = 2.0  # seconds in which the others may say what really happened
NEAREST_FIRST = (REFUSED, FAILED, ENDED, LOST)  # a process that lost another one knows least


class RankLost(InputError):
    """Another process of this training has gone; which one and why is for whoever started them to say."""


def start(work: Callable[[Report], dict[str, Any]], count: int, report: Report) -> dict[str, Any]:
    """`work(report)` in `count` new processes as RANK 0 to count - 1; what the first one returns.

    work: can be pickled. Only the first one's reports are passed on. Raises InputError with a process's own sentence, or
    saying which one died; RuntimeError where one failed otherwise. None is left behind, however this ends.
    """
    heard: queue.SimpleQueue = queue.SimpleQueue()
    children: list[subprocess.Popen] = []
    with tempfile.TemporaryDirectory(prefix="cgid-ranks-") as folder:
        try:
            for rank in range(count):
                children.append(_child(rank, count, Path(folder) / "rendezvous"))
                threading.Thread(target=_listen, args=(rank, children[rank], heard), daemon=True).start()
            task = pickle.dumps(work, pickle.HIGHEST_PROTOCOL)
            for child in children:
                with contextlib.suppress(OSError):  # it died at once: its thread says so
                    worker.write(child.stdin, worker.FUNCTION, task)
            return _followed(heard, count, report)
        finally:
            for child in children:
                child.kill()
            for child in children:
                child.wait()
                with contextlib.suppress(OSError):
                    child.stdin.close()


def _child(rank: int, count: int, rendezvous: Path) -> subprocess.Popen:
    path = os.pathsep.join(p or os.getcwd() for p in sys.path)
    numbers = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": count, "LOCAL_WORLD_SIZE": count}
    more = {k: str(v) for k, v in numbers.items()} | {RENDEZVOUS: str(rendezvous), "PYTHONPATH": path}
    return subprocess.Popen(
        [sys.executable, "-P", "-c", "from cgid.train.launch_ranks import main; main()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"TORCH_CPP_LOG_LEVEL": "ERROR"} | os.environ | more,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def _listen(rank: int, child: subprocess.Popen, heard: queue.SimpleQueue) -> None:
    with child.stdout as pipe:
        while (message := worker.read(pipe)) is not None:
            heard.put((rank, message[0], json.loads(message[1])))
    heard.put((rank, ENDED, child.wait()))


def _followed(heard: queue.SimpleQueue, count: int, report: Report) -> dict[str, Any]:
    results: dict[int, Any] = {}
    tells_left = takes_seconds_left(report)
    while len(results) < count:
        rank, kind, content = heard.get()
        if kind == REPORT:
            report(*content if tells_left else content[:3])
        elif kind == RESULT:
            results[rank] = content
        elif rank not in results:
            raise _reason(heard, results, (rank, kind, content), count)
    return results[0]


def _reason(heard: queue.SimpleQueue, results: dict, first: tuple[int, bytes, Any], count: int) -> Exception:
    """What ended the training: of all that is said within the grace, what lies nearest to the cause."""
    said, until = [first], time.monotonic() + GRACE
    with contextlib.suppress(queue.Empty):
        while said[-1][1] in (LOST, ENDED) and time.monotonic() < until:
            rank, kind, content = heard.get(timeout=max(0.01, until - time.monotonic()))
            spoken = {r for r, k, _ in said if k != ENDED}
            if kind in NEAREST_FIRST and rank not in results and not (kind == ENDED and rank in spoken):
                said.append((rank, kind, content))
    rank, kind, content = min(said, key=lambda s: (NEAREST_FIRST.index(s[1]), s[0]))
    if kind in (FAILED, LOST):  # LOST: and none of the others says or shows why
        failed = RuntimeError(f"process {rank + 1} of {count}: {content[0]}")
        failed.add_note(content[1])
        return failed
    if kind == ENDED:
        how = signal.Signals(-content).name if content < 0 else f"exit code {content}"
        return InputError(
            f"Process {rank + 1} of {count} of the training died ({how}), so the others were ended; "
            "what was saved stays, and the same command goes on from there."
        )
    return InputError(content["message"], code=content["code"], suggestion=content["suggestion"])


def main() -> None:
    """One process: the work comes by standard input, what it says goes out by standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a person's Ctrl-C is the starter's business
    inbox, outbox = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)  # what libraries print must not fall between the messages
    task = worker.read(inbox)
    if task is None:
        os._exit(1)
    threading.Thread(target=_end_with, args=(inbox,), daemon=True).start()

    def say(kind: bytes, content: Any) -> None:
        worker.write(outbox, kind, json.dumps(content).encode())

    def report(done: int, total: int, note: str = "", seconds_left: float | None = None) -> None:
        say(REPORT, [int(done), int(total), str(note), seconds_left])

    first = os.environ["RANK"] == "0"
    try:
        say(RESULT, plain(_done(pickle.loads(task[1]), report if first else silent)))
    except RankLost as lost:
        say(LOST, [f"lost the others ({str(lost.__cause__)[:200]})", traceback.format_exc()])
    except InputError as error:
        say(REFUSED, {"message": str(error), "code": error.code, "suggestion": plain(error.suggestion)})
    except Exception as error:  # the edge where one process fails; the starter is told
        say(FAILED, [f"{type(error).__name__}: {error}".rstrip(": "), traceback.format_exc()])
    os._exit(0)


def _done(work: Callable[[Report], dict[str, Any]], report: Report) -> dict[str, Any]:
    try:
        return work(report)
    except SystemExit as end:  # all but the first one end so, their part done
        if end.code:
            raise RuntimeError(f"exit code {end.code}") from end
        return {}


def _end_with(inbox: Any) -> None:
    """The starter holds the other end for as long as it lives; one that was killed has not tidied up."""
    while inbox.read(1):
        pass
    shutil.rmtree(Path(os.environ[RENDEZVOUS]).parent, ignore_errors=True)
    os._exit(1)
