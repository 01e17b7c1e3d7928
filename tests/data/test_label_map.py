"""The label map gives back every cell as text, however hostile, and keeps what people decided when it is made anew."""

from __future__ import annotations

import csv
import hashlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cgid.data.label_map import (
    COLUMNS,
    PERSON_SOURCE,
    UNLISTED,
    LabelSources,
    ManifestEntry,
    Suggestion,
    fill,
    label_sources,
    read_label_map,
    suggest,
    write_label_map,
)
from cgid.errors import InputError

A, B = "a" * 64, "b" * 64
HOSTILE = (
    "=cmd|'/C calc'!A1", "+1,2", "-x", "@SUM(A1)", 'say "ai", please', "two\nlines", "two\r\nlines", "\rcr", " blank ",
    "a;b\tc", "![x](http://127.0.0.1)", "NA", "nan", "None", "007", "1e5", "\ufeffbom", "名前.jpg", "e\u0301.jpg", "#x",
)  # fmt: skip
# No lone surrogates and no NUL: no UTF-8 text holds the first, no database the second.
cell = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
row = st.tuples(cell, cell, cell, st.sampled_from(["real", "ai", ""]), cell, cell, cell).filter(any)


def rows_of(frame) -> list[tuple[str, ...]]:
    return [tuple(values) for values in frame.itertuples(index=False)]


@given(st.lists(row, max_size=6))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_cell_comes_back_as_the_text_it_was(tmp_path, rows):
    names = (*COLUMNS, "what a person added")
    path = tmp_path / "map.csv"
    write_label_map({name: [r[i] for r in rows] for i, name in enumerate(names)}, path)
    assert rows_of(read_label_map(path)) == rows
    with path.open(newline="", encoding="utf-8") as file:  # as any other reader of CSV sees it
        assert [tuple(r) for r in csv.reader(file)][1:] == rows


def test_names_that_no_text_can_hold_are_written_all_the_same(tmp_path):
    write_label_map({c: ["bad\udcff\0.jpg" if c == "filename" else ""] for c in COLUMNS}, tmp_path / "map.csv")
    assert read_label_map(tmp_path / "map.csv")["filename"].tolist() == ["bad?\N{REPLACEMENT CHARACTER}.jpg"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "lacks columns"),
        ("filename\na.jpg\n", "lacks columns"),
        ("filename,final_label\na.jpg,ai\nb,c.jpg,ai\n", "line 3 has more cells.*quotes around commas"),
        ("filename,final_label\na.jpg,ai\nb.jpg,ai,x\n", "line 3 has more cells"),
        ('filename,final_label\n"a\nb.jpg",ai\nc.jpg,maybe\n', "line 4: final_label `maybe`"),
        ("filename,final_label,final_label\n", "`final_label` twice"),
        ('filename,final_label\n"a,b\n', "cannot be read"),
    ],
)
def test_a_map_that_cannot_be_meant_is_refused_by_line(tmp_path, text, words):
    (tmp_path / "map.csv").write_text(text)
    with pytest.raises(InputError, match=words):
        read_label_map(tmp_path / "map.csv")


def test_short_rows_and_trailing_commas_are_read(tmp_path):
    (tmp_path / "map.csv").write_text("\ufefffilename,final_label,notes\na.jpg,1\n\nb.jpg,Real ,,,\n", encoding="utf-8")
    assert read_label_map(tmp_path / "map.csv")["final_label"].tolist() == ["ai", "real"]


def listing(*rows: ManifestEntry) -> LabelSources:
    found = LabelSources()
    for listed in rows:
        if listed.sha256:
            found.by_content.setdefault(listed.sha256, []).append(listed)
        found.by_name.setdefault(listed.path.split("/")[-1], []).append(listed)
    return found


def test_the_same_image_in_two_manifests_is_no_doubt():
    both = listing(ManifestEntry("ai", "one.csv", "/x/a.jpg", ""), ManifestEntry("ai", "two.csv", "/x/a.jpg", ""))
    assert suggest(A, "a.jpg", both).label == "ai" and suggest(A, "a.jpg", both).note == ""
    against = listing(ManifestEntry("ai", "one.csv", "/x/a.jpg", ""), ManifestEntry("real", "two.csv", "/x/a.jpg", ""))
    assert suggest(A, "a.jpg", against).label == "" and "contradict" in suggest(A, "a.jpg", against).note


def test_a_record_that_is_no_sha256_cannot_be_said_to_differ_from_one():
    one = listing(ManifestEntry("ai", "one.csv", "/x/a.jpg", B))
    assert suggest("17", "a.jpg", one).note == ""
    assert "other content" in suggest(A, "a.jpg", one).note
    assert suggest(B.upper(), "c.jpg", one).label == "ai"


