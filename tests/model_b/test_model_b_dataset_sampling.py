"""The draw of a Model B data set: what the flags ask for holds for what is drawn, whatever the manifests are like."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cgid.errors import InputError
from cgid.model_b.dataset import read_manifests, sample, sample_with_overlap, usable_rows
from cgid.model_b.params import BuildModelBDatasetParams


def params(**flags) -> BuildModelBDatasetParams:
    return BuildModelBDatasetParams((), Path("out"), **flags)


def listed(counts: dict[tuple[str, str], int], split: str = "train", each: int = 1) -> pd.DataFrame:
    """Rows as `pool` gives them. counts: {(label, extension): images}; groups of `each` images, shared by the classes."""
    rows = [
        {"path": f"/x/{label}{i}.{extension}", "label": label, "extension": extension, "split": split, "group": f"g{i // each}",
         "content": f"{label}-{extension}-{i}"}
        for (label, extension), count in counts.items() for i in range(count)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def extensions(drawn: pd.DataFrame) -> dict[str, set]:
    return drawn.groupby("label")["extension"].agg(set).to_dict()


sizes = st.dictionaries(
    st.tuples(st.sampled_from(["real", "ai"]), st.sampled_from(["jpg", "png", "webp", ""])),
    st.integers(1, 30),
    min_size=2,
).filter(lambda counts: {label for label, _ in counts} == {"real", "ai"})


@given(sizes, st.integers(1, 40), st.integers(0, 99), st.integers(1, 5), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_as_many_as_asked_for_the_same_in_any_order_and_at_most_one_group_cut(counts, per_class, seed, each, random):
    rows = listed(counts, each=each)
    drawn = sample(rows, per_class, seed)
    for label, part in rows.groupby("label"):
        mine = drawn[drawn["label"] == label]
        assert len(mine) == min(per_class, len(part))
        whole, taken = part.groupby("group").size(), mine.groupby("group").size()
        assert (taken < whole[taken.index]).sum() <= 1
    order = list(range(len(rows)))
    random.shuffle(order)
    again = sample(rows.iloc[order].reset_index(drop=True), per_class, seed)
    assert set(again["content"]) == set(drawn["content"])


@given(sizes, st.integers(1, 40), st.integers(0, 99), st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_what_the_flags_ask_for_holds_for_the_draw_or_is_refused_by_name(counts, per_class, seed, fewest):
    asked = params(
        per_class=per_class, seed=seed, require_extension_overlap=True, min_unique_extensions_per_class=fewest
    )
    rows = listed(counts)
    try:
        drawn, left_out = sample_with_overlap(rows, asked)
    except InputError as error:
        assert str(error).endswith("or take another --seed.")
        return
    found = extensions(drawn)
    assert found["real"] == found["ai"] and len(found["real"]) >= fewest
    assert 0 <= left_out < len(rows)


def test_a_rare_extension_that_one_class_would_not_draw_is_left_out_and_counted():
    rows = listed({("real", "jpg"): 40, ("real", "png"): 40, ("ai", "jpg"): 200, ("ai", "png"): 1})
    found = []
    for seed in range(20):
        drawn, left_out = sample_with_overlap(rows, params(per_class=5, seed=seed, require_extension_overlap=True))
        found.append((extensions(drawn), left_out))
    assert ({"real": {"jpg"}, "ai": {"jpg"}}, 41) in found
    plain, none = sample_with_overlap(rows, params(per_class=5))
    assert none == 0 and len(plain) == 10


def test_extensions_that_are_there_but_not_drawn_are_not_counted_as_if_they_were():
    rows = listed({("real", "jpg"): 90, ("real", "png"): 90, ("ai", "jpg"): 90, ("ai", "png"): 90})
    drawn, _ = sample_with_overlap(rows, params(per_class=40, min_unique_extensions_per_class=2))
    assert extensions(drawn) == {"real": {"jpg", "png"}, "ai": {"jpg", "png"}}
    with pytest.raises(
        InputError, match=r"The 1 real images drawn have 1 file extensions \((jpg|png)\).*raise --per-class"
    ):
        sample_with_overlap(rows, params(per_class=1, min_unique_extensions_per_class=2))


def test_files_without_an_extension_are_named_so(tmp_path):
    for name in ("a", "b.jpg"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "m.csv").write_text("filepath,label\na,ai\nb.jpg,real\n")
    rows = read_manifests((tmp_path / "m.csv",))
    with pytest.raises(InputError, match="Real images are jpg, AI images without an extension"):
        usable_rows(rows, params(require_extension_overlap=True))


def test_splits_keep_their_share_in_both_classes():
    counts = {("real", "jpg"): 60, ("ai", "jpg"): 60}
    rows = pd.concat([listed(counts, split) for split in ("train", "train2", "test")], ignore_index=True)
    rows["content"] += rows["split"]
    drawn = sample(rows, 30, 1)
    assert drawn.groupby(["label", "split"]).size().to_dict() == {
        (label, split): 10 for label in ("real", "ai") for split in ("train", "train2", "test")
    }
