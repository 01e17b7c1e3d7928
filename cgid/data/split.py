"""Split a cleaned manifest into train, validation and test by group, so that the splits do not overlap.

Splits named in the manifest can be retained.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cgid.artifacts import SPLIT_MANIFEST
from cgid.data.manifest import LABELS, read_manifest, write_manifest
from cgid.data.params import SplitParams
from cgid.data.partition import assign_splits, order_by_hash
from cgid.data.summary import write_summary
from cgid.errors import InputError
from cgid.progress import Progress, silent

# A group that spans splits stays in the one used for evaluation, so that published test metrics remain comparable.
_RANKS = {"test": 0, "val": 1, "train": 2, "": 3, "external": 4}


def keep_published(frame: pd.DataFrame, ratios: tuple[int, ...], seed: int, keep: bool) -> pd.DataFrame:
    """Copy of frame with `split` empty where a row is still to be assigned; excluded rows have `reason` `straddles`.

    frame: columns split, group, label, source, generator, reason, detail. `external` stays external; external rows of a
    group that is also in another split are dropped. keep=False: all other rows are reassigned. keep=True: train, val and
    test are retained; unnamed rows of a named group join it; a missing test is taken from val, a missing val from train, whole
    groups, by `ratios`.
    """
    frame = frame.copy()
    if not keep:
        frame.loc[frame["split"] != "external", "split"] = ""
    rank = frame["split"].map(_RANKS)
    best = rank.groupby(frame["group"]).transform("min")
    best_split = best.map({rank: name for name, rank in _RANKS.items()})
    joins = (frame["split"] == "") & (rank > best)
    frame.loc[joins, "split"] = best_split[joins]
    straddles = (frame["split"] != "") & (rank > best) & ~joins
    frame.loc[straddles, "reason"] = "straddles"
    frame.loc[straddles, "detail"] = "another image of its group is in " + best_split[straddles].replace(
        "", "train, val or test"
    )
    return _supply_missing(frame, ratios, seed) if keep else frame


def _supply_missing(frame: pd.DataFrame, ratios: tuple[int, ...], seed: int) -> pd.DataFrame:
    shares = dict(zip(("train", "val", "test"), ratios, strict=True))
    present = set(frame.loc[frame["reason"] == "", "split"])
    if "" in present:
        return frame  # rows to be assigned will fill missing splits
    missing = [part for part in ("val", "test") if part not in present and shares[part]]
    if not missing:
        return frame
    donor = "val" if missing == ["test"] and "val" in present else "train"
    parts = [donor, *missing]
    rows = frame[(frame["split"] == donor) & (frame["reason"] == "")]
    if len(rows):
        stratum = rows["source"] + "\0" + rows["generator"]
        assigned = assign_splits(rows["group"], rows["label"], stratum, [max(shares[p], 1) for p in parts], seed)
        frame.loc[rows.index, "split"] = np.array(parts)[assigned]
    return frame


SPLITS = ("train", "val", "test")
SPLIT_DROPPED_FILE = "split_dropped.csv"
_CALIBRATION_SEED = 2026


@dataclass(frozen=True, slots=True)
class SplitResult:
    """selected: rows with `split`, in a fixed order. dropped: excluded rows, with `reason` and `detail`."""

    selected: pd.DataFrame
    dropped: pd.DataFrame


def split(params: SplitParams, progress: Progress = silent) -> dict:
    """Write train.csv, val.csv, test.csv (external.csv where the manifest names external rows), split.csv (all
    selected rows), split_dropped.csv (excluded rows, with the reason) and dataset_summary.json.

    Raises InputError where the manifest or the ratios are invalid, or the groups cannot fill the splits.
    """
    frame = read_manifest(params.manifest)
    progress(0, len(frame), "assigning groups to splits")
    result = split_frame(frame, params)
    folder = params.output_dir
    for part in (*SPLITS, "external"):
        rows = result.selected[result.selected["split"] == part]
        if part in SPLITS or len(rows):
            write_manifest(rows, folder / f"{part}.csv")
        else:
            (folder / "external.csv").unlink(missing_ok=True)
    write_manifest(result.dropped, folder / SPLIT_DROPPED_FILE)
    write_manifest(result.selected, folder / SPLIT_MANIFEST)
    summary = write_summary(result.selected, result.dropped, params)
    progress(len(frame), len(frame), "manifests written")
    return summary


def split_frame(frame: pd.DataFrame, params: SplitParams) -> SplitResult:
    """The split of a frame, without files. frame: of `read_manifest`."""
    name = params.manifest
    ratios = _ratios(params.ratios)
    if params.max_per_class is not None and params.max_per_class < 1:
        raise InputError(f"max-per-class `{params.max_per_class}`: give a number of images above 0, or leave it out.")
    _require_both_classes(frame, str(name))
    frame = frame.assign(group=group_of(frame), reason="", detail="")
    frame = frame.iloc[np.lexsort((frame["path"], content_of(frame)))].reset_index(drop=True)
    frame = keep_published(frame, ratios, params.seed, params.keep_splits)
    here = frame["reason"] == ""
    inside = frame[here & (frame["split"] != "external")]
    fixed = inside["split"].map({part: i for i, part in enumerate(SPLITS)}).fillna(-1).astype(int)
    stratum = inside["source"] + "\0" + inside["generator"]
    parts = assign_splits(inside["group"], inside["label"], stratum, list(ratios), params.seed, fixed)
    frame.loc[inside.index, "split"] = np.array(SPLITS)[parts]
    _require_every_split(frame.loc[inside.index], ratios, str(name))
    frame = _cap(frame, params)
    dropped = frame["reason"] != ""
    return SplitResult(frame[~dropped].drop(columns=["reason", "detail"]), frame[dropped])


def calibration_rows(frame: pd.DataFrame) -> np.ndarray:
    """bool (rows,): the rows of a validation frame that are reserved for calibration and thresholds.

    Whole groups, about half of each class; the others are used for epoch selection. Both halves have both classes
    wherever the groups allow it. Depends only on the names of the groups and the labels. Without a column `group` the
    row's sha256, else its filepath, is its group. frame: column `label` (real / ai, or 0 / 1).
    """
    if not len(frame):
        return np.zeros(0, bool)
    label = frame["label"].astype(str).replace({str(n): word for word, n in LABELS.items()})
    group = pd.Series(group_of(frame), index=frame.index)
    no_stratum = pd.Series("", index=frame.index)
    return assign_splits(group, label, no_stratum, [0.5, 0.5], _CALIBRATION_SEED) == 0


def group_of(frame: pd.DataFrame) -> np.ndarray:
    """Name of each row's group; a row without one is a group of its own, named by its content or path."""
    group = frame["group"].fillna("").to_numpy(str) if "group" in frame else np.full(len(frame), "")
    return np.where(group != "", group, content_of(frame))


