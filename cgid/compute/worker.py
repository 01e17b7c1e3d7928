"""Worker process of `cgid.compute.local`: one thread per numeric library, chunk after chunk from its parent; ends with
it.

Started as `python -c "from cgid.compute.worker import main; main()" PARENT`. A message is one byte for its kind, a
length and the payload.
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
import sys
import threading
import time
from collections.abc import Callable
from functools import cache
from typing import IO

FUNCTION, CHUNK = b"f", b"c"  # to the worker: what to do, and with what
ITEM, RESULT, FAILURE = b"i", b"r", b"x"  # from it: another item begins; the chunk's result; what the function raised
_HEAD = struct.Struct(">cQ")


def write(pipe: IO[bytes], kind: bytes, payload: bytes = b"") -> None:
    """Raises OSError where the pipe is closed."""
    pipe.write(_HEAD.pack(kind, len(payload)))
    pipe.write(payload)
    pipe.flush()


def read(pipe: IO[bytes]) -> tuple[bytes, bytes] | None:
    """(kind, payload); None where the other side has gone."""
    head = pipe.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    kind, length = _HEAD.unpack(head)
    payload = pipe.read(length)
    return (kind, payload) if len(payload) == length else None


ONE_THREAD = dict.fromkeys(
    (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
        "NUMEXPR_NUM_THREADS",
        "OPENCV_FOR_THREADS_NUM",
    ),
    "1",
)
_item_callbacks: list[Callable[[], None]] = []


@cache
def pin_threads() -> None:
    """Hold numeric libraries to one thread each: as many workers as processors, and each result the same anywhere."""
    os.environ.update(ONE_THREAD)
    import cv2
    from threadpoolctl import threadpool_limits

    cv2.setNumThreads(1)
    threadpool_limits(1)


def item_begins() -> None:
    """Called by a function as it turns to the next item of its chunk: the time of one item counts from here."""
    for callback in _item_callbacks:
        callback()


def main() -> None:
    threading.Thread(target=_end_with, args=(int(sys.argv[1]),), daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is handled by the parent
    # Output of libraries must not mix with the messages.
    inbox, outbox = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as devnull:
        os.dup2(devnull.fileno(), 0)
    os.dup2(2, 1)
    pin_threads()
    _item_callbacks.append(lambda: write(outbox, ITEM))
    function: Callable = _no_function
    while (message := read(inbox)) is not None:
        kind, payload = message
        if kind == FUNCTION:
            function = _unpickled(payload)
            continue
        try:
            answer = RESULT, pickle.dumps(function(pickle.loads(payload)), pickle.HIGHEST_PROTOCOL)
        except Exception as problem:  # the boundary where one chunk fails; the parent is informed
            answer = FAILURE, _pickled(problem)
        write(outbox, *answer)
    os._exit(0)


def _no_function(chunk: object) -> None:
    raise RuntimeError("a chunk came before the function")


def _unpickled(payload: bytes) -> Callable:
    """The function; where it cannot be unpickled here, one that raises the reason for each chunk."""
    try:
        return pickle.loads(payload)
    except Exception as problem:  # unpickling imports, and imports fail in any way

        def refuse(chunk: object, problem: Exception = problem) -> None:
            raise problem

        return refuse


def _pickled(problem: Exception) -> bytes:
    """A pickled exception; one that cannot be pickled is replaced by a RuntimeError with its message."""
    try:
        data = pickle.dumps(problem)
        pickle.loads(data)
    except Exception:  # exceptions may refuse to be pickled or made again in any way
        data = pickle.dumps(RuntimeError(f"{type(problem).__name__}: {problem}"))
    return data


def _end_with(parent: int) -> None:
    """End when the parent dies: a busy child does not notice closed pipes, so it checks once a second."""
    import psutil

    while psutil.pid_exists(parent) and (os.name == "nt" or os.getppid() == parent):
        time.sleep(1)
    os._exit(1)
