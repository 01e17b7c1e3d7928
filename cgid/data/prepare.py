"""Prepare CIFAKE and GenImage folders: manifests for training, with a record of selected and excluded images.

The published test images stay the test split, validation is split off the training images by group, and near-duplicates
of test images are excluded from training, whether the caps select the test image or not. Caps limit the images of each
class and generator, in whole groups, reproducibly by seed.
"""

from __future__ import annotations

import math
import os
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cgid.artifacts import CLEANED_MANIFEST, DROPPED_ROWS, SCANNED_MANIFEST, SPLIT_MANIFEST
from cgid.data.clean import clean
from cgid.data.manifest import read_manifest, write_manifest
from cgid.data.params import CleanParams, PrepareParams, SplitParams
from cgid.data.partition import order_by_hash
from cgid.data.paths import relative_path
from cgid.data.prepare_layouts import assign_published_splits, detect_layout
from cgid.data.prepare_record import REASONS, ImportLog, write_record
from cgid.data.scan import list_images
from cgid.data.split import SPLIT_DROPPED_FILE, group_of, keep_published
from cgid.errors import InputError
from cgid.progress import Progress, silent
from cgid.schema import external_split

Cell = tuple[str, str]  # label, subset


@dataclass(frozen=True, slots=True)
class Caps:
    """per_class: images of each class in each split. per_generator: images of each class of each generator in each
    split. None = no limit. balance: as many real as AI images of each generator in each split."""

    per_class: int | None = None
    per_generator: int | None = None
    balance: bool = True


def limits(counts: Mapping[Cell, int], caps: Caps) -> dict[Cell, dict[str, int]]:
    """How many images of each cell are allowed after `max_per_generator`, `balance` and `max_per_class`, in this order.

    counts: available images. The limit per class is distributed evenly over the generators; what one of them cannot
    fill goes to the others.
    """
    labels = {label for label, _ in counts}
    capped = {cell: n if caps.per_generator is None else min(n, caps.per_generator) for cell, n in counts.items()}
    even = dict(capped)
    if caps.balance:
        even = {(label, subset): min(capped.get((other, subset), 0) for other in labels) for label, subset in capped}
    shared = dict(even)
    if caps.per_class is not None:
        for label in labels:
            cells = sorted(cell for cell in even if cell[0] == label)
            shared |= dict(zip(cells, distribute(caps.per_class, [even[cell] for cell in cells]), strict=True))
    return {
        cell: {"max_per_generator": capped[cell], "balance": even[cell], "max_per_class": shared[cell]}
        for cell in counts
    }


