"""Does a picture in one split look like one in another? The pairs, to be looked at."""

from itertools import combinations

import numpy as np
import pandas as pd

from cgid.evaluate.check import Audited, Check, Outcome

SHOWN = 40
LARGEST = 60  # images of one cluster that are compared: those of a burst of thousands all say the same


class NearDuplicatesAcrossSplits(Check):
    code = "near_duplicates_across_splits"
    title = "Near-duplicates across splits"
    remedy = "Split again by group (`cgid data clean`, then `cgid data split`)."

    def run(self, audited: Audited) -> Outcome:
        """Clusters of pictures joined by 5 of 64 bits or less (pHash) that are torn between splits, one pair of each."""
        cluster = audited.text("near_duplicate_group")
        if cluster is None and audited.text("phash") is None:
            return Outcome("not_applicable", "The table does not know what the pictures look like (`--manifest`).")
        if cluster is None:
            return Outcome("passed", "No two pictures look alike.", {"pairs": [], "clusters": 0})
        split = audited.text("split")
        split = np.full(len(cluster), "") if split is None else split
        mixed, pairs = 0, []
        for rows in pd.Series(np.arange(len(cluster))).groupby(cluster):
            members = rows[1].to_numpy()
            if not rows[0] or len(members) < 2:
                continue
            mixed += len(set(audited.label[members])) > 1
            if len({s for s in split[members] if s}) > 1:
                pairs.append(_closest(audited, members, split))
        pairs.sort(key=lambda p: (64 if p["distance"] is None else p["distance"], p["first"]))
        details = {"clusters": len(pairs), "both_classes": mixed, "pairs": pairs[:SHOWN]}
        # an edited or generated version of a photograph may well look like it: said, not judged
        both = f" Clusters in which a real photo and an AI image look alike: {mixed}." if mixed else ""
        if pairs:
            verb = "cluster of look-alikes lies" if len(pairs) == 1 else "clusters of look-alikes lie"
            return Outcome("issue", f"{len(pairs)} {verb} in more than one split.{both}", details)
        return Outcome("passed", f"No two pictures of different splits look alike.{both}", details)


def _closest(audited: Audited, members: np.ndarray, split: np.ndarray) -> dict:
    """The two most alike of a cluster that differ in split. distance: bits of 64; None = unknown."""
    hashes, names = audited.text("phash"), _names(audited)
    members = _some(members, split)
    best = None
    for i, j in combinations(members, 2):
        if not split[i] or not split[j] or split[i] == split[j]:
            continue
        distance = None if hashes is None else _bits(hashes[i], hashes[j])
        rank = 64 if distance is None else distance
        if best is None or rank < best[0]:
            best = (rank, int(i), int(j), distance)
    _, i, j, distance = best
    pair = {"distance": distance}
    for side, row in (("first", i), ("second", j)):
        pair |= {
            side: names[row],
            f"{side}_split": str(split[row]),
            f"{side}_label": ("real", "ai")[audited.label[row]],
        }
    return pair


def _some(members: np.ndarray, split: np.ndarray) -> np.ndarray:
    """At most LARGEST, in turns from every split, so that none is left out."""
    kinds = pd.Series(split[members])
    return members[np.argsort(kinds.groupby(kinds).cumcount().to_numpy(), kind="stable")[:LARGEST]]


def _bits(first: str, second: str) -> int | None:
    try:
        return (int(first, 16) ^ int(second, 16)).bit_count()
    except ValueError:
        return None


def _names(audited: Audited) -> np.ndarray:
    for column in ("filepath", "filename", "record_id"):
        found = audited.text(column)
        if found is not None:
            return found
    return np.array([f"row {i + 1}" for i in range(len(audited.label))], dtype=object)


CHECK = NearDuplicatesAcrossSplits()
