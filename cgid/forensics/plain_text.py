"""Text of a stranger's file, made fit to be shown: no control or direction characters, and cut."""

from __future__ import annotations

import unicodedata
from typing import Any

LONGEST = 200


def plain(text: Any, longest: int = LONGEST) -> str:
    """One line of at most `longest` characters. What is put into a sentence is cut before, so the sentence stays whole."""
    kept = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in str(text)[: 4 * longest])
    kept = " ".join(kept.split())
    return kept if len(kept) <= longest else kept[: longest - 1] + "…"
