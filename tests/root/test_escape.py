"""What people open in a spreadsheet holds text: a file named `=cmd()` stays a name."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cgid.escape import FORMULA_PREFIXES, safe_cell, to_csv


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =HYPERLINK(1)", "＝1"])
def test_a_cell_that_begins_as_a_formula_becomes_text(text: str) -> None:
    assert safe_cell(text) == "'" + text


def test_numbers_and_plain_words_stay() -> None:
    assert [safe_cell(v) for v in (-1.5, 3, None, "a-b", "")] == [-1.5, 3, None, "a-b", ""]


@given(st.lists(st.tuples(st.text(max_size=20), st.floats(allow_nan=False) | st.none()), max_size=5))
def test_every_row_is_read_back_and_no_cell_is_a_formula(rows) -> None:
    rows = [(text.replace("\r\n", "\n").replace("\0", ""), number) for text, number in rows]
    data = to_csv(["name", "score"], rows).decode("utf-8-sig")
    read = list(csv.reader(io.StringIO(data, newline="")))
    assert read[0] == ["name", "score"] and len(read) == len(rows) + 1
    for (text, number), (name, score) in zip(rows, read[1:]):
        assert not name.startswith(FORMULA_PREFIXES)
        assert name.removeprefix("'") == text.encode("utf-8", "replace").decode().removeprefix("'")
        assert score == ("" if number is None else str(number))
