"""Counts by class: every image is counted once, in rows few enough to read."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cgid.audit.crosstabs import MAX_ROWS, by_name, dimensions, file_size, from_summary, jpeg_quality


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=3), st.floats(), st.booleans()), max_size=40))
def test_each_image_is_in_one_row(images):
    label = np.array([int(y) for _, _, y in images], dtype=int)
    values = np.array([v for _, v, _ in images], dtype=float)
    names = np.array([n for n, _, _ in images], dtype=object)
    for rows in (
        by_name(names, label),
        jpeg_quality(values, label),
        file_size(values, label),
        dimensions(values, values, label),
    ):
        assert sum(r["real"] for r in rows) == int((label == 0).sum())
        assert sum(r["ai"] for r in rows) == int((label == 1).sum())


def test_the_most_frequent_names_come_first_and_the_rest_is_one_row():
    names = np.array(["b"] * 5 + ["a"] * 9 + [f"rare{i}" for i in range(20)], dtype=object)
    rows = by_name(names, np.arange(34) % 2)
    assert [r["value"] for r in rows[:2]] == ["a", "b"]
    assert len(rows) == MAX_ROWS and rows[-1]["value"] == "15 others"


@pytest.mark.parametrize(
    ("value", "name"), [(49.4, "below 50"), (95, "95 to 97"), (100, "98 to 100"), (np.nan, "none known")]
)
def test_qualities_fall_into_the_steps_of_encoders(value, name):
    assert jpeg_quality(np.array([value]), np.array([1])) == [{"value": name, "real": 0, "ai": 1}]


def test_sizes_are_named_as_they_stand_or_by_the_longer_side():
    label = np.arange(40) % 2
    assert [r["value"] for r in dimensions(np.full(40, 512.0), np.full(40, 384.0), label)] == ["512 x 384"]
    many = dimensions(np.arange(600.0, 640.0), np.full(40, 384.0), label)
    assert many == [{"value": "longer side 513 to 1023", "real": 20, "ai": 20}]
    assert file_size(np.array([8192.0, 1e12]), np.array([0, 1])) == [
        {"value": "8 KiB to 16 KiB", "real": 1, "ai": 0},
        {"value": "32 MiB and more", "real": 0, "ai": 1},
    ]


def test_a_summary_of_an_earlier_version_has_no_tables():
    assert from_summary({}) == {}
    assert from_summary({"dataset_checks": [{"code": "size_by_class", "details": {"read": ["width"]}}]}) == {}


def test_a_value_that_is_called_like_the_rest_is_not_taken_for_it():
    label = np.arange(20) % 2
    shown = dimensions(np.full(20, 640.0), np.full(20, 480.0), label)
    assert [row["value"] for row in shown] == ["640 x 480"]
    names = np.array(["12 others"] * 20, dtype=object)
    assert by_name(names, label) == [{"value": "12 others", "real": 10, "ai": 10}]