def test_a_name_is_the_same_however_a_system_composes_its_letters_and_paths(tmp_path):
    (tmp_path / "m.csv").write_text("filepath,label\nx/e\u0301te.jpg,ai\n", encoding="utf-8")
    assert suggest(A, "\u00e9te.jpg", label_sources([tmp_path / "m.csv"])).label == "ai"
    assert suggest(A, "C:\\p\\\u00e9te.jpg", label_sources([tmp_path / "m.csv"])).label == "ai"


def test_a_manifest_without_sha256_is_helped_by_its_files_that_are_still_there(tmp_path):
    for folder, text in (("x", "one"), ("y", "two"), ("z", "three")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / ("b.jpg" if folder == "z" else "a.jpg")).write_text(text)
    (tmp_path / "m.csv").write_text("filepath,label\nx/a.jpg,ai\ny/a.jpg,real\nz/b.jpg,real\nz/gone.jpg,ai\n")
    told = label_sources([tmp_path / "m.csv"])
    two = hashlib.sha256(b"two").hexdigest()
    assert suggest(two, "a.jpg", told) == Suggestion("real", "sha256: m.csv", "")
    assert "2 manifest rows" in suggest(A, "a.jpg", told).note
    assert suggest(A, "b.jpg", told).note == "the manifest's image of this name has other content"
    assert suggest(A, "gone.jpg", told) == Suggestion("ai", "file name: m.csv", "")
    assert suggest("17", "b.jpg", told).note == ""


def test_manifests_that_are_named_alike_are_told_apart_by_their_folder(tmp_path):
    for folder, label in (("one", "ai"), ("two", "real")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "split.csv").write_text(f"filepath,label,sha256\na.jpg,{label},{A}\n")
    said = suggest(A, "a.jpg", label_sources([tmp_path / "one" / "split.csv", tmp_path / "two" / "split.csv"]))
    assert said.label == "" and said.note == "the manifests contradict each other (one/split.csv, two/split.csv)"


def old_map(tmp_path, *rows, extra=()):
    names = (*COLUMNS, *extra)
    write_label_map(dict(zip(names, zip(*rows))), tmp_path / "old.csv")
    return read_label_map(tmp_path / "old.csv")


def filled(columns) -> dict[str, tuple[str, str, str]]:
    return {
        name: cells
        for name, *cells in zip(columns["filename"], columns["final_label"], columns["label_source"], columns["notes"])
    }


def test_left_out_and_confirmed_are_decisions_too_and_stay(tmp_path):
    one = listing(ManifestEntry("ai", "m.csv", "/x/a.jpg", A), ManifestEntry("ai", "m.csv", "/x/b.jpg", B))
    old = old_map(
        tmp_path, (A, "a.jpg", "ai", "", PERSON_SOURCE, "a screenshot"), (B, "b.jpg", "ai", "ai", PERSON_SOURCE, ""), ("c", "c.jpg", "", "", "", UNLISTED)
    )  # fmt: skip
    made = filled(fill([(A, "a.jpg"), (B, "b.jpg"), ("c", "c.jpg")], LabelSources(), old))
    assert made["a.jpg"] == ["", PERSON_SOURCE, "a screenshot"] and made["b.jpg"] == ["ai", PERSON_SOURCE, ""]
    assert made["c.jpg"] == ["", "", UNLISTED]
    assert filled(fill([(A, "a.jpg")], one, old))["a.jpg"][1] == PERSON_SOURCE


def test_what_was_changed_in_a_spreadsheet_stays(tmp_path):
    one = listing(ManifestEntry("ai", "m.csv", "/x/a.jpg", A), ManifestEntry("ai", "m.csv", "/x/b.jpg", B))
    emptied, overruled = (A, "a.jpg", "ai", "", "sha256: m.csv", ""), (B, "b.jpg", "ai", "real", "sha256: m.csv", "")
    made = filled(fill([(A, "a.jpg"), (B, "b.jpg")], one, old_map(tmp_path, emptied, overruled)))
    assert made == {"a.jpg": ["", PERSON_SOURCE, ""], "b.jpg": ["real", PERSON_SOURCE, ""]}


def test_what_manifests_said_before_gives_way_to_what_they_say_now(tmp_path):
    old = old_map(tmp_path, (A, "a.jpg", "real", "real", "sha256: old.csv", ""))
    made = filled(fill([(A, "a.jpg")], listing(ManifestEntry("ai", "m.csv", "/x/a.jpg", A)), old))
    assert made["a.jpg"] == ["ai", "sha256: m.csv", ""]


def test_a_decision_follows_a_renamed_image_and_stays_where_its_image_is_not_asked_for(tmp_path):
    old = old_map(
        tmp_path,
        (A, "old.jpg", "", "ai", PERSON_SOURCE, "", "seen"),
        (B, "b.jpg", "", "real", PERSON_SOURCE, "", "x"),
        extra=("mine",),
    )
    columns = fill([(A, "new.jpg")], LabelSources(), old)
    assert filled(columns) == {"new.jpg": ["ai", PERSON_SOURCE, ""], "b.jpg": ["real", PERSON_SOURCE, ""]}
    assert columns["mine"] == ["seen", "x"]
