"""Near-duplicates: exact, and never quadratic."""

import time

import numpy as np
import pytest

from cgid.data import near_duplicates
from cgid.data.near_duplicates import components, group_hashes


def by_all_pairs(hashes):
    near = np.bitwise_count(hashes[:, None] ^ hashes[None, :]) <= 5
    return components(len(hashes), *np.nonzero(near))


def same_partition(a, b):
    return len(set(zip(a, b))) == len(set(a)) == len(set(b))


def families(rng, bases, count, most_flips=8):
    hashes = rng.integers(0, 2**64, bases, dtype=np.uint64)[rng.integers(0, bases, count)]
    for i in range(count):
        for bit in rng.choice(64, rng.integers(0, most_flips), replace=False):
            hashes[i] ^= np.uint64(1) << np.uint64(bit)
    return hashes


@pytest.mark.parametrize("seed", range(5))
def test_finds_exactly_what_comparing_all_pairs_finds(seed):
    hashes = families(np.random.default_rng(seed), 120, 900)
    assert same_partition(group_hashes(hashes), by_all_pairs(hashes))


@pytest.mark.parametrize("bucket", [4, 64])
def test_large_buckets_are_cut_and_stay_exact(monkeypatch, bucket):
    monkeypatch.setattr(near_duplicates, "_BUCKET", bucket)
    rng = np.random.default_rng(7)
    # All agree in one band, as pictures of one kind do.
    skewed = families(rng, 60, 600) & ~np.uint64(sum(1 << b for b in range(0, 64, 3)))
    for hashes in (skewed, families(rng, 1, 500), families(rng, 40, 500)):
        assert same_partition(group_hashes(hashes), by_all_pairs(hashes))


def test_distance_five_joins_and_six_does_not():
    assert group_hashes(np.array([0, 0b11111], np.uint64)).tolist() == [0, 0]
    assert len(set(group_hashes(np.array([0, 0b111111], np.uint64)))) == 2
    assert group_hashes(np.array([], np.uint64)).tolist() == []


def test_a_hundred_thousand_hashes_take_seconds():
    rng = np.random.default_rng(0)
    hashes = np.r_[rng.integers(0, 2**64, 90_000, dtype=np.uint64), np.zeros(10_000, np.uint64)]
    started = time.monotonic()
    groups = group_hashes(hashes)
    assert time.monotonic() - started < 15
    assert len(set(groups[90_000:])) == 1 and len(set(groups)) > 89_000
