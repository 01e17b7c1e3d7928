"""Starts the processes of one training on this machine, passes on the messages of the first, and ends all when one
dies.

The launcher takes no part in the training: it only waits for messages, so that the death of any process is noticed at
once, whatever the others are waiting for. A process whose launcher has gone ends itself. The processes find each other
by a file in a private folder and communicate over the loopback device.
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
from cgid.progress import Progress, silent, takes_seconds_left

RENDEZVOUS = "CGID_RENDEZVOUS"  # in a process's environment: the file by which they find each other
PROGRESS, RESULT, REFUSED, FAILED, LOST = b"p", b"r", b"u", b"x", b"l"
EXITED = b"e"  # put by the launcher's own thread, with the exit code
GRACE = 2.0  # seconds in which the others may send what really happened
CAUSE_PRIORITY = (REFUSED, FAILED, EXITED, LOST)  # a process that lost another one knows least about the cause


class RankLost(InputError):
    """Another process of this training has gone; the launcher reports which one and why."""


def launch_ranks(work: Callable[[Progress], dict[str, Any]], count: int, progress: Progress) -> dict[str, Any]:
    """`work(progress)` in `count` new processes as RANK 0 to count - 1; what the first one returns.

    work: picklable. Only the progress of the first one is passed on. Raises InputError with a process's own message, or
    naming the one that died; RuntimeError where one failed otherwise. No process is left behind.
    """
    messages: queue.SimpleQueue = queue.SimpleQueue()
    children: list[subprocess.Popen] = []
    with tempfile.TemporaryDirectory(prefix="cgid-ranks-") as folder:
        try:
            for rank in range(count):
                children.append(_child(rank, count, Path(folder) / "rendezvous"))
                threading.Thread(target=_listen, args=(rank, children[rank], messages), daemon=True).start()
            payload = pickle.dumps(work, pickle.HIGHEST_PROTOCOL)
            for child in children:
                assert child.stdin is not None
                with contextlib.suppress(OSError):  # it died at once: its thread reports it
                    worker.write(child.stdin, worker.FUNCTION, payload)
            return _follow(messages, count, progress)
        finally:
            for child in children:
                child.kill()
            for child in children:
                child.wait()
                assert child.stdin is not None
                with contextlib.suppress(OSError):
                    child.stdin.close()


def _child(rank: int, count: int, rendezvous: Path) -> subprocess.Popen:
    path = os.pathsep.join(p or os.getcwd() for p in sys.path)
    numbers = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": count, "LOCAL_WORLD_SIZE": count}
    variables = {k: str(v) for k, v in numbers.items()} | {RENDEZVOUS: str(rendezvous), "PYTHONPATH": path}
    return subprocess.Popen(
        [sys.executable, "-P", "-c", "from cgid.train.launch_ranks import main; main()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"TORCH_CPP_LOG_LEVEL": "ERROR"} | os.environ | variables,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def _listen(rank: int, child: subprocess.Popen[bytes], messages: queue.SimpleQueue[Any]) -> None:
    assert child.stdout is not None
    with child.stdout as pipe:
        while (message := worker.read(pipe)) is not None:
            messages.put((rank, message[0], json.loads(message[1])))
    messages.put((rank, EXITED, child.wait()))


def _follow(messages: queue.SimpleQueue, count: int, progress: Progress) -> dict[str, Any]:
    results: dict[int, Any] = {}
    accepts_seconds_left = takes_seconds_left(progress)
    while len(results) < count:
        rank, kind, content = messages.get()
        if kind == PROGRESS:
            progress(*content if accepts_seconds_left else content[:3])
        elif kind == RESULT:
            results[rank] = content
        elif rank not in results:
            raise _failure(messages, results, (rank, kind, content), count)
    return results[0]


def _failure(messages: queue.SimpleQueue, results: dict, first: tuple[int, bytes, Any], count: int) -> Exception:
    """The error that ended the training: of all messages within the grace period, the one closest to the cause."""
    received, deadline = [first], time.monotonic() + GRACE
    with contextlib.suppress(queue.Empty):
        while received[-1][1] in (LOST, EXITED) and time.monotonic() < deadline:
            rank, kind, content = messages.get(timeout=max(0.01, deadline - time.monotonic()))
            reported = {r for r, k, _ in received if k != EXITED}
            if kind in CAUSE_PRIORITY and rank not in results and not (kind == EXITED and rank in reported):
                received.append((rank, kind, content))
    rank, kind, content = min(received, key=lambda s: (CAUSE_PRIORITY.index(s[1]), s[0]))
    if kind in (FAILED, LOST):  # LOST: and no other process reports a cause
        failed = RuntimeError(f"process {rank + 1} of {count}: {content[0]}")
        failed.add_note(content[1])
        return failed
    if kind == EXITED:
        cause = signal.Signals(-content).name if content < 0 else f"exit code {content}"
        return InputError(
            f"Process {rank + 1} of {count} of the training died ({cause}), so the others were ended; "
            "what was saved stays, and the same command resumes from there."
        )
    return InputError(content["message"], code=content["code"], suggestion=content["suggestion"])


def main() -> None:
    """Entry point of one process: the work arrives on standard input, messages leave on standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a person's Ctrl-C is the starter's business
    inbox, outbox = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)  # output of libraries must not mix with the messages
    task = worker.read(inbox)
    if task is None:
        os._exit(1)
    threading.Thread(target=_end_with, args=(inbox,), daemon=True).start()

    def send(kind: bytes, content: Any) -> None:
        worker.write(outbox, kind, json.dumps(content).encode())

    def progress(done: int, total: int, note: str = "", seconds_left: float | None = None) -> None:
        send(PROGRESS, [int(done), int(total), str(note), seconds_left])

    first = os.environ["RANK"] == "0"
    try:
        send(RESULT, plain(_done(pickle.loads(task[1]), progress if first else silent)))
    except RankLost as lost:
        send(LOST, [f"lost the others ({str(lost.__cause__)[:200]})", traceback.format_exc()])
    except InputError as error:
        send(REFUSED, {"message": str(error), "code": error.code, "suggestion": plain(error.suggestion)})
    except Exception as error:  # the boundary where one process fails; the launcher is informed
        send(FAILED, [f"{type(error).__name__}: {error}".rstrip(": "), traceback.format_exc()])
    os._exit(0)


def _done(work: Callable[[Progress], dict[str, Any]], progress: Progress) -> dict[str, Any]:
    try:
        return work(progress)
    except SystemExit as ending:  # all but the first one end so, their part done
        if ending.code:
            raise RuntimeError(f"exit code {ending.code}") from ending
        return {}


def _end_with(inbox: Any) -> None:
    """End this process when the launcher closes its end, as when it was killed; remove its rendezvous folder."""
    while inbox.read(1):
        pass
    shutil.rmtree(Path(os.environ[RENDEZVOUS]).parent, ignore_errors=True)
    os._exit(1)
