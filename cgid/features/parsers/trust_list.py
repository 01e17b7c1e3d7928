"""Whose signatures on content credentials count as trusted: root certificates in a PEM file that the operator names.

`CGID_TRUST_LIST=/path/anchors.pem`, such as the list that the C2PA publishes for conforming products. Without it no
signer reads as trusted. Machines that share work need the same list.
"""

from __future__ import annotations

import hashlib
import ssl
from functools import lru_cache
from pathlib import Path

from cgid.errors import InputError
from cgid.settings import settings

MOST_BYTES = 16 * 1024 * 1024


def trust_anchors() -> str:
    """The certificates as PEM text; empty where no list is configured. Raises InputError: unreadable, no certificates."""
    path = settings().trust_list
    if path is None:
        return ""
    try:
        stamp = path.stat()
    except OSError as problem:
        raise InputError(f"The trust list {path} (CGID_TRUST_LIST) cannot be read: {problem.strerror}.") from problem
    return _checked(path, stamp.st_mtime_ns, stamp.st_size)


def trust_list_digest() -> str:
    """What the values depend on beside the file measured: sha256 of the list, empty without one."""
    anchors = trust_anchors()
    return hashlib.sha256(anchors.encode()).hexdigest() if anchors else ""


@lru_cache(maxsize=4)
def _checked(path: Path, changed: int, size: int) -> str:
    try:
        if size > MOST_BYTES:
            raise ValueError("too long")
        text = path.read_bytes().decode("ascii", "replace")
        if "BEGIN CERTIFICATE" not in text:
            raise ValueError("no certificate")
        ssl.create_default_context(cadata=text)
    except (OSError, ValueError, ssl.SSLError) as problem:
        raise InputError(
            f"The trust list {path} (CGID_TRUST_LIST) is no PEM file of certificates that can be read."
        ) from problem
    return text
