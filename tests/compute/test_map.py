"""Chunks over processes: streaming, a crash that costs one chunk, and no orphan after the caller is killed."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time

import psutil
import pytest

from cgid.compute.limits import WorkerLost
from cgid.compute.map import map_chunks
from cgid.errors import InputError


def total(chunk):
    if "die" in chunk:
        os._exit(3)
    if "fail" in chunk:
        raise ValueError("this chunk is bad")
    return sum(chunk), os.environ.get("OMP_NUM_THREADS")


def wait_then_name(chunk):
    time.sleep(chunk[0])
    return os.getpid()


@pytest.mark.parametrize("workers", [1, 2])
def test_every_chunk_comes_back_with_its_index_and_one_thread(workers):
    assert dict(map_chunks(total, [[i, 1] for i in range(5)], workers=workers)) == {i: (i + 1, "1") for i in range(5)}


def test_a_dead_worker_costs_only_its_chunk():
    outcomes = dict(map_chunks(total, [[1], ["die"], ["fail"], [2], [3]], workers=2))
    assert isinstance(outcomes[1], WorkerLost)
    assert isinstance(outcomes[2], ValueError) and "bad" in str(outcomes[2])
    assert [outcomes[i][0] for i in (0, 3, 4)] == [1, 2, 3]


def test_results_stream_and_chunks_are_read_as_workers_become_free():
    handed = []

    def chunks():
        for i in range(50):
            handed.append(i)
            yield [0.01]

    results = map_chunks(wait_then_name, chunks(), workers=1)
    next(results)
    assert len(handed) <= 3
    results.close()


def test_closing_the_iterator_ends_the_workers():
    results = map_chunks(wait_then_name, [[0], [60]], workers=1)
    _, pid = next(results)
    results.close()
    assert gone_within(pid, 5)


def test_killing_the_caller_leaves_no_worker():
    script = (
        "from tests.compute.test_map import *\n"
        "for _, pid in map_chunks(wait_then_name, [[0], [120]], workers=1): print(pid, flush=True)"
    )
    caller = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    pid = int(caller.stdout.readline())
    assert psutil.pid_exists(pid)
    caller.send_signal(signal.SIGKILL)
    caller.wait()
    assert gone_within(pid, 5)


def test_an_unknown_executor_and_a_silent_scheduler_are_one_clear_line(monkeypatch):
    with pytest.raises(InputError, match="not known"):
        map_chunks(total, [[1]], executor="ray")
    monkeypatch.setattr("cgid.compute.cluster.CONNECT_SECONDS", 1)
    with pytest.raises(InputError, match=r"No Dask scheduler answers at 127\.0\.0\.1:1"):
        list(map_chunks(total, [[1]], executor="dask://127.0.0.1:1"))


def test_a_server_that_is_no_scheduler_is_one_clear_line(monkeypatch):
    monkeypatch.setattr("cgid.compute.cluster.CONNECT_SECONDS", 3)

    def talk() -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
            connection.recv(1 << 16)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=talk, daemon=True).start()
        port = server.getsockname()[1]
        with pytest.raises(InputError, match=rf"No Dask scheduler answers at 127\.0\.0\.1:{port}"):
            list(map_chunks(total, [[1]], executor=f"dask://127.0.0.1:{port}"))


def test_a_dask_cluster_gives_the_same_as_local_processes():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None, protocol="tcp"
    ) as cluster:
        address = cluster.scheduler_address.removeprefix("tcp://")
        outcomes = dict(map_chunks(total, [[1, 2], ["fail"], [3]], executor=f"dask://{address}"))
    assert outcomes[0][0] == 3 and outcomes[2][0] == 3 and isinstance(outcomes[1], ValueError)


def gone_within(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False
