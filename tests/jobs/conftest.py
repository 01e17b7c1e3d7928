"""A home of its own for each test, with kinds of job that misbehave, and nothing left running after it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PLUGIN = Path(__file__).parent / "plugin"
sys.path.insert(0, str(PLUGIN))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    from jobs_plugin.watch import processes_of

    monkeypatch.setenv("CGID_HOME", str(tmp_path))
    monkeypatch.delenv("CGID_DATABASE_URL", raising=False)
    monkeypatch.setenv("CGID_WORKER_IDLE", "1.5")
    monkeypatch.setenv("CGID_JOB_KINDS", "jobs_plugin.kinds")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(PLUGIN), os.environ.get("PYTHONPATH", "")]))
    yield tmp_path
    for process in processes_of(tmp_path):
        process.kill()


@pytest.fixture
def no_worker(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Rows only: nothing is started."""
    monkeypatch.setattr("cgid.jobs.submit.ensure_worker", lambda: None)
    monkeypatch.setattr("cgid.jobs.store._wake", lambda: None)
    return home
