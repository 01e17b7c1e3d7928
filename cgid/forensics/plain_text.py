"""Text of a stranger's file, made fit to be shown: no control or direction characters, no piles of accents, and cut."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

LONGEST = 200
# Accents sit on the letter before them; piled up they reach over the lines around.
_MARKS = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_PILED = re.compile(f"({_MARKS}{{3}}){_MARKS}+")


def plain(text: Any, longest: int = LONGEST) -> str:
    """One line of at most `longest` characters. What is put into a sentence is cut before, so the sentence stays whole."""
    kept = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in str(text)[: 4 * longest])
    kept = _PILED.sub(r"\1", " ".join(kept.split()))
    return kept if len(kept) <= longest else kept[: longest - 1] + "…"
