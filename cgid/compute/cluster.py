"""Chunks over a Dask cluster that somebody else runs: a bounded number in flight, each in a process of its own there.

A Dask worker only hands bytes through: what runs, runs in a child of it (`cgid.compute.local`), held to the same time
and memory as on this machine. So an image that hangs, crashes or swells never costs a worker; a worker that is killed
costs nothing, the scheduler gives its chunks to another.

Does a scheduler answer? Asked before an hour of work is planned for it.

Carries files to every worker of a Dask cluster once, those that join later included.
"""

from __future__ import annotations

import os
import pickle
import platform
import socket
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

from distributed.diagnostics.plugin import WorkerPlugin

from cgid import __version__
from cgid.compute.limits import DASK, SENT, Limits, SharedFiles, WorkerLost
from cgid.compute.local import Answer, WorkerProcess, outcome
from cgid.errors import InputError
from cgid.files import write_bytes

SECONDS = 2


def must_answer(executor: str) -> None:
    """executor: `dask://HOST:PORT`. Raises InputError where nothing listens there."""
    place = executor.removeprefix(DASK)
    host, _, port = place.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=SECONDS).close()
    except OSError as problem:
        raise InputError(nobody_answers(place)) from problem


def nobody_answers(place: str) -> str:
    return f"No Dask scheduler answers at {place}; start one with `dask scheduler`, or measure on this machine."


REACH_SECONDS = 5
PER_THREAD = 2  # chunks in flight for each thread of the cluster: enough that none waits for this process


def run_cluster(
    function: Callable[[Any], Any], chunks: Iterable[Any], executor: str, limits: Limits, files: SharedFiles | None
) -> Iterator[tuple[int, Any]]:
    """See `map_chunks`."""
    from distributed import CancelledError, as_completed
    from distributed.comm import CommClosedError
    from distributed.scheduler import KilledWorker

    work = pickle.dumps(function, pickle.HIGHEST_PROTOCOL)
    client = connect(executor)
    try:
        if files is not None:
            _send(client, files)
        waiting = enumerate(chunks)
        ahead = PER_THREAD * max(1, sum(client.nthreads().values()))
        index_of: dict[str, int] = {}

        def send(count: int) -> list:
            items = list(islice(waiting, count))
            packed = [pickle.dumps(chunk, pickle.HIGHEST_PROTOCOL) for _, chunk in items]
            with warnings.catch_warnings():
                # Bytes that are sent lie with the scheduler on purpose: it gives them to another when a worker dies.
                warnings.filterwarnings("ignore", message="Sending large graph")
                futures = client.map(in_own_process, packed, function=work, limits=limits, pure=False)
            index_of.update({f.key: index for f, (index, _) in zip(futures, items)})
            return futures

        completed = as_completed(send(ahead), loop=client.loop)
        for future in completed:
            index = index_of.pop(future.key)
            try:
                answer = future.result()
            except KilledWorker:
                answer = WorkerLost()
            future.release()
            completed.update(send(1))
            yield index, outcome(answer)
    except (CancelledError, CommClosedError) as gone:
        raise InputError(
            f"The Dask scheduler at {executor.removeprefix(DASK)} went away; run this again when it is back: "
            "what was stored is not done twice."
        ) from gone
    finally:
        client.close()


@dataclass(frozen=True, slots=True)
class Survey:
    """threads: of all workers. seen: does every worker see all the files that were asked about?"""

    threads: int
    seen: bool


def survey(executor: str, files: Mapping[str, int]) -> Survey:
    """files: {path: bytes}. Raises InputError: no scheduler, no workers, or workers that lack this cgid."""
    client = connect(executor)
    try:
        here = versions()
        for worker, there in client.run(versions, on_error="return").items():
            if there != here:
                raise InputError(_unfit(worker, here, there))
        return Survey(sum(client.nthreads().values()), all(client.run(sees, dict(files)).values()))
    finally:
        client.close()


def connect(executor: str) -> Any:
    """A `distributed.Client` of a cluster that has workers; encrypted where Dask's own settings name certificates.

    Raises InputError where it cannot be reached or has none."""
    import dask
    from distributed import Client

    place = executor.removeprefix(DASK)
    scheme = "tls" if dask.config.get("distributed.comm.tls.ca-file", None) else "tcp"
    try:
        client = Client(f"{scheme}://{place}", timeout=REACH_SECONDS, set_as_default=False)
    except Exception as failure:  # what listens there may be anything, and Dask trips over it in any way
        raise InputError(nobody_answers(place)) from failure
    try:
        client.wait_for_workers(1, timeout=REACH_SECONDS)
    except TimeoutError as failure:
        client.close()
        raise InputError(
            f"The Dask cluster at {place} has no workers; start some with `dask worker tcp://{place}`."
        ) from failure
    return client


def versions() -> dict[str, str]:
    """What values may depend on. Runs on every worker."""
    return {
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "cgid": __version__,
        **{
            name: version(name) for name in ("numpy", "pillow", "opencv-python-headless", "onnxruntime", "scikit-learn")
        },
    }


def sees(files: Mapping[str, int]) -> bool:
    """Is every file {path: bytes} there, with as many bytes? Runs on every worker."""
    try:
        return all(os.path.getsize(path) == size for path, size in files.items())
    except OSError:
        return False


def _unfit(worker: str, here: Mapping[str, str], there: object) -> str:
    if not isinstance(there, Mapping):
        return f"The worker {worker} cannot run cgid ({there}); install the same version of it there."
    name = next(n for n in here if here[n] != there.get(n))
    return (
        f"The worker {worker} has {name} {there.get(name, 'missing')} where this machine has {here[name]}; "
        "values would not be the same. Install cgid with its pinned requirements there."
    )


def _send(client: Any, files: SharedFiles) -> None:
    pass

    client.register_plugin(SentFiles(files), name=f"cgid-{files.name}")


_of_thread = threading.local()


def in_own_process(chunk: bytes, function: bytes, limits: Limits) -> Answer:
    """Runs on a Dask worker: each of its threads has one process, kept for the chunks that follow."""
    process: WorkerProcess | None = getattr(_of_thread, "process", None)
    if process is None or not process.serves(function, limits):
        if process is not None:
            process.close()
        process = _of_thread.process = WorkerProcess(function, limits)
    return process.call(chunk)


class SentFiles(WorkerPlugin):
    """They lie in the worker's own temporary folder, which goes with it."""

    def __init__(self, files: SharedFiles) -> None:
        self.set, self.files = files.name, {path.name: path.read_bytes() for path in files.paths}

    def setup(self, worker: Any) -> None:
        folder = Path(worker.local_directory) / "cgid-files"
        for name, data in self.files.items():
            write_bytes(folder / self.set / name, data)
        os.environ[SENT] = str(folder)  # the processes that measure inherit it
        self.files = {}
