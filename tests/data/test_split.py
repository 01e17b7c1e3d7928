"""Splitting: no group on two sides, both classes everywhere, the same result whatever the order of rows."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cgid.data.manifest import read_manifest, write_manifest
from cgid.data.params import SplitParams
from cgid.data.partition import assign_splits
from cgid.data.split import calibration_rows, split, split_frame
from cgid.errors import InputError


def frame_of(groups, labels, **columns):
    n = len(groups)
    base = {
        "filepath": [f"/x/{i}.png" for i in range(n)],
        "path": [f"/x/{i}.png" for i in range(n)],
        "sha256": [f"{i:064x}" for i in range(n)],
        "label": labels,
        "group": groups,
        "source": "s",
        "generator": "",
        "split": "",
    }
    return pd.DataFrame(base | columns)


def params(tmp_path="", **changes):
    return SplitParams(manifest=f"{tmp_path}M.csv", output_dir=tmp_path, **changes)


def demo_like(seed=0, n=800, groups=15):
    """Few groups of unequal size, each with both classes, as in the demo sets."""
    rng = np.random.default_rng(seed)
    share = np.arange(1, groups + 1) / sum(range(1, groups + 1))
    return frame_of(rng.choice([f"photo{i}" for i in range(groups)], n, p=share), rng.choice(["real", "ai"], n))


def counts(kept):
    return kept.groupby(["split", "label"]).size().to_dict()


def test_few_unequal_groups_come_near_the_ratios_and_stay_whole():
    kept = split_frame(demo_like(), params()).selected
    assert kept.groupby("group")["split"].nunique().max() == 1
    share = kept["split"].value_counts(normalize=True)
    assert abs(share["train"] - 0.7) < 0.03 and abs(share["val"] - 0.15) < 0.03 and abs(share["test"] - 0.15) < 0.03
    assert all(counts(kept)[part, label] > 40 for part in ("train", "val", "test") for label in ("real", "ai"))


def test_single_images_are_dealt_in_exact_proportion_per_source():
    n = 2000
    rng = np.random.default_rng(3)
    table = frame_of([""] * n, np.repeat(["real", "ai"], n // 2), source=rng.choice(["a", "b", "c"], n))
    kept = split_frame(table, params()).selected
    assert counts(kept) == {(p, c): n for c in ("real", "ai") for p, n in (("train", 700), ("val", 150), ("test", 150))}
    assert (kept.groupby("source")["split"].value_counts(normalize=True).unstack()["train"] - 0.7).abs().max() < 0.01


def test_order_of_rows_does_not_matter_and_the_seed_does():
    table = demo_like()
    one = split_frame(table, params()).selected.set_index("sha256")["split"]
    mixed = split_frame(table.sample(frac=1, random_state=5), params()).selected.set_index("sha256")["split"]
    assert one.equals(mixed)
    other = split_frame(table, params(seed=7)).selected.set_index("sha256")["split"]
    assert not one.equals(other)


def test_three_pure_groups_of_each_class_fill_three_parts():
    table = frame_of(list("aabbccddeeff"), ["real"] * 6 + ["ai"] * 6)
    assert set(counts(split_frame(table, params()).selected).values()) == {2}


def test_groups_too_few_for_three_parts_are_one_sentence():
    table = frame_of(list("aabbcdef"), ["real"] * 4 + ["ai"] * 4)
    with pytest.raises(InputError, match=r"M\.csv: the images labelled `real` form only 2 group") as caught:
        split_frame(table, params())
    assert "\n" not in str(caught.value)
    assert set(split_frame(table, params(ratios=(50, 0, 50))).selected["split"]) == {"train", "test"}


@pytest.mark.parametrize("ratios", [(70, 30), (0, 50, 50), (70, -15, 45), (1, 2, 3, 4)])
def test_bad_ratios_are_told(ratios):
    with pytest.raises(InputError, match="give three numbers"):
        split_frame(demo_like(), params(ratios=ratios))


def test_one_class_only_is_told():
    with pytest.raises(InputError, match="no image with the label `ai`"):
        split_frame(frame_of(list("abc"), ["real"] * 3), params())


def test_caps_and_balance_list_what_they_cut():
    table = frame_of([""] * 400, ["real"] * 300 + ["ai"] * 100)
    cut = split_frame(table, params(max_per_class=120, balance=True))
    assert counts(cut.selected) == {
        (p, c): n for c in ("real", "ai") for p, n in (("train", 70), ("val", 15), ("test", 15))
    }
    assert cut.dropped["reason"].value_counts().to_dict() == {"balance": 110, "max_per_class": 90}
    assert len(cut.selected) + len(cut.dropped) == 400
    with pytest.raises(InputError, match="max-per-class"):
        split_frame(table, params(max_per_class=0))


def test_published_splits_are_kept_on_request_and_straddling_groups_leave_training():
    groups = [f"g{i}" for i in range(60)]
    groups[40] = groups[0]
    table = frame_of(groups, ["real", "ai"] * 30, split=["train"] * 40 + ["val"] * 10 + ["test"] * 10)
    cut = split_frame(table, params(keep_splits=True))
    assert cut.dropped["filepath"].tolist() == ["/x/0.png"] and cut.dropped["reason"].tolist() == ["straddles"]
    assert cut.selected["split"].value_counts().to_dict() == {"train": 39, "val": 10, "test": 10}
    dealt = split_frame(table, params()).selected
    assert len(dealt) == 60 and dealt["split"].value_counts()["train"] == 42


def test_a_missing_test_set_is_taken_from_validation():
    table = frame_of([""] * 100, ["real", "ai"] * 50, split=["train"] * 60 + ["val"] * 40)
    kept = split_frame(table, params(keep_splits=True)).selected
    assert kept["split"].value_counts().to_dict() == {"train": 60, "val": 20, "test": 20}


def test_external_rows_stay_external_and_lose_groups_seen_elsewhere():
    table = frame_of([""] * 58 + ["x", "x"], ["real", "ai"] * 30, split=[""] * 50 + ["external"] * 9 + [""])
    cut = split_frame(table, params())
    assert (cut.selected["split"] == "external").sum() == 8 and cut.dropped["filepath"].tolist() == ["/x/58.png"]


def test_files_and_summary(tmp_path):
    write_manifest(demo_like().assign(format="PNG", width=64, height=64), tmp_path / "M.csv")
    (tmp_path / "dropped.csv").write_text("filepath,label,reason,detail\nb.jpg,ai,unreadable,empty\n")
    result = split(SplitParams(tmp_path / "M.csv", tmp_path / "out", max_per_class=200))
    parts = {p: read_manifest(tmp_path / "out" / f"{p}.csv") for p in ("train", "val", "test")}
    whole = read_manifest(tmp_path / "out" / "split.csv")
    assert sum(map(len, parts.values())) == len(whole) == result["rows"]
    assert all(set(rows["split"]) == {part} for part, rows in parts.items())
    summary = json.loads((tmp_path / "out" / "dataset_summary.json").read_text())
    assert summary["dropped"]["by_cleaning"] == {"unreadable": 1}
    assert sum(summary["dropped"]["by_splitting"].values()) == 800 - len(whole)
    assert summary["by_split"]["train"]["by_label"]["ai"]["size"] == {"64x64": 200}
    assert summary["seed"] == 2026 and summary["max_per_class"] == 200 and "train 400" in summary["summary"]


def test_calibration_rows_are_half_by_whole_groups_with_both_classes():
    table = demo_like(seed=2, n=150, groups=6)
    chosen = calibration_rows(table)
    assert pd.Series(chosen).groupby(table["group"]).nunique().max() == 1
    for half in (chosen, ~chosen):
        assert set(table.loc[half, "label"]) == {"real", "ai"} and 0.3 < half.mean() < 0.7
    order = np.random.default_rng(1).permutation(len(table))
    assert (calibration_rows(table.iloc[order]) == chosen[order]).all()
    as_numbers = table.assign(label=(table["label"] == "ai").astype(int))
    assert (calibration_rows(as_numbers) == chosen).all()
    assert abs(calibration_rows(table.drop(columns="group")).mean() - 0.5) < 0.02
    assert calibration_rows(table.iloc[:0]).tolist() == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=60), st.integers(0, 5))
def test_any_rows_are_dealt_whole_and_a_class_with_enough_groups_of_its_own_is_everywhere(rows, seed):
    group = pd.Series([str(g) for g, _ in rows])
    label = pd.Series(["ai" if ai else "real" for _, ai in rows])
    parts = pd.Series(assign_splits(group, label, pd.Series("", index=group.index), [70, 15, 15], seed))
    assert parts.groupby(group).nunique().max() == 1 and parts.between(0, 2).all()
    both = group.groupby(group).transform(lambda g: label[g.index].nunique()) == 2
    if group[both].nunique() >= 3:
        assert pd.crosstab(parts, label).gt(0).all(axis=None) and parts.nunique() == 3
