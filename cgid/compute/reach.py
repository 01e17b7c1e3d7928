"""Does a scheduler answer? Asked before an hour of work is planned for it."""

from __future__ import annotations

import socket

from cgid.compute.limits import DASK
from cgid.errors import InputError

SECONDS = 2


def must_answer(executor: str) -> None:
    """executor: `dask://HOST:PORT`. Raises InputError where nothing listens there."""
    place = executor.removeprefix(DASK)
    host, _, port = place.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=SECONDS).close()
    except OSError as problem:
        raise InputError(nobody_answers(place)) from problem


def nobody_answers(place: str) -> str:
    return f"No Dask scheduler answers at {place}; start one with `dask scheduler`, or measure on this machine."
