"""Decide what becomes of the train / val / test names a manifest brings along."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cgid.data.partition import partition

# A group on several sides stays where models are judged, so that published test figures remain comparable.
_RANKS = {"test": 0, "val": 1, "train": 2, "": 3, "external": 4}


def keep_published(frame: pd.DataFrame, ratios: tuple[int, ...], seed: int, keep: bool) -> pd.DataFrame:
    """Copy of frame with `split` empty where a row is still to be dealt; what must go has `reason` `straddles`.

    frame: columns split, group, label, source, generator, reason, detail. `external` stays external; external rows of a
    group that is also elsewhere are dropped. keep=False: all other rows are dealt anew. keep=True: train, val and test
    stay; unnamed rows of a named group join it; a missing test is taken from val, a missing val from train, whole
    groups, by `ratios`.
    """
    frame = frame.copy()
    if not keep:
        frame.loc[frame["split"] != "external", "split"] = ""
    rank = frame["split"].map(_RANKS)
    best = rank.groupby(frame["group"]).transform("min")
    home = best.map({rank: name for name, rank in _RANKS.items()})
    joins = (frame["split"] == "") & (rank > best)
    frame.loc[joins, "split"] = home[joins]
    straddles = (frame["split"] != "") & (rank > best) & ~joins
    frame.loc[straddles, "reason"] = "straddles"
    frame.loc[straddles, "detail"] = "another image of its group is in " + home[straddles].replace(
        "", "train, val or test"
    )
    return _supply_missing(frame, ratios, seed) if keep else frame


def _supply_missing(frame: pd.DataFrame, ratios: tuple[int, ...], seed: int) -> pd.DataFrame:
    shares = dict(zip(("train", "val", "test"), ratios, strict=True))
    present = set(frame.loc[frame["reason"] == "", "split"])
    if "" in present:
        return frame  # rows to be dealt will fill what is missing
    missing = [part for part in ("val", "test") if part not in present and shares[part]]
    if not missing:
        return frame
    donor = "val" if missing == ["test"] and "val" in present else "train"
    parts = [donor, *missing]
    rows = frame[(frame["split"] == donor) & (frame["reason"] == "")]
    if len(rows):
        stratum = rows["source"] + "\0" + rows["generator"]
        dealt = partition(rows["group"], rows["label"], stratum, [max(shares[p], 1) for p in parts], seed)
        frame.loc[rows.index, "split"] = np.array(parts)[dealt]
    return frame
