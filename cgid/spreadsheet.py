"""Tables of foreign text as CSV that a spreadsheet opens as text: no cell of it is ever run as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

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
