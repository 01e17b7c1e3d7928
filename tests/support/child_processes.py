"""Child processes of a test that are still running."""

from __future__ import annotations

import os

import psutil


def living(command: str, pid: int | None = None) -> list[psutil.Process]:
    """Children of `pid` (default: this process) whose command line holds `command`; ended ones are left out."""
    processes = []
    for child in psutil.Process(pid or os.getpid()).children():
        try:
            if command in " ".join(child.cmdline()) and child.status() != psutil.STATUS_ZOMBIE:
                processes.append(child)
        except (psutil.ZombieProcess, psutil.NoSuchProcess):
            continue
    return processes
