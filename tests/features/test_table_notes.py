"""Garbage in a feature table is named by row and column, counts as missing, and the rest is audited all the same."""

import numpy as np
import pandas as pd
import pytest

from cgid.audit.params import AuditParams
from cgid.audit.run import audit
from cgid.errors import InputError
from cgid.features.table import feature_columns, read_features
from cgid.files import read_json

VALUES = np.random.default_rng(0).normal(size=60)


def write(path, head="filename,label,noise_a,noise_b", rows=60, **cells):
    """A table whose row 17 (counted from 1) has the given cells."""
    lines = [head]
    for i in range(rows):
        row = {"filename": f"{i}.jpg", "label": ("real", "ai")[i % 2], "noise_a": VALUES[i], "noise_b": VALUES[i - 1]}
        row |= cells if i == 16 else {}
        lines.append(",".join(str(v) for v in row.values()))
    path.write_text("\n".join(lines) + "\n")
    return path


def notes_of(path) -> list[str]:
    notes: list[str] = []
    read_features(path, notes=notes)
    return notes


def test_a_text_cell_is_named_and_counts_as_missing(tmp_path):
    path = write(tmp_path / "f.csv", noise_a="abc")
    assert notes_of(path) == ['Row 17, column noise_a: "abc" is not a number; it counts as missing.']
    frame = read_features(path)
    assert feature_columns(frame) == ["noise_a", "noise_b"]
    assert np.isnan(frame["noise_a"][16]) and frame["noise_a"].notna().sum() == 59
    assert frame["noise_a"][3] == pytest.approx(VALUES[3])


def test_many_text_cells_are_counted_not_listed(tmp_path):
    frame = pd.read_csv(write(tmp_path / "f.csv")).astype({"noise_a": object})
    frame.loc[:9, "noise_a"] = "n/a?"
    frame.to_csv(tmp_path / "f.csv", index=False)
    notes = notes_of(tmp_path / "f.csv")
    assert len(notes) == 6 and notes[-1] == "Column noise_a: the same holds for 5 more cells."


def test_a_column_of_words_is_no_feature_and_said(tmp_path):
    frame = pd.read_csv(write(tmp_path / "f.csv")).assign(camera="Nikon", truth=["True", "False"] * 30)
    frame.to_csv(tmp_path / "f.csv", index=False)
    assert notes_of(tmp_path / "f.csv") == ['Column camera holds text (first: "Nikon") and is not a feature.']
    assert feature_columns(read_features(tmp_path / "f.csv")) == ["noise_a", "noise_b", "truth"]


def test_text_columns_of_parquet_stay_text(tmp_path):
    frame = pd.read_csv(write(tmp_path / "f.csv")).assign(image=[str(i) for i in range(60)])
    frame.to_parquet(tmp_path / "f.parquet")
    assert feature_columns(read_features(tmp_path / "f.parquet")) == ["noise_a", "noise_b"]


@pytest.mark.parametrize("cell", ["", "fake1", "2"])
def test_a_label_that_is_none_is_named(tmp_path, cell):
    with pytest.raises(InputError, match="row 17") as caught:
        read_features(write(tmp_path / "f.csv", label=cell))
    assert "\n" not in str(caught.value) and "nan" not in str(caught.value)


def test_contradicting_labels_and_repeated_headings_are_named(tmp_path):
    frame = pd.read_csv(write(tmp_path / "f.csv")).assign(target_label=[0, 1] * 30)
    frame.loc[4, "target_label"] = 1
    frame.to_csv(tmp_path / "f.csv", index=False)
    text = (tmp_path / "f.csv").read_text().replace("noise_b", "noise_a", 1)
    (tmp_path / "f.csv").write_text(text)
    assert notes_of(tmp_path / "f.csv") == [
        "Column noise_a occurs 2 times; the others are read as noise_a.1 and so on.",
        "Row 5, column label: label is real, target_label the opposite; target_label is used.",
    ]


CASES = {
    "text": ({"noise_a": "abc"}, 'Row 17, column noise_a: "abc" is not a number'),
    "infinite": ({"noise_a": "-inf"}, "Row 17, column noise_a: the value is infinite"),
    "overflow": ({"noise_a": "1e999"}, "Row 17, column noise_a: the value is infinite"),
    "script": ({"noise_a": "<script>x</script>"}, "&lt;script&gt;x"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_audit_names_it_in_every_report_and_stands(tmp_path, name):
    cells, words = CASES[name]
    audit(AuditParams(write(tmp_path / "f.csv", **cells), tmp_path / "out", bootstrap=0))
    found = next(
        c
        for c in read_json(tmp_path / "out" / "feature_leakage_summary.json")["dataset_checks"]
        if c["code"] == "readable_values"
    )
    assert found["result"] == "warning" and len(found["details"]["notes"]) == 1
    report = pd.read_csv(tmp_path / "out" / "feature_leakage_report.csv").set_index("feature")
    assert report.loc["noise_a", "missing_share"] == pytest.approx(1 / 60)
    assert words in (tmp_path / "out" / "feature_leakage_report.html").read_text().replace("&quot;", '"')
    assert (
        words.replace("&lt;", "<").replace("&gt;", ">") in (tmp_path / "out" / "feature_leakage_report.md").read_text()
    )


def test_a_clean_table_passes(tmp_path):
    audit(AuditParams(write(tmp_path / "f.csv"), tmp_path / "out", bootstrap=0))
    checks = read_json(tmp_path / "out" / "feature_leakage_summary.json")["dataset_checks"]
    assert next(c["result"] for c in checks if c["code"] == "readable_values") == "passed"


@pytest.mark.parametrize(
    "text",
    [
        "filename,label,noise_a\na,real,1\nb,ai,2\nc,real,3\n",
        "filename,label,noise_a\n" + "a,real,1\n" * 30,
        "filename,label,noise_a,noise_b\n" + "a,real,,1\nb,ai,,1\n" * 20,
        "label,noise_a,noise_b\n" + "real,1e308,-1e308\nai,-1e308,1e308\n" * 20,
        "label,noise_a\nreal,1\n",
        ",label,,\n" + "x,real,1,2\ny,ai,2,3\n" * 9,
    ],
    ids=["three rows", "one class", "empty and constant", "huge", "one row", "no headings"],
)
def test_little_or_dull_data_does_not_crash_it(tmp_path, text):
    (tmp_path / "f.csv").write_text(text)
    assert audit(AuditParams(tmp_path / "f.csv", tmp_path / "out", bootstrap=5))["summary"].endswith(".")
