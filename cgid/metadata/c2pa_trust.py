"""C2PA trust: root certificates from the operator's trust list, and classification of validation failure codes.

`CGID_TRUST_LIST=/path/anchors.pem`, such as the list that the C2PA publishes for conforming products. Without it no
signer is trusted. Machines that share work need the same list. A failure code concerns the signature, the image data,
an assertion, an ingredient, or only trust.

Source: C2PA Technical Specification, chapter "Validation", table of failure codes.
"""

from __future__ import annotations

import hashlib
import re
import ssl
from functools import lru_cache
from pathlib import Path

from cgid.errors import InputError
from cgid.settings import settings

MAX_TRUST_LIST_BYTES = 16 * 1024 * 1024


def trust_anchors() -> str:
    """The certificates as PEM text; empty if no list is configured. Raises InputError: unreadable, no certificates."""
    path = settings().trust_list
    if path is None:
        return ""
    try:
        stamp = path.stat()
    except OSError as problem:
        raise InputError(f"The trust list {path} (CGID_TRUST_LIST) cannot be read: {problem.strerror}.") from problem
    return _load_anchors(path, stamp.st_mtime_ns, stamp.st_size)


def trust_list_digest() -> str:
    """SHA-256 of the trust list, on which feature values depend; empty without a list."""
    anchors = trust_anchors()
    return hashlib.sha256(anchors.encode()).hexdigest() if anchors else ""


@lru_cache(maxsize=4)
def _load_anchors(path: Path, changed: int, size: int) -> str:
    try:
        if size > MAX_TRUST_LIST_BYTES:
            raise ValueError("too long")
        text = path.read_bytes().decode("ascii", "replace")
        if "BEGIN CERTIFICATE" not in text:
            raise ValueError("no certificate")
        ssl.create_default_context(cadata=text)
    except (OSError, ValueError, ssl.SSLError) as problem:
        raise InputError(
            f"The trust list {path} (CGID_TRUST_LIST) is not a readable PEM file of certificates."
        ) from problem
    return text


# First match wins. Codes that match none (certificates, time stamps, wording of actions) do not concern integrity.
_KINDS = (
    ("ingredient", r"ingredient\."),
    (
        "data_hash",
        r"assertion\.(dataHash|bmffHash|boxesHash|collectionHash)\.|claim\.hardBindings|assertion\.multipleHardBindings",
    ),
    (
        "signature",
        r"claimSignature\.(mismatch|missing)|claim\.(missing|multiple|malformed|cbor)|manifest\.(compressed|inaccessible)"
        r"|algorithm\.|general\.error",
    ),
    (
        "assertion",
        r"assertion\.(hashedURI\.|missing|inaccessible|undeclared|notRedacted|selfRedacted|outsideManifest|cbor|json)"
        r"|hashedURI\.|.*\.mismatch$",
    ),
)
_TRUST = re.compile(r"signingCredential\.|timeStamp\.|claimSignature\.outsideValidity")
_PATTERNS = tuple((kind, re.compile(pattern)) for kind, pattern in _KINDS)


def failure_kind(code: str) -> str:
    """`signature`, `data_hash`, `assertion` or `ingredient` for a failure of integrity there; otherwise ``."""
    if _TRUST.match(code):
        return ""
    return next((kind for kind, pattern in _PATTERNS if pattern.match(code)), "")
