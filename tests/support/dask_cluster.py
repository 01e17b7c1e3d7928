"""A Dask cluster for tests: scheduler and workers on 127.0.0.1, started by their commands and stopped afterwards."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]


class Cluster:
    """folder: where it runs and writes cluster.log. Workers have one thread each."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder, self.processes = folder, []
        folder.mkdir(exist_ok=True)
        self._start("dask_scheduler", "--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard")

    @property
    def executor(self) -> str:
        return f"dask://127.0.0.1:{self.port}"

    def worker(self, *options: str, threads: int = 1) -> subprocess.Popen:
        home = self.folder / f"worker{len(self.processes)}"
        home.mkdir()
        options = (
            "--nthreads",
            str(threads),
            "--no-dashboard",
            "--host",
            "127.0.0.1",
            "--local-directory",
            str(home),
            *options,
        )
        return self._start("dask_worker", f"tcp://127.0.0.1:{self.port}", *options)

    def _start(self, module: str, *options: str) -> subprocess.Popen:
        command = [sys.executable, "-m", f"distributed.cli.{module}", *options]
        search = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
        environment = {**os.environ, "PYTHONPATH": search, "CGID_HOME": str(self.folder / "nothing here")}
        with open(self.folder / "cluster.log", "a") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, env=environment)
        self.processes.append(process)
        return process

    def wait_for_workers(self, count: int) -> None:
        from distributed import Client

        with Client(f"tcp://127.0.0.1:{self.port}", timeout=30, set_as_default=False) as client:
            client.wait_for_workers(count, timeout=30)

    def stop(self) -> None:
        for process in self.processes:
            kill_tree(process.pid)
            process.wait()


def kill_tree(pid: int) -> None:
    """SIGKILL to a process and all it started."""
    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for process in family:
        process.send_signal(signal.SIGKILL)
