"""Name what belongs together: pictures that look alike, copies, and what the manifest itself groups."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cgid.data.near_duplicates import components, group_hashes


def assign_groups(frame: pd.DataFrame) -> tuple[list[str], list[str]]:
    """(`group`, `near_duplicate_group`) of each row of a probed manifest; "" where the file is not readable.

    frame: columns sha256, phash ("" = too flat to be told apart) and, if the manifest has one, group.
    Names are the same for any order of the rows: the manifest's own name (the first one in the alphabet where several
    are united), else `nd-` and the smallest content hash inside. `near_duplicate_group` is "" for a picture that looks
    like no other one of another content.
    """
    sha256, n = frame["sha256"].to_numpy(str), len(frame)
    hashed = np.flatnonzero(frame["phash"].to_numpy(str) != "")
    looks = np.arange(n)
    if len(hashed):
        values = np.array([int(h, 16) for h in frame["phash"].to_numpy(str)[hashed]], np.uint64)
        looks[hashed] = n + group_hashes(values)
    alike = _joined(n, looks, _codes(sha256))
    given = frame["group"].to_numpy(str) if "group" in frame else np.full(n, "")
    united = _joined(n, alike, _codes(given))
    return _names(united, sha256, given), _names_of_several(alike, sha256)


def _codes(values: np.ndarray) -> np.ndarray:
    """Integers that are equal where the texts are; -1 for ""."""
    codes, _ = pd.factorize(values)
    return np.where(values == "", -1, codes)


def _joined(n: int, *keys: np.ndarray) -> np.ndarray:
    """Component of each row when rows with an equal key (of the same kind, not -1) belong together."""
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


def _names_of_several(labels: np.ndarray, sha256: np.ndarray) -> list[str]:
    table = pd.DataFrame({"label": labels, "sha256": sha256})
    groups = table[table["sha256"] != ""].groupby("label")["sha256"]
    names = ("nd-" + groups.min().str[:16])[groups.nunique() > 1].to_dict()
    return [names.get(label, "") if sha else "" for label, sha in zip(labels, sha256, strict=True)]
