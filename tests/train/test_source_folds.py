"""Which sources are left out together: whatever the manifests hold, nothing left out is learnt from."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cgid.errors import InputError
from cgid.train.source_folds import held_out_sources, leave_out_folds


def rows_of(*sources: tuple[str, int, int]) -> pd.DataFrame:
    """(source, real, ai): every image a group of its own."""
    rows = [(s, label, f"{s}{label}{i}") for s, *counts in sources for label, n in zip(("real", "ai"), counts) for i in range(n)]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["source", "label", "group"])
    return frame.assign(filepath=frame["group"], path=frame["group"], sha256=frame["group"], generator="", split="")


def made(counts: list[tuple[int, int]], joined: list[tuple[int, int]]) -> pd.DataFrame:
    """Sources s0, s1, … with so many real and AI images; pairs of rows share a group."""
    frame = rows_of(*((f"s{i}", *pair) for i, pair in enumerate(counts)))
    for a, b in joined:
        if len(frame):
            frame.loc[b % len(frame), "group"] = frame.loc[a % len(frame), "group"]
    return frame


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(any), min_size=2, max_size=5),
    st.lists(st.tuples(st.integers(0, 80), st.integers(0, 80)), max_size=6),
)
def test_whatever_the_sources_nothing_left_out_is_learnt_and_every_source_has_its_turn(counts, joined):
    frame = made(counts, joined)
    try:
        folds, problems = leave_out_folds(frame, 1)
    except InputError as error:
        assert "\n" not in str(error)
        return
    for fold in folds:
        assert set(fold.left_out["source"]) == set(fold.sources)
        for column in ("source", "group", "path"):
            assert not set(fold.rest[column]) & set(fold.left_out[column])
        assert len(fold.rest) + len(fold.left_out) + fold.related == len(frame)
        assert not set(fold.rest.loc[fold.rest["split"] == "train", "group"]) & set(
            fold.rest.loc[fold.rest["split"] != "train", "group"]
        )
    turns = {source for fold in folds for source in fold.sources}
    assert turns | {source for source in set(frame["source"]) if any(source in p for p in problems)} == set(
        frame["source"]
    )
    assert len({fold.name.lower() for fold in folds}) == len(folds)


@pytest.mark.parametrize(
    ("sources", "together"),
    [
        ([("a", 5, 5), ("b", 9, 9)], [("b",), ("a",)]),
        ([("r", 5, 0), ("q", 6, 0), ("x", 0, 3), ("y", 0, 4), ("z", 0, 4)], [("q", "y"), ("r", "z"), ("q", "x")]),
        ([("a", 5, 5), ("r", 5, 0), ("x", 0, 3)], [("a",), ("r", "x")]),
        ([("a", 5, 5), ("b", 5, 5), ("x", 0, 3)], [("a",), ("b",), ("x",)]),
    ],
    ids=["both classes", "pairs, the shorter list again", "mixed", "no partner"],
)
def test_which_sources_are_left_out_together(sources, together):
    assert held_out_sources(rows_of(*sources)) == together


def test_what_cannot_be_left_out_is_said_and_the_rest_is_done():
    folds, problems = leave_out_folds(rows_of(("a", 20, 20), ("b", 20, 20), ("r", 20, 0)).replace({"b": "a"}), 1)
    assert [fold.title for fold in folds] == ["r"]
    assert problems == ["a cannot be left out: no `ai` image would be left to train on; add another source of that class."]  # fmt: skip
