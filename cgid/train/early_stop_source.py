"""Which images choose the best epoch: the choosing half of val, or every image of a source the network never learns from.

The best epoch on images of the training's own sources is the one that knows these sources best, not the one that does
best on an unseen one. With `--early-stop-source` all rows of train and val of the named sources choose the epoch (and
end the training, with --patience). They are taken out of the training and of every cross-fit part, and so is what
belongs to them: rows of train with one of their groups or contents. Such rows choose nothing either unless they are of
the source themselves. Calibration keeps its half of val less these images, so none is used for both.

Rows of train that were held out get a row in predictions_oof.parquet, since Model B may want them: judged by the run's own
network, which never learnt from them, with fold -1. That it is the epoch which suited them best makes them a little too
good. They are not in predictions_train.parquet, which lists what was learnt from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from cgid.data.manifest import LABELS
from cgid.data.split import calibration_rows
from cgid.errors import InputError

AUTO = "auto"
IF_POSSIBLE = "auto-or-none"
HELD_OUT = -1  # `fold` of rows that no part of the training learnt from
MOST = 40  # sources of a kind that `auto` pairs, the smallest first
NAMED = 10  # sources that a sentence lists


@dataclass(frozen=True, slots=True)
class Choosing:
    """names: of the sources held out, () = the choosing half of val chooses. learn, aside: rows of train.

    train, val: rows of each that choose the epoch. label: of these, train before val, 0 real, 1 ai.
    calibration: bool, of each usable row of val. instead: why the choosing half of val chooses though another was asked.
    """

    names: tuple[str, ...]
    learn: np.ndarray
    aside: np.ndarray
    train: np.ndarray
    val: np.ndarray
    label: np.ndarray
    calibration: np.ndarray
    instead: str = ""

    def words(self) -> str:
        """`the epoch was chosen on …`; "" where it was chosen as usual."""
        if self.instead:
            return f"the epoch was chosen on validation images of the sources it learnt from, since {self.instead}"
        if not self.names:
            return ""
        real, ai = int((self.label == 0).sum()), int((self.label == 1).sum())
        return (
            f"the epoch was chosen on {real} real and {ai} AI images of {' and '.join(self.names)}, "
            "which the network never learnt from"
        )

    def record(self) -> dict[str, Any]:
        """For run manifest and history: {"early_stop_source": …}, {} where nothing else was asked."""
        if not self.names and not self.instead:
            return {}
        counts = {"from_train": len(self.train), "from_val": len(self.val), "not_learnt": len(self.aside)}
        return {"early_stop_source": {"sources": list(self.names), **counts, "words": self.words()}}


@dataclass(frozen=True, slots=True)
class NotHeldOut:
    """Why sources cannot choose the epoch, and what can be done: two halves of one sentence."""

    reason: str
    remedy: str


def choosing(
    asked: str, frames: Mapping[str, pd.DataFrame], rows: Mapping[str, np.ndarray], sha256: Mapping[str, Sequence[str]]
) -> Choosing:
    """asked: "", `auto`, `auto-or-none` (where no source can be held out as ""), or names with commas between. The others have keys `train` and `val`: manifests as `examples`
    gives them, their usable rows, and the content of each of their rows.

    Raises InputError: an unknown source, one class only among the rows that choose, too little left for the rest.
    """
    calibration = np.asarray(calibration_rows(frames["val"].iloc[rows["val"]]), dtype=bool)
    choose, nobody = rows["val"][~calibration], np.empty(0, int)
    usual = Choosing((), rows["train"], nobody, nobody, choose, frames["val"]["target"].to_numpy()[choose], calibration)
    if not asked.strip():
        return usual
    usable = pd.concat([_of(role, frames[role], rows[role], sha256[role]) for role in ("train", "val")])
    usable["calibration"] = False
    usable.loc[usable["role"] == "val", "calibration"] = calibration
    if asked.strip() in (AUTO, IF_POSSIBLE):
        found = _smallest(usable)
        if isinstance(found, Choosing):
            return found
        if asked.strip() == IF_POSSIBLE:
            return replace(usual, instead=f"no source could be held out ({found})")
        raise InputError(
            f"--early-stop-source auto: no source can be held out ({found}); add images of another source, or leave it out."
        )
    names = tuple(dict.fromkeys(name.strip() for name in asked.split(",") if name.strip()))
    held = _held_out(names, usable)
    if isinstance(held, NotHeldOut):
        raise InputError(f"--early-stop-source {','.join(names)}: {held.reason}; {held.remedy}.")
    return held


def _of(role: str, frame: pd.DataFrame, rows: np.ndarray, sha256: Sequence[str]) -> pd.DataFrame:
    part = frame.iloc[rows][["source", "group", "target"]]
    return part.assign(role=role, row=rows, sha256=[sha256[r] for r in rows])


def _held_out(names: tuple[str, ...], usable: pd.DataFrame) -> Choosing | NotHeldOut:
    there = sorted(set(usable["source"]) - {""})
    if unknown := [name for name in names if name not in there]:
        some = ", ".join(there[:NAMED]) + (", …" if len(there) > NAMED else "")
        return NotHeldOut(
            f"no image of train or val has the source `{unknown[0]}`",
            f"there are {some}" if there else "their manifests name no source at all",
        )
    choose = usable["source"].isin(names)
    own = usable[choose]
    if only := _only_class(own["target"]):
        return NotHeldOut(
            f"the images of this source are all `{only}`",
            "choosing an epoch needs both classes, so name a source of the other class too, with a comma between",
        )
    kin = usable["group"].isin(own["group"]) | usable["sha256"].isin(own["sha256"])
    train = usable["role"] == "train"
    calibration = usable["calibration"] & ~kin
    for rest, what in ((usable[train & ~kin], "to learn from"), (usable[calibration], "in val to calibrate with")):
        only = _only_class(rest["target"])
        if only or rest.empty:
            left = f"only `{only}` images" if only else "no image"
            return NotHeldOut(f"without this source {left} would be left {what}", "hold out another source")
    rows = {role: own.loc[own["role"] == role, "row"].to_numpy(int) for role in ("train", "val")}
    return Choosing(
        names,
        usable.loc[train & ~kin, "row"].to_numpy(int),
        usable.loc[train & kin, "row"].to_numpy(int),
        rows["train"],
        rows["val"],
        own["target"].to_numpy(),
        calibration[~train].to_numpy(bool),
    )


def _smallest(usable: pd.DataFrame) -> Choosing | str:
    """The smallest source with both classes, else the smallest pair of a real and an AI source, that leaves enough; why
    there is none."""
    problem = "train and val name no source"
    counts = pd.crosstab(usable["source"], usable["target"]).reindex(columns=list(LABELS.values()), fill_value=0)
    counts = counts[counts.index != ""]
    size = {str(name): int(n) for name, n in counts.sum(axis=1).items()}
    kinds = {kind: sorted((n for n in size if _kind(counts.loc[n]) == kind), key=lambda n: (size[n], n)) for kind in ("both", "real", "ai")}  # fmt: skip
    pairs = product(kinds["real"][:MOST], kinds["ai"][:MOST])
    both = [(name,) for name in kinds["both"]]
    for names in both + sorted(pairs, key=lambda pair: (size[pair[0]] + size[pair[1]], pair)):
        held = _held_out(names, usable)
        if isinstance(held, Choosing):
            return held
        problem = f"{held.reason}; {held.remedy}"
    if len(size) == 1:
        problem = f"train and val have one source only, {next(iter(size))}"
    elif size and not both and not (kinds["real"] and kinds["ai"]):
        problem = "no source, and no two of them, bring both classes"
    return problem


def _kind(counts: pd.Series) -> str:
    real, ai = counts.to_numpy() > 0
    return "both" if real and ai else "real" if real else "ai"


def _only_class(target: pd.Series) -> str:
    """Name of the one class that is there; "" where both are, or none."""
    values = target.unique()
    return next(name for name, value in LABELS.items() if value == values[0]) if len(values) == 1 else ""
