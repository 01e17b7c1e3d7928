"""Untrusted text made safe for display, Markdown and CSV.

Display: no control or direction characters, no stacked accents, limited length. Markdown: nothing is interpreted as
markup. CSV: a spreadsheet runs no cell as a formula.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

MAX_CHARS = 200
# Combining marks are drawn on the preceding letter; stacked ones overlap the neighbouring lines.
_MARKS = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_STACKED_MARKS = re.compile(f"({_MARKS}{{3}}){_MARKS}+")


def plain(text: Any, max_chars: int = MAX_CHARS) -> str:
    """One line of at most `max_chars` characters. Truncate text before it is put into a sentence, so that the sentence
    stays complete.
    """
    line = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in str(text)[: 4 * max_chars])
    line = _STACKED_MARKS.sub(r"\1", " ".join(line.split()))
    return line if len(line) <= max_chars else line[: max_chars - 1] + "…"


SPECIAL = frozenset("\\`*_{}[]<>|#!$~&:^")
MAX_MARKDOWN_CHARS = 300


def escaped(text: Any, max_chars: int = MAX_MARKDOWN_CHARS) -> str:
    """One line of Markdown in which nothing is a link, image, tag, heading, formula or end of a table cell."""
    line = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in str(text)[: 4 * max_chars])
    line = " ".join(line.split())
    line = line if len(line) <= max_chars else line[: max_chars - 1] + "…"
    line = "".join(f"\\{c}" if c in SPECIAL else c for c in line)
    return line.replace("www.", "www\\.")


FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
BYTE_ORDER_MARK = "\ufeff"  # without it Excel does not recognise UTF-8


def safe_cell(cell: Any) -> Any:
    """Text that no spreadsheet reads as a formula: an apostrophe is prepended (OWASP, "CSV Injection"). Numbers stay."""
    if isinstance(cell, str) and cell.lstrip(" ").startswith(FORMULA_PREFIXES):
        return f"'{cell}"
    return cell


def to_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """UTF-8 with a byte order mark; None is an empty cell."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(header)
    writer.writerows([["" if cell is None else safe_cell(cell) for cell in row] for row in rows])
    return (BYTE_ORDER_MARK + buffer.getvalue()).encode("utf-8", "replace")
