"""CIFAKE and GenImage as they are downloaded become manifests to train on, in one step that says what it kept.

The published test images stay the test split, validation is carved from the training images by group, and no image
that looks like a test image stays in training, whether the caps keep that test image or not.

Draw at most so many images of each class and generator, the same ones for the same seed, whole groups only.
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
from cgid.data.paths import written
from cgid.data.prepare_layouts import layout_of, place_all
from cgid.data.prepare_record import WHY, Ledger, write_record
from cgid.data.scan import list_images
from cgid.data.split import CUT_FILE, group_of, keep_published
from cgid.errors import InputError
from cgid.progress import Report, silent
from cgid.schema import external_split

Cell = tuple[str, str]  # label, subset


@dataclass(frozen=True, slots=True)
class Caps:
    """per_class: images of each class in each split. per_generator: images of each class of each generator in each
    split. None = no limit. balance: as many real as AI images of each generator in each split."""

    per_class: int | None = None
    per_generator: int | None = None
    balance: bool = True


def limits(found: Mapping[Cell, int], caps: Caps) -> dict[Cell, dict[str, int]]:
    """How many images of each cell may stay after `max_per_generator`, `balance` and `max_per_class`, in this order.

    found: images there are. The limit per class is shared out evenly over the generators; what one of them cannot fill
    goes to the others.
    """
    labels = {label for label, _ in found}
    most = {cell: n if caps.per_generator is None else min(n, caps.per_generator) for cell, n in found.items()}
    even = dict(most)
    if caps.balance:
        even = {(label, subset): min(most.get((other, subset), 0) for other in labels) for label, subset in most}
    shared = dict(even)
    if caps.per_class is not None:
        for label in labels:
            cells = sorted(cell for cell in even if cell[0] == label)
            shared |= dict(zip(cells, share_out(caps.per_class, [even[cell] for cell in cells]), strict=True))
    return {
        cell: {"max_per_generator": most[cell], "balance": even[cell], "max_per_class": shared[cell]} for cell in found
    }


def share_out(total: int, room: list[int]) -> list[int]:
    """`total` dealt evenly over places that hold `room` each; the first ones get what cannot be halved."""
    given, left = [0] * len(room), min(total, sum(room))
    while left:
        hungry = [i for i, most in enumerate(room) if given[i] < most]
        each = max(1, left // len(hungry))
        for i in hungry:
            more = min(each, room[i] - given[i], left)
            given[i] += more
            left -= more
    return given


def draw(rows: pd.DataFrame, caps: Caps, seed: int) -> pd.Series:
    """Reason of each row of one split: "" where it stays, else the name of the cap, or `whole_group`.

    rows: columns label, subset, group. Groups come in an order that depends on seed and name alone; one that does not
    fit as a whole stays out as a whole, and smaller ones after it may still fit.
    """
    cells = list(zip(rows["label"], rows["subset"], strict=True))
    allowed = limits(Counter(cells), caps)
    names, codes = np.unique(rows["group"].to_numpy(str), return_inverse=True)
    members: list[list[int]] = [[] for _ in names]
    for row, code in enumerate(codes):
        members[code].append(row)
    full: Counter = Counter()
    out: dict[Cell, list[int]] = {}
    for code in np.argsort(order_by_hash(names, seed), kind="stable"):
        brought = Counter(cells[row] for row in members[code])
        if all(full[cell] + n <= allowed[cell]["max_per_class"] for cell, n in brought.items()):
            full.update(brought)
        else:
            for row in members[code]:
                out.setdefault(cells[row], []).append(row)
    reasons = np.full(len(rows), "", object)
    found = Counter(cells)
    for cell, dropped in out.items():
        left = found[cell]
        words: list[str] = []
        for reason, limit in allowed[cell].items():
            words += [reason] * (left - limit)
            left = limit
        # What a cap cuts is drawn last; beyond that a row is out because its group did not fit.
        words += ["whole_group"] * (len(dropped) - len(words))
        reasons[dropped[::-1]] = words
    return pd.Series(reasons, index=rows.index)


PARTS = ("train", "val", "test")
# Opened beyond what the caps need, because cleaning and whole groups take some away.
_MARGIN, _MARGIN_IMAGES = 1.25, 16


def prepare(params: PrepareParams, report: Report = silent) -> dict:
    """Write train.csv, val.csv, test.csv, `external_<generator>.csv`, split.csv (all kept rows), dropped.csv (by
    cleaning), split_dropped.csv (by groups and caps), kept.csv (what was found and kept, per source, generator, class
    and split) and dataset_summary.json. manifest.csv and manifest.cleaned.csv are the steps on the way.

    Every published test image is opened, so that none of them can be in training; of the others no more than the caps
    can use. The same seed and files give the same rows wherever the folder lies.
    Raises InputError where the layout, a class, a name or a number is not in order, or nothing is left after the caps.
    """
    _check(params)
    listing = list_images(params.root, params.source, report=report)
    layout = layout_of(listing, params.layout, params.root)
    frame = place_all(listing.frame, layout, params.root, params.source, params.hold_out)
    frame["reason"] = _not_opened(frame, params)
    folder = params.output_dir
    folder.mkdir(parents=True, exist_ok=True)
    real_folder = os.path.realpath(folder)
    frame["filepath"] = [written(path, real_folder) for path in frame["path"]]
    ledger = Ledger(frame)
    # Cleaning keeps the first of several copies: that of the test split, then of train.
    rank = frame["split"].map({part: n for n, part in enumerate(("test", "val", "train", "external"))})
    opened = frame.assign(rank=rank)[frame["reason"] == ""].sort_values(["rank", "path"])
    write_manifest(opened.drop(columns=["reason", "rank", "filepath"]), folder / SCANNED_MANIFEST)
    cleaned = folder / CLEANED_MANIFEST
    clean(CleanParams(folder / SCANNED_MANIFEST, cleaned, params.workers), report)
    ledger.note_cleaning(folder / DROPPED_ROWS)
    split = SplitParams(
        cleaned, folder, (100 - params.val_percent, params.val_percent, 0), params.seed, params.max_per_class,
        params.balance, keep_splits=True,
    )  # fmt: skip
    rows = cut(read_manifest(cleaned), split, params.max_per_generator)
    ledger.note_split(rows)
    _need_images(rows, params)
    kept, dropped = rows[rows["reason"] == ""], rows[rows["reason"] != ""]
    write_manifest(dropped, folder / CUT_FILE)
    kept = kept.drop(columns=["reason", "detail"])
    files = {}
    for part, name in _names(kept).items():
        files[name] = kept[(kept["split"] == part) if part in PARTS else _external(kept, part)]
        write_manifest(files[name], folder / name)
    write_manifest(kept, folder / SPLIT_MANIFEST)
    report(len(frame), len(frame), "manifests written")
    return write_record(params, layout, split, listing, ledger, kept, dropped, files)


def cut(frame: pd.DataFrame, split: SplitParams, max_per_generator: int | None = None) -> pd.DataFrame:
    """A cleaned manifest's rows with `split` filled and `reason`, `detail` of every row that must go ("" = stays).

    frame: with `subset`, and `split` as published: test, train, val or external. Groups on two sides stay where the
    test is; validation, where there is none, is carved from train; then the caps are drawn, whole groups at a time.
    """
    caps = Caps(split.max_per_class, max_per_generator, split.balance)
    frame = frame.assign(group=group_of(frame), reason="", detail="").sort_values("path", ignore_index=True)
    # Dealt in proportion per generator's folder: real images have no generator of their own.
    dealt = keep_published(frame.assign(generator=frame["subset"]), split.ratios, split.seed, keep=True)
    frame = dealt.assign(generator=frame["generator"])
    here = frame[frame["reason"] == ""]
    side = here["split"].where(here["split"] != "external", "external " + here["subset"])
    for name, rows in here.groupby(side):
        reasons = draw(rows, caps, split.seed)
        gone = reasons.index[reasons != ""]
        frame.loc[gone, "reason"] = reasons[gone]
        frame.loc[gone, "detail"] = f"cut from {name}"
    return frame


def external_name(generator: str) -> str:
    """File name of a held-out generator's manifest, safe on any disk."""
    return f"{external_split(re.sub(r'[^A-Za-z0-9_.-]+', '_', generator))}.csv"