def distribute(total: int, room: list[int]) -> list[int]:
    """`total` distributed evenly over slots with capacities `room`; remainders go to the first ones."""
    given, left = [0] * len(room), min(total, sum(room))
    while left:
        open_slots = [i for i, capacity in enumerate(room) if given[i] < capacity]
        each = max(1, left // len(open_slots))
        for i in open_slots:
            more = min(each, room[i] - given[i], left)
            given[i] += more
            left -= more
    return given


def apply_caps(rows: pd.DataFrame, caps: Caps, seed: int) -> pd.Series:
    """Reason of each row of one split: "" where it is selected, else the name of the cap, or `whole_group`.

    rows: columns label, subset, group. Groups come in an order that depends on seed and name alone; one that does not
    fit is excluded as a whole, and smaller ones after it may still fit.
    """
    cells = list(zip(rows["label"], rows["subset"], strict=True))
    allowed = limits(Counter(cells), caps)
    names, codes = np.unique(rows["group"].to_numpy(str), return_inverse=True)
    members: list[list[int]] = [[] for _ in names]
    for row, code in enumerate(codes):
        members[code].append(row)
    totals: Counter = Counter()
    out: dict[Cell, list[int]] = {}
    for code in np.argsort(order_by_hash(names, seed), kind="stable"):
        brought = Counter(cells[row] for row in members[code])
        if all(totals[cell] + n <= allowed[cell]["max_per_class"] for cell, n in brought.items()):
            totals.update(brought)
        else:
            for row in members[code]:
                out.setdefault(cells[row], []).append(row)
    reasons = np.full(len(rows), "", object)
    counts = Counter(cells)
    for cell, dropped in out.items():
        left = counts[cell]
        row_reasons: list[str] = []
        for reason, limit in allowed[cell].items():
            row_reasons += [reason] * (left - limit)
            left = limit
        # A cap excludes the last rows; further rows are excluded because their group did not fit.
        row_reasons += ["whole_group"] * (len(dropped) - len(row_reasons))
        reasons[dropped[::-1]] = row_reasons
    return pd.Series(reasons, index=rows.index)


SPLITS = ("train", "val", "test")
# Images opened beyond the caps, because cleaning and whole groups exclude some.
_MARGIN, _MARGIN_IMAGES = 1.25, 16


def prepare(params: PrepareParams, progress: Progress = silent) -> dict:
    """Write train.csv, val.csv, test.csv, `external_<generator>.csv`, split.csv (all selected rows), dropped.csv (by
    cleaning), split_dropped.csv (by groups and caps), kept.csv (counts of found and selected images per source,
    generator, class and split) and dataset_summary.json. manifest.csv and manifest.cleaned.csv are intermediate results.

    Every published test image is opened, so that none of them can be in training; of the others no more than the caps
    need. The same seed and files give the same rows wherever the folder is.
    Raises InputError where the layout, a class, a name or a number is invalid, or nothing is left after the caps.
    """
    _check_params(params)
    scanned = list_images(params.root, params.source, progress=progress)
    layout = detect_layout(scanned, params.layout, params.root)
    frame = assign_published_splits(scanned.frame, layout, params.root, params.source, params.hold_out)
    frame["reason"] = _not_opened(frame, params)
    folder = params.output_dir
    folder.mkdir(parents=True, exist_ok=True)
    real_folder = os.path.realpath(folder)
    frame["filepath"] = [relative_path(path, real_folder) for path in frame["path"]]
    log = ImportLog(frame)
    # Cleaning retains the first of several copies: that of the test split, then of train.
    rank = frame["split"].map({part: n for n, part in enumerate(("test", "val", "train", "external"))})
    opened = frame.assign(rank=rank)[frame["reason"] == ""].sort_values(["rank", "path"])
    write_manifest(opened.drop(columns=["reason", "rank", "filepath"]), folder / SCANNED_MANIFEST)
    cleaned = folder / CLEANED_MANIFEST
    clean(CleanParams(folder / SCANNED_MANIFEST, cleaned, params.workers), progress)
    log.note_cleaning(folder / DROPPED_ROWS)
    split = SplitParams(
        cleaned, folder, (100 - params.val_percent, params.val_percent, 0), params.seed, params.max_per_class,
        params.balance, keep_splits=True,
    )  # fmt: skip
    rows = split_published(read_manifest(cleaned), split, params.max_per_generator)
    log.note_split(rows)
    _require_images(rows, params)
    selected, dropped = rows[rows["reason"] == ""], rows[rows["reason"] != ""]
    write_manifest(dropped, folder / SPLIT_DROPPED_FILE)
    selected = selected.drop(columns=["reason", "detail"])
    files = {}
    for part, name in _names(selected).items():
        files[name] = selected[(selected["split"] == part) if part in SPLITS else _external(selected, part)]
        write_manifest(files[name], folder / name)
    write_manifest(selected, folder / SPLIT_MANIFEST)
    progress(len(frame), len(frame), "manifests written")
    return write_record(params, layout, split, scanned, log, selected, dropped, files)


def split_published(frame: pd.DataFrame, split: SplitParams, max_per_generator: int | None = None) -> pd.DataFrame:
    """A cleaned manifest's rows with `split` filled and `reason`, `detail` of every excluded row ("" = selected).

    frame: with `subset`, and `split` as published: test, train, val or external. Groups that span splits stay in
    test; a missing validation split is taken from train; then the caps are applied in whole groups.
    """
    caps = Caps(split.max_per_class, max_per_generator, split.balance)
    frame = frame.assign(group=group_of(frame), reason="", detail="").sort_values("path", ignore_index=True)
    # Stratified by the generator's folder: real images have no generator of their own.
    assigned = keep_published(frame.assign(generator=frame["subset"]), split.ratios, split.seed, keep=True)
    frame = assigned.assign(generator=frame["generator"])
    here = frame[frame["reason"] == ""]
    side = here["split"].where(here["split"] != "external", "external " + here["subset"])
    for name, rows in here.groupby(side):
        reasons = apply_caps(rows, caps, split.seed)
        gone = reasons.index[reasons != ""]
        frame.loc[gone, "reason"] = reasons[gone]
        frame.loc[gone, "detail"] = f"excluded from {name}"
    return frame


def external_name(generator: str) -> str:
    """File name of a held-out generator's manifest, safe on any disk."""
    return f"{external_split(re.sub(r'[^A-Za-z0-9_.-]+', '_', generator))}.csv"


def _check_params(params: PrepareParams) -> None:
    for name in ("max_per_class", "max_per_generator"):
        value = getattr(params, name)
        if value is not None and value < 1:
            raise InputError(f"{name.replace('_', '-')} `{value}`: give a number of images above 0, or leave it out.")
    if not 1 <= params.val_percent <= 50:
        raise InputError(f"val-percent `{params.val_percent}`: give 1 to 50 per cent of the training images.")


def _not_opened(frame: pd.DataFrame, params: PrepareParams) -> pd.Series:
    """Reason why an image is not opened, or ""."""
    reason = pd.Series("", index=frame.index)
    reason[frame["split"] == ""] = "outside_split"
    reason[frame["split"] == "held_out"] = "held_out"
    if params.max_per_class is None and params.max_per_generator is None and not params.balance:
        return reason
    root = os.path.abspath(os.path.expanduser(params.root))
    for side in ("train", "external"):
        rows = frame[frame["split"] == side]
        # Validation is taken from the training images, so there must be enough for both.
        more = 1 if side == "external" else 100 / (100 - params.val_percent)
        caps = Caps(_scaled(params.max_per_class, more), _scaled(params.max_per_generator, more), params.balance)
        for _, pool in rows.groupby(rows["subset"] if side == "external" else np.zeros(len(rows), int)):
            allowed = limits(Counter(zip(pool["label"], pool["subset"], strict=True)), caps)
            for cell, same in pool.groupby(["label", "subset"]):
                max_opened = math.ceil(allowed[cell]["max_per_class"] * _MARGIN) + _MARGIN_IMAGES
                if len(same) > max_opened:
                    names = np.array([p.removeprefix(root).replace(os.sep, "/") for p in same["path"]])
                    reason[same.index[np.argsort(order_by_hash(names, params.seed), kind="stable")[max_opened:]]] = (
                        "not_drawn"
                    )
    return reason


def _scaled(cap: int | None, factor: float) -> int | None:
    return None if cap is None else math.ceil(cap * factor)


def _require_images(rows: pd.DataFrame, params: PrepareParams) -> None:
    """Raises InputError unless every split has both classes, with the reasons of excluded images."""
    held = sorted(set(rows.loc[rows["split"] == "external", "subset"]))
    for part in (*SPLITS, *held):
        inside = rows["split"] == part if part in SPLITS else _external(rows, part)
        for label in ("real", "ai"):
            class_rows = rows[inside & (rows["label"] == label)]
            if not (class_rows["reason"] == "").any():
                why = ", ".join(f"{n:,} {REASONS[reason]}" for reason, n in Counter(class_rows["reason"]).most_common())
                raise InputError(
                    f"{params.root}: no `{label}` image is left in {part}"
                    + (f" ({why})" if why else " after cleaning")
                    + "; raise the caps or add images."
                )


def _names(selected: pd.DataFrame) -> dict[str, str]:
    held = sorted(set(selected.loc[selected["split"] == "external", "subset"]))
    return {part: f"{part}.csv" for part in SPLITS} | {part: external_name(part) for part in held}


def _external(rows: pd.DataFrame, subset: str) -> pd.Series:
    return (rows["split"] == "external") & (rows["subset"] == subset)
