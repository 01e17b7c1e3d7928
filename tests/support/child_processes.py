"""Processes that a test has started and that still run."""

from __future__ import annotations

import os

import psutil


def living(words: str, pid: int | None = None) -> list[psutil.Process]:
    """Children of `pid` (default: this process) whose command line holds `words`; ended ones are left out."""
    found = []
    for child in psutil.Process(pid or os.getpid()).children():
        try:
            if words in " ".join(child.cmdline()) and child.status() != psutil.STATUS_ZOMBIE:
                found.append(child)
        except (psutil.ZombieProcess, psutil.NoSuchProcess):
            continue
    return found