def content_of(frame: pd.DataFrame) -> np.ndarray:
    """Identifier of each row, independent of its position: sha256 where known, else its filepath."""
    sha256 = frame["sha256"].fillna("").to_numpy(str) if "sha256" in frame else np.full(len(frame), "")
    return np.where(sha256 != "", sha256, frame["filepath"].to_numpy(str))


def _ratios(ratios: tuple[int, ...]) -> tuple[int, ...]:
    if len(ratios) != 3 or min(ratios) < 0 or ratios[0] == 0:
        text = " ".join(str(r) for r in ratios)
        raise InputError(f"ratios `{text}`: give three numbers for train, val and test, e.g. 70 15 15; train above 0.")
    return ratios


def _require_both_classes(frame: pd.DataFrame, name: str) -> None:
    for label in LABELS:
        if not (frame["label"] == label).any():
            raise InputError(f"{name}: lists no image with the label `{label}`; a split needs both classes.")


def _require_every_split(frame: pd.DataFrame, ratios: tuple[int, ...], name: str) -> None:
    for part, ratio in zip(SPLITS, ratios, strict=True):
        for label in LABELS:
            if ratio and not ((frame["split"] == part) & (frame["label"] == label)).any():
                groups = frame.loc[frame["label"] == label, "group"].nunique()
                raise InputError(
                    f"{name}: the images labelled `{label}` form only {groups} group(s) that must stay together, too "
                    f"few for `{part}`; add images, or set that ratio to 0."
                )


def _cap(frame: pd.DataFrame, params: SplitParams) -> pd.DataFrame:
    """Mark rows excluded by max_per_class and balance; the choice depends only on the seed and the content."""
    chance = pd.Series(order_by_hash(content_of(frame), params.seed), index=frame.index)
    here = frame[(frame["reason"] == "") & frame["split"].isin(SPLITS)]
    for part, rows in here.groupby("split"):
        smallest = int(rows["label"].value_counts().min())
        for label, same in rows.groupby("label"):
            limits = [(params.max_per_class, "max_per_class"), (smallest if params.balance else None, "balance")]
            order = chance.loc[same.index].sort_values(kind="stable").index
            for limit, reason in limits:
                if limit is not None and len(order) > max(limit, 0):
                    frame.loc[order[limit:], "reason"] = reason
                    frame.loc[order[limit:], "detail"] = f"more than {limit} `{label}` images in {part}"
                    order = order[:limit]
    return frame
