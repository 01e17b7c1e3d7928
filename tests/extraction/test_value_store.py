"""The content store: what was added is found, half-written shards are not, and its names change with what matters."""

import math
from dataclasses import replace

import numpy as np
import pytest

import counting_groups
from cgid.extraction import value_store as module
from cgid.extraction.value_store import GroupStore, cache_names


@pytest.fixture
def store(tmp_path):
    return GroupStore("g-v1", ("g_a", "g_missing"), root=tmp_path)


def rows(start: int, count: int) -> tuple[list[str], np.ndarray, list[str]]:
    numbers = range(start, start + count)
    return [f"key{i}" for i in numbers], np.array([[i / 2, 0.0] for i in numbers]), [""] * count


def test_what_was_added_is_found_and_nothing_else(store):
    assert store.known({"key1"}) == set()
    store.add(*rows(0, 3))
    store.add(["bad"], np.array([[math.nan, 1.0]]), ["it failed"])
    assert store.known({"key1", "key2", "other"}) == {"key1", "key2"}
    columns, problems = store.columns_for(["bad", "key2", "key1", "key2"])
    assert math.isnan(columns["g_a"][0]) and list(columns["g_a"][1:]) == [1, 0.5, 1]
    assert problems == ["it failed", "", "", ""]
    assert store.read({"key1"}) == {"key1": ({"g_a": 0.5, "g_missing": 0.0}, "")}
    with pytest.raises(KeyError):
        store.columns_for(["other"])


def test_a_shard_being_written_is_not_read(store):
    store.add(*rows(0, 1))
    (store.folder / ".half.parquet.x1.part").write_bytes(b"PAR1 half of it")
    assert store.known({"key0", "key1"}) == {"key0"}


def test_many_shards_become_one_without_loss_also_after_a_kill(store, monkeypatch):
    monkeypatch.setattr(module, "MERGE_ABOVE", 3)
    for i in range(5):
        store.add(*rows(i, 1))
    before = {p: p.read_bytes() for p in store.folder.glob("*.parquet")}
    store.merge()
    assert len(list(store.folder.glob("*.parquet"))) == 1
    for path, data in before.items():  # killed before the small ones were deleted
        path.write_bytes(data)
    assert store.known({f"key{i}" for i in range(5)}) == {f"key{i}" for i in range(5)}
    store.merge()
    columns, _ = store.columns_for([f"key{i}" for i in range(5)])
    assert list(columns["g_a"]) == [0, 0.5, 1, 1.5, 2]


def test_names_change_with_version_variant_and_what_is_read():
    first = counting_groups.COUNT
    reader = replace(counting_groups.create_group("reader", counting_groups.count, "x"), after=("count",))
    names = cache_names({"count": first, "reader": reader})
    assert names["count"] == "count-v1" and names["reader"].startswith("reader-v1-")
    newer = cache_names({"count": replace(first, version=2), "reader": reader})
    assert newer["count"] == "count-v2" and newer["reader"] != names["reader"]
    other = cache_names({"count": replace(first, variant=lambda: "weights"), "reader": reader})
    assert other["count"] != names["count"] and other["reader"] not in (names["reader"], newer["reader"])
