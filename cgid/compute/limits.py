"""Shared definitions of parallel work: limits of an item, a lost worker, shared files, names of executors."""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass
from pathlib import Path

from cgid.errors import InputError

LOCAL, DASK = "local", "dask://"
_ADDRESS = re.compile(r"dask://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.%]+\]):([0-9]{1,5})")


class WorkerLost(RuntimeError):
    """The process that worked on a chunk ended; the others continue.

    cause: `time`, `memory` (a limit ended it), `died` (crashed, killed) or `closed`. message: the same as text, to
    follow a name: `took longer than 60 s`.
    """

    def __init__(self, cause: str = "died", message: str = "the worker process died") -> None:
        super().__init__(cause, message)
        self.cause, self.message = cause, message

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one item of a chunk; exceeding one ends the process.

    seconds: from one `worker.item_begins()` to the next, or the end of the chunk. megabytes: of 10^6 bytes, resident.
    """

    seconds: float = math.inf
    megabytes: float = math.inf


@dataclass(frozen=True, slots=True)
class SharedFiles:
    """Files sent once to each worker of a cluster. name: of the set; a new one where any content is new.

    A worker finds them, under their own names, in the folder `shared_folder(name)`.
    """

    name: str
    paths: tuple[Path, ...]


SHARED_FILES_VARIABLE = (
    "CGID_SENT_FILES"  # in a worker's environment: the folder that holds one folder for each `SharedFiles`
)


def shared_folder(name: str) -> Path | None:
    """In a worker: the folder of the files that were sent under this name, None where there are none."""
    folder = Path(os.environ[SHARED_FILES_VARIABLE]) / name if SHARED_FILES_VARIABLE in os.environ else None
    return folder if folder is not None and folder.is_dir() else None


def is_local(executor: str) -> bool:
    """Raises InputError where it is neither `local` nor `dask://HOST:PORT`."""
    if executor != LOCAL and not _is_address(executor):
        raise InputError(f"Executor `{executor}` is not known; use `local` or `dask://HOST:PORT`.")
    return executor == LOCAL


def executor_at(address: str) -> str:
    """`dask://HOST:PORT` of an address entered with `tcp://`, with `dask://` or without. Raises InputError."""
    bare = address.strip().removeprefix("tcp://").removeprefix(DASK).rstrip("/")
    if not _is_address(DASK + bare):
        raise InputError(f"`{address}` is not the address of a Dask scheduler; write HOST:PORT, such as 10.0.0.5:8786.")
    return DASK + bare


def _is_address(executor: str) -> bool:
    match = _ADDRESS.fullmatch(executor)
    return match is not None and 0 < int(match[2]) < 65536
