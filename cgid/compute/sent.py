"""Carries files to every worker of a Dask cluster once, those that join later included."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from distributed.diagnostics.plugin import WorkerPlugin

from cgid.compute.limits import SENT, SharedFiles
from cgid.files import write_bytes


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
