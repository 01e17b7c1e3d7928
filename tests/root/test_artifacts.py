"""Simulated data is told by a recorded field, by the name only where an older artifact has none."""

from __future__ import annotations

import pytest

from cgid.artifacts import (
    DATASET_SUMMARY,
    SPLIT_MANIFEST,
    all_simulated,
    datasets,
    demo_images,
    is_simulated,
    prediction_splits,
    predictions_file,
)
from cgid.files import write_json, write_text
from cgid.settings import settings

HEAD = "filepath,label,source,generator,split,sha256\n"


def dataset(name: str, sha256: str, summary: dict | None) -> None:
    folder = settings().manifests / name
    write_text(folder / SPLIT_MANIFEST, f"{HEAD}a.png,ai,s,,test,{sha256}\n")
    if summary is not None:
        write_json(folder / DATASET_SUMMARY, summary)


@pytest.mark.parametrize(
    ("content", "name", "answer"),
    [
        ({"simulated": True}, "photos", True),
        ({"simulated": False}, "demo_mine", False),
        ({}, "demo_matched", True),
        ({}, "photos", False),
        ({"simulated": None}, "demo_matched", True),
    ],
)
def test_the_field_decides_and_the_name_where_there_is_none(tmp_path, content, name, answer):
    assert is_simulated(content, name) is answer
    write_json(tmp_path / name / DATASET_SUMMARY, content)
    assert is_simulated(tmp_path / name / DATASET_SUMMARY) is answer


@pytest.mark.parametrize("text", ["", "{", "[]", "7"])
def test_a_damaged_file_is_told_by_its_folder(tmp_path, text):
    for name in ("demo_leaky", "photos"):
        write_text(tmp_path / name / "x.json", text)
        assert is_simulated(tmp_path / name / "x.json") is (name == "demo_leaky")
    assert is_simulated(tmp_path / "demo_gone" / "x.json")


def test_rows_are_simulated_where_every_source_is():
    assert all_simulated(["demo_a", "demo_b"])
    assert not all_simulated(["demo_a", "photos"])
    assert not all_simulated(["demo_a", None])
    assert not all_simulated([])


def test_a_folder_of_ones_own_called_demo_is_not_taken_for_the_demo():
    dataset("demo_mine", "a" * 64, {"simulated": False})
    dataset("demo_old", "b" * 64, None)
    dataset("renamed", "c" * 64, {"simulated": True})
    assert {d.name: d.simulated for d in datasets()} == {"demo_mine": False, "demo_old": True, "renamed": True}
    assert demo_images() == {"b" * 64, "c" * 64}


def test_prediction_tables_are_named_by_their_split(tmp_path):
    for split in ("test", "external_other"):
        (tmp_path / predictions_file(split)).touch()
    (tmp_path / "predictions.parquet").touch()
    assert predictions_file("oof") == "predictions_oof.parquet"
    assert prediction_splits(tmp_path) == ["external_other", "test"]
