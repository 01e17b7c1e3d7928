"""Maps chunks over an existing Dask cluster: a bounded number in flight, each in its own process on the worker.

A Dask worker only passes bytes on: the work runs in a child process of it (`cgid.compute.local`) under the same limits
of time and memory as locally. An image that hangs, crashes or takes too much memory therefore never costs a worker, and
the chunks of a worker that dies are given to another by the scheduler. `check_reachable` tests a scheduler before work
is planned for it; `UploadFiles` sends files once to every worker, later ones included.
"""

from __future__ import annotations

import os
import pickle
import platform
import socket
import threading
import warnings
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

from distributed.diagnostics.plugin import WorkerPlugin

from cgid import __version__
from cgid.compute.limits import DASK, SHARED_FILES_VARIABLE, Limits, SharedFiles, WorkerLost
from cgid.compute.local import Answer, WorkerProcess, outcome
from cgid.errors import InputError
from cgid.files import write_bytes

SOCKET_SECONDS = 2


def check_reachable(executor: str) -> None:
    """executor: `dask://HOST:PORT`. Raises InputError where nothing listens there."""
    address = executor.removeprefix(DASK)
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=SOCKET_SECONDS).close()
    except OSError as problem:
        raise InputError(unreachable_message(address)) from problem


def unreachable_message(address: str) -> str:
    return f"No Dask scheduler answers at {address}; start one with `dask scheduler`, or run on this machine."


CONNECT_SECONDS = 5
PER_THREAD = 2  # chunks in flight per thread of the cluster, so that none waits for this process


def run_cluster(
    function: Callable[[Any], Any], chunks: Iterable[Any], executor: str, limits: Limits, files: SharedFiles | None
) -> Generator[tuple[int, Any], None, None]:
    """See `map_chunks`."""
    from distributed import CancelledError, as_completed
    from distributed.comm import CommClosedError
    from distributed.scheduler import KilledWorker

    work = pickle.dumps(function, pickle.HIGHEST_PROTOCOL)
    client = connect(executor)
    try:
        if files is not None:
            _send(client, files)
        pending = enumerate(chunks)
        in_flight = PER_THREAD * max(1, sum(client.nthreads().values()))
        index_of: dict[str, int] = {}

        def send(count: int) -> list:
            items = list(islice(pending, count))
            packed = [pickle.dumps(chunk, pickle.HIGHEST_PROTOCOL) for _, chunk in items]
            with warnings.catch_warnings():
                # The bytes stay with the scheduler on purpose: it sends them to another worker when one dies.
                warnings.filterwarnings("ignore", message="Sending large graph")
                futures = client.map(in_own_process, packed, function=work, limits=limits, pure=False)
            index_of.update({f.key: index for f, (index, _) in zip(futures, items)})
            return futures

        completed = as_completed(send(in_flight), loop=client.loop)
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
            f"The Dask scheduler at {executor.removeprefix(DASK)} disconnected; run this again when it is back: "
            "what was stored is not done twice."
        ) from gone
    finally:
        client.close()


@dataclass(frozen=True, slots=True)
class Survey:
    """threads: of all workers. seen: whether every worker has access to all requested files."""

    threads: int
    seen: bool


def survey(executor: str, files: Mapping[str, int]) -> Survey:
    """files: {path: bytes}. Raises InputError: no scheduler, no workers, or workers that lack this cgid."""
    client = connect(executor)
    try:
        local = versions()
        for worker, remote in client.run(versions, on_error="return").items():
            if remote != local:
                raise InputError(_mismatch_message(worker, local, remote))
        return Survey(sum(client.nthreads().values()), all(client.run(has_files, dict(files)).values()))
    finally:
        client.close()


def connect(executor: str) -> Any:
    """A `distributed.Client` of a cluster that has workers; encrypted where Dask's own settings name certificates.

    Raises InputError where it cannot be reached or has none."""
    import dask
    from distributed import Client

    address = executor.removeprefix(DASK)
    scheme = "tls" if dask.config.get("distributed.comm.tls.ca-file", None) else "tcp"
    try:
        client = Client(f"{scheme}://{address}", timeout=CONNECT_SECONDS, set_as_default=False)
    except Exception as failure:  # the service there may be anything, and Dask raises errors of any type
        raise InputError(unreachable_message(address)) from failure
    try:
        client.wait_for_workers(1, timeout=CONNECT_SECONDS)
    except TimeoutError as failure:
        client.close()
        raise InputError(
            f"The Dask cluster at {address} has no workers; start some with `dask worker tcp://{address}`."
        ) from failure
    return client


def versions() -> dict[str, str]:
    """Versions that results may depend on. Runs on every worker."""
    return {
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "cgid": __version__,
        **{
            name: version(name) for name in ("numpy", "pillow", "opencv-python-headless", "onnxruntime", "scikit-learn")
        },
    }


def has_files(files: Mapping[str, int]) -> bool:
    """Whether every file {path: bytes} exists with this size. Runs on every worker."""
    try:
        return all(os.path.getsize(path) == size for path, size in files.items())
    except OSError:
        return False


def _mismatch_message(worker: str, local: Mapping[str, str], remote: object) -> str:
    if not isinstance(remote, Mapping):
        return f"The worker {worker} cannot run cgid ({remote}); install the same version of it there."
    name = next(n for n in local if local[n] != remote.get(n))
    return (
        f"The worker {worker} has {name} {remote.get(name, 'missing')} where this machine has {local[name]}; "
        "values would not be the same. Install cgid with its pinned requirements there."
    )


def _send(client: Any, files: SharedFiles) -> None:

    client.register_plugin(UploadFiles(files), name=f"cgid-{files.name}")


_of_thread = threading.local()


def in_own_process(chunk: bytes, function: bytes, limits: Limits) -> Answer:
    """Runs on a Dask worker: each of its threads has one process, reused for further chunks."""
    process: WorkerProcess | None = getattr(_of_thread, "process", None)
    if process is None or not process.serves(function, limits):
        if process is not None:
            process.close()
        process = _of_thread.process = WorkerProcess(function, limits)
    return process.call(chunk)


class UploadFiles(WorkerPlugin):
    """Writes the files into the worker's own temporary folder, which is removed with it."""

    def __init__(self, files: SharedFiles) -> None:
        self.set, self.files = files.name, {path.name: path.read_bytes() for path in files.paths}

    def setup(self, worker: Any) -> None:
        folder = Path(worker.local_directory) / "cgid-files"
        for name, data in self.files.items():
            write_bytes(folder / self.set / name, data)
        os.environ[SHARED_FILES_VARIABLE] = str(folder)  # inherited by the processes that do the work
        self.files = {}
