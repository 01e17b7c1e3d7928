"""The static checks: ruff's rules and format on every file, mypy on the package, each as a developer runs it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from source_tree import ROOT


def run(*command: str) -> None:
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_ruff_finds_nothing():
    run("ruff", "check", "--no-cache", ".")


def test_every_file_is_formatted():
    run("ruff", "format", "--no-cache", "--check", ".")


@pytest.mark.slow
def test_mypy_finds_nothing():
    """Incremental: the cache is the developer's own, `.mypy_cache`, which git ignores."""
    run("mypy", "cgid")
