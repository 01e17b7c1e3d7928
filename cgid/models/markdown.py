"""Foreign text (names of folders, files, generators) in Markdown that we write: it stays text."""

from __future__ import annotations

import unicodedata
from typing import Any

SPECIAL = frozenset("\\`*_{}[]<>|#!$~&:^")
LONGEST = 300


def escaped(text: Any, longest: int = LONGEST) -> str:
    """One line in which nothing is a link, an image, a tag, a heading, a formula or the end of a table's cell."""
    kept = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in str(text)[: 4 * longest])
    kept = " ".join(kept.split())
    kept = kept if len(kept) <= longest else kept[: longest - 1] + "…"
    kept = "".join(f"\\{c}" if c in SPECIAL else c for c in kept)
    return kept.replace("www.", "www\\.")
