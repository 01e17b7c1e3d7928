"""Messages between a process and the workers it started: one byte that says what it is, a length, the bytes."""

from __future__ import annotations

import struct
from typing import BinaryIO

FUNCTION, CHUNK = b"f", b"c"  # to the worker: what to do, and with what
ITEM, RESULT, FAILURE = b"i", b"r", b"x"  # from it: another item begins; the chunk's result; what the function raised
_HEAD = struct.Struct(">cQ")


def write(pipe: BinaryIO, kind: bytes, payload: bytes = b"") -> None:
    """Raises OSError where nobody reads any more."""
    pipe.write(_HEAD.pack(kind, len(payload)))
    pipe.write(payload)
    pipe.flush()


def read(pipe: BinaryIO) -> tuple[bytes, bytes] | None:
    """(kind, payload); None where the other side has gone."""
    head = pipe.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    kind, length = _HEAD.unpack(head)
    payload = pipe.read(length)
    return (kind, payload) if len(payload) == length else None
