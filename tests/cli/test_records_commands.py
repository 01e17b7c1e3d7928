"""Saved checks on the command line: listed, annotated, deleted, and exported as a report."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from cgid.cli.main import main
from cgid.records import keep
from cgid.records.store import analyses, count_analyses, record_analysis, write_note

SHA = "ab" * 32


@pytest.fixture(autouse=True)
def two():
    for name, verdict in (("a.jpg", "likely_ai"), ("b.jpg", "likely_real")):
        record_analysis(
            {"file": f"/x/{name}", "sha256": SHA, "verdict": verdict, "probability_ai": 0.5, "reason": "So."}
        )
    write_note(1, "from\nthe \x1b[31m desk")


def test_records_are_listed_as_text_and_as_json(capsys):
    assert main(["records", "list", "--search", "DESK"]) == 0
    out = capsys.readouterr().out
    assert "a.jpg" in out and "b.jpg" not in out and "\x1b" not in out and len(out.splitlines()) == 1
    assert main(["records", "list", "--limit", "1"]) == 0
    assert "1 more: --offset 1" in capsys.readouterr().out
    assert main(["records", "list", "--json", "--verdict", "likely_real", "--until", "2999-01-01"]) == 0
    listing = json.loads(capsys.readouterr().out)
    assert listing["found"] == 1 and listing["records"][0]["id"] == 2
    assert main(["records", "list", "--until", "1999-01-01"]) == 0 and "No such records" in capsys.readouterr().out


def test_a_check_saves_its_versions_evidence_and_thumbnail_unless_never(tmp_path, capsys, monkeypatch):
    file = tmp_path / "new.png"
    Image.fromarray(np.full((300, 400, 3), 90, np.uint8)).save(file)
    assert main(["check", str(file)]) == 0
    [record] = analyses(limit=1)
    assert record["check"]["versions"]["cgid"] and record["check"]["evidence"]
    assert keep.thumbnail_path(record["sha256"])
    keep.delete_thumbnail(record["sha256"])
    monkeypatch.setenv("CGID_STORE_IMAGES", "never")
    assert main(["check", str(file), str(tmp_path / "missing.png")]) == 0 and not keep.has_thumbnails()
    assert count_analyses() == 5 and capsys.readouterr().err == ""


def test_a_note_is_written_and_too_long_a_one_refused(capsys):
    assert main(["records", "note", SHA[:10], "seen twice", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"id": 2, "note": "seen twice"}
    assert main(["records", "note", "2", "x" * 2001]) == 2 and main(["records", "note", "77", "x"]) == 2


def test_deleting_needs_names_or_all(capsys):
    assert main(["records", "delete"]) == 2 and main(["records", "delete", "1", "--all"]) == 2
    assert main(["records", "delete", "1", "55", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["deleted"] == 1
    assert main(["records", "delete", "--all"]) == 0 and count_analyses() == 0


def test_a_report_is_written_in_the_format_of_its_ending(tmp_path, capsys, monkeypatch):
    for kind, start in (("html", b"<!doctype html>"), ("json", b"{"), ("pdf", b"%PDF-")):
        file = tmp_path / f"r.{kind}"
        assert main(["report", "1", "--output", str(file)]) == 0 and file.read_bytes().startswith(start)
    monkeypatch.chdir(tmp_path)
    capsys.readouterr()
    assert main(["report", SHA, "--format", "json", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["output"] == "cgid-report-2.json"
    for wrong in (
        ["report", "9"],
        ["report", "1", "--output", "x.doc"],
        ["report", "1", "--output", f"{tmp_path}.html/"],
    ):
        code = main(wrong)
        error = capsys.readouterr().err
        assert (code, error.count("\n")) == (2, 1) or wrong[-1].endswith("/"), wrong
    (tmp_path / "d.pdf").mkdir()
    assert main(["report", "1", "--output", "d.pdf"]) == 2 and "is a folder" in capsys.readouterr().err
