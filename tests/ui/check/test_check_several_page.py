"""Several pictures at once: each file judged once, in the order dropped, and taken away as tables no spreadsheet runs."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest
from PIL import Image

from cgid.formatting import VERDICT_TEXT
from cgid.ui.check import several
from cgid.ui.check.several import NOTHING_NOTED, Row, as_csv, as_json, one_line, shared
from cgid.ui.check.subject import MAX_CHARS, Subject, named, size
from cgid.ui.shared.text import VERDICTS
from page_driver import open_page, text


@pytest.fixture(autouse=True)
def without_copies(monkeypatch):
    """Whether a verdict survives re-saving is judged after the answer, and tested elsewhere."""
    monkeypatch.setattr("cgid.ui.check.stability.show", lambda *_: None)


def png(seed: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (20, 30, 3), np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def found(verdict: str = "inconclusive", **more) -> dict:
    return {
        "file": "x",
        "sha256": "0" * 64,
        "verdict": verdict,
        "why": "Nothing speaks.",
        "probability_ai": None,
        **more,
    }


def test_a_table_of_what_was_dropped_and_one_of_them_below():
    app = open_page("check")
    files = [("a.png", png(1)), ("broken.jpg", b"no picture"), ("=b.png", png(2)), ("a copy.png", png(1))]
    app.file_uploader[0].set_value([(name, data, "image/png") for name, data in files]).run()
    assert not app.exception
    assert "3 inconclusive, 1 cannot be read. 1 is a duplicate and checked once." in text(app)
    table = app.dataframe[0].value
    assert table["File"].tolist() == ["a.png", "broken.jpg", "'=b.png", "a copy.png"]  # no formula when saved
    assert table["Verdict"].tolist() == ["? inconclusive", "✕ cannot be read", "? inconclusive", "? inconclusive"]
    assert table["Why"][3].startswith("Same file as number 1.") and "broken.jpg" in table["Why"][1]
    assert "P(AI)" not in table and app.header[0].value.endswith("Inconclusive")
    next(b for b in app.selectbox if b.label == "Show").set_value(1).run()
    assert not app.exception and app.header[0].value.endswith("Cannot be read")
    app.file_uploader[0].set_value([("c.png", png(3), "image/png"), ("d.png", b"", "image/png")]).run()
    assert not app.exception and app.header[0].value.endswith("Inconclusive")  # the first, not the former table's row


def test_each_of_several_is_a_record_and_none_twice():
    from cgid.records import store

    app = open_page("check")
    files = [("a.png", png(1), "image/png"), ("b.png", png(2), "image/png"), ("c.png", png(1), "image/png")]
    app.file_uploader[0].set_value(files).run()
    app.run()
    assert not app.exception and store.count_analyses() == 2


def test_every_format_that_the_page_names_is_read():
    import pillow_heif

    from cgid.ui.check.intake import FORMATS

    pillow_heif.register_heif_opener()
    image, files = Image.open(io.BytesIO(png(5))), []
    for form in FORMATS.replace(" and ", ", ").split(", "):
        buffer = io.BytesIO()
        image.save(buffer, {"HEIC": "HEIF"}.get(form, form))
        files.append((f"a.{form.lower()}", buffer.getvalue(), ""))
    app = open_page("check")
    app.file_uploader[0].set_value(files).run()
    assert (
        len(files) == 8 and not app.exception and app.dataframe[0].value["Verdict"].tolist() == ["? inconclusive"] * 8
    )


def test_the_same_file_is_judged_once():
    judged = []

    def check_of(subject: Subject) -> dict:
        judged.append(subject.name)
        return found()

    rows = several._check_all([Subject(b"1", "a"), Subject(b"2", "b"), Subject(b"1", "c")], check_of)
    assert judged == ["a", "b"] and [r.same_as for r in rows] == [None, None, 1] and rows[2].name == "c"


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://127.0.0.1")'])
def test_no_cell_is_a_formula(name):
    _, cells = csv.reader(io.StringIO(as_csv([Row(name, found(why=name))]).decode("utf-8-sig")))
    assert cells[0] == f"'{name}" and not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in cells)


def test_csv_and_json_hold_what_the_table_shows():
    rows = [Row('a, "b".png', found("likely_ai", probability_ai=0.9375)), Row("ü.png", found("declared_ai"), None, 1)]
    (header, one, two) = csv.reader(io.StringIO(as_csv(rows).decode("utf-8-sig")))
    assert dict(zip(header, one))["probability_ai"] == "0.9375" and one[0] == 'a, "b".png'
    assert dict(zip(header, two))["same_as"] == "1" and two[0] == "ü.png" and two[header.index("probability_ai")] == ""
    document = json.loads(as_json(rows))
    assert [d["file"] for d in document] == ['a, "b".png', "ü.png"] and document[0]["verdict"] == "likely_ai"


def test_a_reason_that_all_share_gives_way_to_what_was_noted_of_each():
    fired = {
        "fired": [{"code": "x", "reason": "Weak.", "weight": 0.1}, {"code": "y", "reason": "Strong.", "weight": 1}]
    }
    rows = [Row("a", found(rules=fired)), Row("b", found()), Row("c", found("likely_ai", why="A mark."))]
    common = shared(rows)
    assert common == "Nothing speaks."
    assert [one_line(r, common) for r in rows] == ["Strong. Weak.", NOTHING_NOTED, "A mark."]
    assert shared([rows[0], rows[0].again("d", 1), rows[2]]) == ""  # one file twice shares with nobody


def test_every_verdict_has_words_and_a_sign():
    assert set(VERDICT_TEXT) == set(VERDICTS)
    assert len({Row("a", found(v)).sign for v in VERDICTS}) == len(VERDICTS)


def test_a_line_of_a_strangers_text_is_plain_and_cut():
    line = one_line(Row("a", found(why="bad \u202e\x1b[31m\n" + "x" * 5000)))
    assert len(line) <= 180 and "\u202e" not in line and "\x1b" not in line and "\n" not in line


@pytest.mark.parametrize(
    ("name", "becomes"),
    [
        ("a.png", "a.png"),
        ("", "picture"),
        ("\u202e\0", "picture"),
        ("C:\\photos\\a.png", "a.png"),
        ("../../etc/passwd", "passwd"),
        ("a\r\nb.png", "a b.png"),
    ],
)
def test_names_become_one_plain_line(name, becomes):
    assert named(name) == becomes


def test_a_long_name_keeps_its_extension():
    name = named("long " * 4000 + ".tiff")
    assert len(name) <= MAX_CHARS and name.endswith(".tiff") and "…" in name


def test_sizes_in_words():
    assert [size(n) for n in (0, 999, 1000, 999_499, 999_500, 12_345_678)] == [
        "0 bytes", "999 bytes", "1 kB", "999 kB", "1.0 MB", "12.3 MB",
    ]  # fmt: skip
