"""Near-duplicates by perceptual hash, so that splits do not overlap; sub-quadratic.

Multi-index hashing (Norouzi, Punjani and Fleet, "Fast Exact Search in Hamming Space with Multi-Index Hashing", 2014):
two hashes that differ in at most five of 64 bits differ in at most one bit of one of three bands.
Groups join near-duplicates, copies and the groups of the manifest.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

RADIUS = 5
_BITS = 64
_BANDS = RADIUS // 2 + 1
# A bucket above this size is divided by the bits outside its band before its members are compared one by one.
_BUCKET = 1024
_ROWS = 512


def components(n: int, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """int (n,): number of the connected component of each of n nodes joined by the pairs (left, right)."""
    edges = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(n, n))
    return connected_components(edges, directed=False)[1]


def group_hashes(hashes: np.ndarray) -> np.ndarray:
    """int (n,): group number of each hash; connected by Hamming distance <= 5.

    hashes: uint64 (n,), e.g. pHashes of images that are not flat. Exact: no near pair is missed.
    """
    unique, inverse = np.unique(np.asarray(hashes, np.uint64), return_inverse=True)
    labels = np.arange(len(unique))
    if len(unique) > 1:
        labels = _join(unique, np.arange(len(unique)), tuple(range(_BITS)), labels, cut=True)
    return labels[inverse]


def _join(unique: np.ndarray, members: np.ndarray, bits: tuple[int, ...], labels: np.ndarray, cut: bool) -> np.ndarray:
    """Join the near hashes among `members`, found by bands of `bits`. Returns the new labels of all hashes."""
    for band in (bits[start::_BANDS] for start in range(_BANDS)):
        free = tuple(bit for bit in bits if bit not in band)
        for spared in band:
            mask = np.uint64(sum(1 << bit for bit in band if bit != spared))
            labels = _join_equal(unique, members, mask, free if cut else (), labels)
    return labels


def _join_equal(
    unique: np.ndarray, members: np.ndarray, mask: np.uint64, free: tuple[int, ...], labels: np.ndarray
) -> np.ndarray:
    """Compare the members whose bits under `mask` are equal; a large bucket is divided by the bits `free`."""
    keys = unique[members] & mask
    order = np.argsort(keys, kind="stable")
    keys, members = keys[order], members[order]
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
    sizes = np.diff(np.r_[starts, len(keys)])
    small = np.repeat(sizes <= _BUCKET, sizes)
    labels = _unite(labels, *_near_in_runs(unique, members[small], keys[small]))
    for start, size in zip(starts[sizes > _BUCKET], sizes[sizes > _BUCKET], strict=True):
        bucket = members[start : start + size]
        if (labels[bucket] == labels[bucket[0]]).all():
            continue  # already one group: a dense cluster is compared once, not once per mask
        labels = _join(unique, bucket, free, labels, cut=False) if free else _join_by_rows(unique, bucket, labels)
    return labels


def _near_in_runs(unique: np.ndarray, members: np.ndarray, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Near pairs within runs of equal keys (sorted): each member against the next, the one after, and so on."""
    left, right = [], []
    first = np.arange(len(keys))
    step = 0
    while len(first):
        step += 1
        first = first[first + step < len(keys)]
        first = first[keys[first] == keys[first + step]]
        a, b = members[first], members[first + step]
        near = np.bitwise_count(unique[a] ^ unique[b]) <= RADIUS
        left.append(a[near])
        right.append(b[near])
    return np.concatenate(left or [members[:0]]), np.concatenate(right or [members[:0]])


def _join_by_rows(unique: np.ndarray, bucket: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Compare all pairs in blocks of rows: the fallback for hashes that agree in most bits."""
    for start in range(0, len(bucket), _ROWS):
        rows = bucket[start : start + _ROWS]
        near = np.bitwise_count(unique[rows][:, None] ^ unique[bucket][None, :]) <= RADIUS
        i, j = np.nonzero(near)
        labels = _unite(labels, rows[i], bucket[j])
        if (labels[bucket] == labels[bucket[0]]).all():
            break
    return labels


def _unite(labels: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Labels after the pairs (left, right) have been joined."""
    a, b = labels[left], labels[right]
    separate = a != b
    if not separate.any():
        return labels
    return components(len(labels), a[separate], b[separate])[labels]


def assign_groups(frame: pd.DataFrame) -> tuple[list[str], list[str]]:
    """(`group`, `near_duplicate_group`) of each row of a probed manifest; "" where the file is not readable.

    frame: columns sha256, phash ("" = too flat to be distinguished) and, if the manifest has one, group.
    Names do not depend on the order of rows: the manifest's own name (the alphabetically first where several are
    joined), else `nd-` and the smallest content hash inside. `near_duplicate_group` is "" for an image without a
    near-duplicate of other content.
    """
    sha256, n = frame["sha256"].to_numpy(str), len(frame)
    hashed = np.flatnonzero(frame["phash"].to_numpy(str) != "")
    hash_groups = np.arange(n)
    if len(hashed):
        values = np.array([int(h, 16) for h in frame["phash"].to_numpy(str)[hashed]], np.uint64)
        hash_groups[hashed] = n + group_hashes(values)
    near = _joined(n, hash_groups, _codes(sha256))
    given = frame["group"].to_numpy(str) if "group" in frame else np.full(n, "")
    united = _joined(n, near, _codes(given))
    return _names(united, sha256, given), _near_duplicate_names(near, sha256)


def _codes(values: np.ndarray) -> np.ndarray:
    """Integer codes of the texts; -1 for ""."""
    codes, _ = pd.factorize(values)
    return np.where(values == "", -1, codes)


def _joined(n: int, *keys: np.ndarray) -> np.ndarray:
    """Component of each row when rows with an equal key (of the same kind, not -1) are connected."""
    left, right = [], []
    for key in keys:
        rows = np.flatnonzero(key != -1)
        order = rows[np.argsort(key[rows], kind="stable")]
        same = key[order[1:]] == key[order[:-1]]
        left.append(order[:-1][same])
        right.append(order[1:][same])
    return components(n, np.concatenate(left), np.concatenate(right))


def _names(labels: np.ndarray, sha256: np.ndarray, given: np.ndarray) -> list[str]:
    table = pd.DataFrame({"label": labels, "sha256": sha256, "given": given})
    content = table[table["sha256"] != ""].groupby("label")["sha256"].min()
    own = table[table["given"] != ""].groupby("label")["given"].min()
    names = ("nd-" + content.str[:16]).to_dict() | own.to_dict()
    return [names.get(label, "") if sha else "" for label, sha in zip(labels, sha256, strict=True)]


def _near_duplicate_names(labels: np.ndarray, sha256: np.ndarray) -> list[str]:
    table = pd.DataFrame({"label": labels, "sha256": sha256})
    groups = table[table["sha256"] != ""].groupby("label")["sha256"]
    names = ("nd-" + groups.min().str[:16])[groups.nunique() > 1].to_dict()
    return [names.get(label, "") if sha else "" for label, sha in zip(labels, sha256, strict=True)]
