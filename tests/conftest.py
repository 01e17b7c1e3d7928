"""Shared by all tests: a home of their own, the real images where they are, and one small finished demo."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("CGID_SHARED_DATA") or REPOSITORY.parent / "shared" / "data")


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    """No test reads or writes the repository's data/ and artifacts/."""
    monkeypatch.setenv("CGID_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CGID_DATABASE_URL", raising=False)
    return tmp_path / "home"


def pytest_collection_modifyitems(items):
    if SHARED.is_dir():
        return
    for item in items:
        if "real" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="CGID_SHARED_DATA is not here"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    return SHARED


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory) -> Path:
    """A home in which the whole demo chain has run at a small size, step by step, as the jobs would."""
    from cgid.jobs.registry import kind_named
    from cgid.report import silent
    from cgid.studies.demo import chain

    home = tmp_path_factory.mktemp("demo") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CGID_HOME", str(home))
        for step in chain(count=160):
            kind_named(step.kind).function()(step.params, silent)
    return home
