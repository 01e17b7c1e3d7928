"""What a C2PA validation code is about: the signature, the picture's bytes, an assertion, an ingredient, or only trust.

Source: C2PA Technical Specification, chapter "Validation", table of failure codes.
"""

from __future__ import annotations

import re

# First match wins. What matches none (certificates, time stamps, wording of actions) says nothing about the bytes.
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


def kind_of(code: str) -> str:
    """`signature`, `data_hash`, `assertion` or `ingredient` for a failure that breaks integrity there; else ``."""
    if _TRUST.match(code):
        return ""
    return next((kind for kind, pattern in _PATTERNS if pattern.match(code)), "")