def _check(params: PrepareParams) -> None:
    for name in ("max_per_class", "max_per_generator"):
        value = getattr(params, name)
        if value is not None and value < 1:
            raise InputError(f"{name.replace('_', '-')} `{value}`: give a number of images above 0, or leave it out.")
    if not 1 <= params.val_percent <= 50:
        raise InputError(f"val-percent `{params.val_percent}`: give 1 to 50 per cent of the training images.")


def _not_opened(frame: pd.DataFrame, params: PrepareParams) -> pd.Series:
    """Reason why an image is not even opened, or ""."""
    reason = pd.Series("", index=frame.index)
    reason[frame["split"] == ""] = "outside_split"
    reason[frame["split"] == "held_out"] = "held_out"
    if params.max_per_class is None and params.max_per_generator is None and not params.balance:
        return reason
    root = os.path.abspath(os.path.expanduser(params.root))
    for side in ("train", "external"):
        rows = frame[frame["split"] == side]
        # Validation comes out of the training images, so there must be enough for both.
        more = 1 if side == "external" else 100 / (100 - params.val_percent)
        caps = Caps(_scaled(params.max_per_class, more), _scaled(params.max_per_generator, more), params.balance)
        for _, pool in rows.groupby(rows["subset"] if side == "external" else np.zeros(len(rows), int)):
            allowed = limits(Counter(zip(pool["label"], pool["subset"], strict=True)), caps)
            for cell, same in pool.groupby(["label", "subset"]):
                most = math.ceil(allowed[cell]["max_per_class"] * _MARGIN) + _MARGIN_IMAGES
                if len(same) > most:
                    names = np.array([p.removeprefix(root).replace(os.sep, "/") for p in same["path"]])
                    reason[same.index[np.argsort(order_by_hash(names, params.seed), kind="stable")[most:]]] = (
                        "not_drawn"
                    )
    return reason


def _scaled(cap: int | None, factor: float) -> int | None:
    return None if cap is None else math.ceil(cap * factor)


def _need_images(rows: pd.DataFrame, params: PrepareParams) -> None:
    """Both classes in every part, or one sentence that says what took them."""
    held = sorted(set(rows.loc[rows["split"] == "external", "subset"]))
    for part in (*PARTS, *held):
        inside = rows["split"] == part if part in PARTS else _external(rows, part)
        for label in ("real", "ai"):
            mine = rows[inside & (rows["label"] == label)]
            if not (mine["reason"] == "").any():
                why = ", ".join(f"{n:,} {WHY[reason]}" for reason, n in Counter(mine["reason"]).most_common())
                raise InputError(
                    f"{params.root}: no `{label}` image is left in {part}"
                    + (f" ({why})" if why else " after cleaning")
                    + "; raise the caps or add images."
                )


def _names(kept: pd.DataFrame) -> dict[str, str]:
    held = sorted(set(kept.loc[kept["split"] == "external", "subset"]))
    return {part: f"{part}.csv" for part in PARTS} | {part: external_name(part) for part in held}


def _external(rows: pd.DataFrame, subset: str) -> pd.Series:
    return (rows["split"] == "external") & (rows["subset"] == subset)
