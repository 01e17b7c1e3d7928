"""Text of a stranger's file, made fit to be shown: no control or direction characters, no piles of accents, and cut.

Foreign text (names of folders, files, generators) in Markdown that we write: it stays text.

Tables of foreign text as CSV that a spreadsheet opens as text: no cell of it is ever run as a formula.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
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


SPECIAL = frozenset("\\`*_{}[]<>|#!$~&:^")
MAX_MARKDOWN_CHARS = 300


def escaped(text: Any, longest: int = MAX_MARKDOWN_CHARS) -> str:
    """One line in which nothing is a link, an image, a tag, a heading, a formula or the end of a table's cell."""
    kept = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in str(text)[: 4 * longest])
    kept = " ".join(kept.split())
    kept = kept if len(kept) <= longest else kept[: longest - 1] + "…"
    kept = "".join(f"\\{c}" if c in SPECIAL else c for c in kept)
    return kept.replace("www.", "www\\.")


STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MARK = "\ufeff"  # Excel reads UTF-8 as such only behind it


def safe(cell: Any) -> Any:
    """Text that no spreadsheet takes for a formula: an apostrophe goes before (OWASP, "CSV Injection"). Numbers stay."""
    if isinstance(cell, str) and cell.lstrip(" ").startswith(STARTS_A_FORMULA):
        return f"'{cell}"
    return cell


def to_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """UTF-8 with a byte order mark; None is an empty cell."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(header)
    writer.writerows([["" if cell is None else safe(cell) for cell in row] for row in rows])
    return (MARK + buffer.getvalue()).encode("utf-8", "replace")
