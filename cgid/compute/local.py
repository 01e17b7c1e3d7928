"""Maps chunks over worker processes of this machine, with limits of time and memory per item.

One thread per process hands out the chunks, so that a worker never waits for the consumer. `WorkerProcess` is a worker
as seen by its owner: chunk in, result out. The owner watches from outside, so that code which never releases the
interpreter's lock is stopped too. However the process ends, only its current chunk is lost; the next one gets a new
process.
"""

from __future__ import annotations

import contextlib
import math
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable
from typing import Any

from cgid.compute import worker
from cgid.compute.limits import Limits, WorkerLost
from cgid.compute.worker import ONE_THREAD

CHECK_INTERVAL = 0.1  # seconds between checks of time and memory
START_SECONDS = 60.0  # extra for the first item of a new process, which loads its libraries
IDLE_SECONDS = 60.0  # an idle process is ended after this time, to free its memory

Answer = tuple[bytes, bytes] | WorkerLost


class WorkerProcess:
    """Calls come from one thread. limits: for what it runs. function: pickled, of one chunk."""

    def __init__(self, function: bytes, limits: Limits) -> None:
        self._function, self._limits = function, limits
        self._lock = threading.Lock()
        self._child: subprocess.Popen | None = None
        self._ended = ""  # why the watcher ended the child
        self._busy = self._loaded = self._closed = False
        self._since = time.monotonic()  # when the item in hand, or the idleness, began

    def serves(self, function: bytes, limits: Limits) -> bool:
        return (function, limits) == (self._function, self._limits)

    def start(self) -> None:
        """Start the process now, so that it loads what it needs while its first chunk is being made."""
        self._ended, self._loaded, self._since = "", False, time.monotonic()
        start = "from cgid.compute.worker import main; main()"
        # -P: what lies in the current folder is not imported by accident; the path is the owner's.
        path = os.pathsep.join(p or os.getcwd() for p in sys.path)
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-c", start, str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **ONE_THREAD, "PYTHONPATH": path},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        threading.Thread(target=self._watch, args=(self._child,), daemon=True).start()
        with contextlib.suppress(OSError):  # it died at once: the first chunk reports it
            assert self._child.stdin is not None
            worker.write(self._child.stdin, worker.FUNCTION, self._function)

    def call(self, chunk: bytes) -> Answer:
        """(frames.RESULT or FAILURE, pickled), or WorkerLost. chunk: pickled."""
        with self._lock:
            if self._closed:
                return WorkerLost("closed", "the worker process was closed")
            if self._child is None or self._ended or self._child.poll() is not None:
                self._drop()
                self.start()
            child = self._child
            assert child is not None and child.stdin is not None and child.stdout is not None
            self._busy, self._since = True, time.monotonic() + (0 if self._loaded else START_SECONDS)
        answer: Answer | None = None
        with contextlib.suppress(OSError):
            worker.write(child.stdin, worker.CHUNK, chunk)
            while (frame := worker.read(child.stdout)) is not None and frame[0] == worker.ITEM:
                self._loaded, self._since = True, time.monotonic()
            answer = frame
        with self._lock:
            self._busy, self._since = False, time.monotonic()
            if answer is None:
                child.kill()  # it may have closed its pipe only
                answer = self._lost(child.wait())
            if self._closed:
                self._drop()
        return answer

    def close(self) -> None:
        """Also from another thread, in the middle of a call: that one ends with WorkerLost."""
        with self._lock:
            self._closed = True
            if self._child is not None:
                self._child.kill()
                self._child.wait()
            if not self._busy:
                self._drop()

    def _lost(self, code: int) -> WorkerLost:
        ended, limits = self._ended, self._limits
        self._drop()
        if ended == "time":
            return WorkerLost("time", f"took longer than {limits.seconds:g} s")
        if ended == "memory":
            return WorkerLost("memory", f"needed more than {limits.megabytes:g} MB of memory")
        return WorkerLost("died", f"the worker process died ({_name_of(code)})")

    def _drop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()
            for pipe in filter(None, (child.stdin, child.stdout)):
                with contextlib.suppress(OSError):  # closing flushes what a dead process will never read
                    pipe.close()

    def _watch(self, child: subprocess.Popen) -> None:
        import psutil

        seconds, max_bytes = self._limits.seconds, self._limits.megabytes * 1_000_000
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(child.pid)
            while child.poll() is None:
                time.sleep(CHECK_INTERVAL)
                resident = process.memory_info().rss if max_bytes < math.inf else 0
                with self._lock:
                    lasted = time.monotonic() - self._since
                    cause = "idle" if not self._busy and lasted > IDLE_SECONDS else ""
                    if self._busy:
                        cause = "time" if lasted > seconds else "memory" if resident > max_bytes else ""
                    if cause:
                        self._ended = self._ended or cause
                        child.kill()
                        return


def outcome(answer: Answer) -> Any:
    """What `map_chunks` yields for a chunk: its result, or the exception."""
    if isinstance(answer, WorkerLost):
        return answer
    kind, payload = answer
    value = pickle.loads(payload)
    return value if kind == worker.RESULT or isinstance(value, Exception) else RuntimeError(str(value))


def _name_of(code: int) -> str:
    """`SIGKILL`, or `exit code 3`."""
    if code < 0:
        with contextlib.suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit code {code}"


QUEUE_FACTOR = 4  # finished chunks per worker that the consumer may lag behind


def run_local(
    function: Callable[[Any], Any], chunks: Iterable[Any], workers: int, limits: Limits
) -> Generator[tuple[int, Any], None, None]:
    """See `map_chunks`."""
    work = pickle.dumps(function, pickle.HIGHEST_PROTOCOL)
    processes = [WorkerProcess(work, limits) for _ in range(max(1, workers))]
    pending, chunk_lock = enumerate(chunks), threading.Lock()
    finished: queue.Queue = queue.Queue(QUEUE_FACTOR * len(processes))
    stop = threading.Event()

    def hand_out(process: WorkerProcess) -> None:
        """Chunk after chunk to one process; at the end None, or what the iterator of chunks raised."""
        end = None
        try:
            while not stop.is_set():
                with chunk_lock:
                    item = next(pending, None)
                if item is None:
                    break
                answer = process.call(pickle.dumps(item[1], pickle.HIGHEST_PROTOCOL))
                finished.put((item[0], answer))
        except BaseException as problem:  # raised in the consumer's thread
            end = problem
        finally:
            process.close()
            finished.put(end)

    threads = [threading.Thread(target=hand_out, args=(p,), daemon=True) for p in processes]
    try:
        for thread in threads:
            thread.start()
        running = len(threads)
        while running:
            item_ = finished.get()
            if isinstance(item_, tuple):
                yield item_[0], outcome(item_[1])
                continue
            running -= 1
            if item_ is not None:
                raise item_
    finally:
        stop.set()
        for process in processes:
            process.close()
        while any(t.is_alive() for t in threads):  # no thread may stay blocked on a full queue
            with contextlib.suppress(queue.Empty):
                finished.get(timeout=0.05)
