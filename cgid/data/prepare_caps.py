"""Draw at most so many images of each class and generator, the same ones for the same seed, whole groups only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cgid.data.partition import order_by_hash

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
