"""Fixtures of all tests: a data folder per test, the folder of real images, and one small finished demo."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
PLUGIN = Path(__file__).parent / "support" / "plugin"
LANES = {"ui": "pages", "browser": "browser"}  # folder -> marker
sys.path.insert(0, str(PLUGIN))
SHARED = Path(os.environ.get("CGID_SHARED_DATA") or REPOSITORY.parent / "shared" / "data")


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    """No test reads or writes the repository's data/ and artifacts/."""
    monkeypatch.setenv("CGID_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CGID_DATABASE_URL", raising=False)
    return tmp_path / "home"


def pytest_collection_modifyitems(items):
    """Lanes: `pages` and `browser` by folder, `fast` for what is in no other lane (`pytest -m fast`)."""
    for item in items:
        folder = item.path.relative_to(REPOSITORY / "tests").parts[0]
        if lane := LANES.get(folder):
            item.add_marker(lane)
        if not any(name in item.keywords for name in ("pages", "browser", "real", "slow")):
            item.add_marker("fast")
        if "real" in item.keywords and not SHARED.is_dir():
            item.add_marker(pytest.mark.skip(reason="CGID_SHARED_DATA is not here"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    return SHARED


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory) -> Path:
    """A home in which the whole demo chain has run at a small size, step by step, as the jobs would."""
    from cgid.jobs.kind import kind_named
    from cgid.pipelines.demo import chain
    from cgid.progress import silent

    home = tmp_path_factory.mktemp("demo") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CGID_HOME", str(home))
        for step in chain(count=160):
            kind_named(step.kind).function()(step.params, silent)
    return home


@pytest.fixture(scope="session")
def tiny(tmp_path_factory) -> dict[str, Path]:
    """{"train", "val", "test", "other"}: manifests of 32, 24, 24 and 16 images."""
    from cgid.data.manifest import write_manifest
    from tiny_images import make_images

    folder = tmp_path_factory.mktemp("tiny")
    manifests = {}
    for seed, (name, count) in enumerate({"train": 32, "val": 24, "test": 24, "other": 16}.items()):
        manifests[name] = folder / f"{name}.csv"
        write_manifest(make_images(folder / name, count, seed), manifests[name])
    return manifests


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home with kinds of job that misbehave, and nothing left running after the test."""
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
    monkeypatch.setattr("cgid.jobs.submit.ensure_supervisor", lambda: None)
    monkeypatch.setattr("cgid.jobs.store._wake", lambda: None)
    return home
