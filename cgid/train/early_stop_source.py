"""Selects the rows that choose the best epoch: half of val, or all images of sources held out of the training.

The best epoch on images of the training's own sources is the one that fits these sources best, not the one that
generalises best to an unseen source. With `--early-stop-source` all rows of train and val of the named sources select
the epoch (and stop the training, with --patience). They are excluded from the training and from every cross-fit
training, and so are related rows: rows of train that share a group or content with them. Related rows do not select
the epoch unless they belong to the source themselves. Calibration uses its half of val without these images, so none
serves both.

Excluded rows of train still get a row in predictions_oof.parquet, since Model B may need them: predicted by the run's
own network, which was not trained on them, with fold -1. Their predictions are slightly optimistic, since the epoch was
selected on them. They are not in predictions_train.parquet, which lists the images trained on.
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
HELD_OUT = -1  # `fold` of rows that no training used
MAX_PAIRED_SOURCES = 40  # sources of a kind that `auto` pairs, the smallest first
MAX_LISTED_SOURCES = 10  # sources listed in a message


@dataclass(frozen=True, slots=True)
class EpochSelection:
    """sources: held out, () = the epoch selection half of val is used. fit_rows, excluded_rows: rows of train.

    train_rows, val_rows: rows of each that select the epoch. label: of these, train before val, 0 real, 1 ai.
    calibration: bool, of each usable row of val. fallback_reason: why the half of val is used though a source was
    requested.
    """

    sources: tuple[str, ...]
    fit_rows: np.ndarray
    excluded_rows: np.ndarray
    train_rows: np.ndarray
    val_rows: np.ndarray
    label: np.ndarray
    calibration: np.ndarray
    fallback_reason: str = ""

    def description(self) -> str:
        """`the epoch was chosen on …`; "" where the default rows selected it."""
        if self.fallback_reason:
            return (
                f"the epoch was chosen on validation images of the sources it was trained on, since "
                f"{self.fallback_reason}"
            )
        if not self.sources:
            return ""
        real, ai = int((self.label == 0).sum()), int((self.label == 1).sum())
        return (
            f"the epoch was chosen on {real} real and {ai} AI images of {' and '.join(self.sources)}, "
            "which the network was never trained on"
        )

    def record(self) -> dict[str, Any]:
        """For run manifest and history: {"early_stop_source": …}, {} for the default."""
        if not self.sources and not self.fallback_reason:
            return {}
        counts = {
            "from_train": len(self.train_rows),
            "from_val": len(self.val_rows),
            "not_learnt": len(self.excluded_rows),
        }
        return {"early_stop_source": {"sources": list(self.sources), **counts, "words": self.description()}}


@dataclass(frozen=True, slots=True)
class NotHeldOut:
    """Why sources cannot select the epoch, and a suggestion: two halves of one sentence."""

    reason: str
    suggestion: str


def select_epoch_rows(
    requested: str,
    frames: Mapping[str, pd.DataFrame],
    rows: Mapping[str, np.ndarray],
    sha256: Mapping[str, Sequence[str]],
) -> EpochSelection:
    """requested: "", `auto`, `auto-or-none` (as "" where no source can be held out), or comma-separated names. The
    others have keys `train` and `val`: manifests as `read_examples`
    gives them, their usable rows, and the content of each of their rows.

    Raises InputError: an unknown source, only one class among the selected rows, too few rows left for the rest.
    """
    calibration = np.asarray(calibration_rows(frames["val"].iloc[rows["val"]]), dtype=bool)
    selection_half, no_rows = rows["val"][~calibration], np.empty(0, int)
    default = EpochSelection(
        (),
        rows["train"],
        no_rows,
        no_rows,
        selection_half,
        frames["val"]["target"].to_numpy()[selection_half],
        calibration,
    )
    if not requested.strip():
        return default
    usable = pd.concat([_of(role, frames[role], rows[role], sha256[role]) for role in ("train", "val")])
    usable["calibration"] = False
    usable.loc[usable["role"] == "val", "calibration"] = calibration
    if requested.strip() in (AUTO, IF_POSSIBLE):
        selection = _smallest_sources(usable)
        if isinstance(selection, EpochSelection):
            return selection
        if requested.strip() == IF_POSSIBLE:
            return replace(default, fallback_reason=f"no source could be held out ({selection})")
        raise InputError(
            f"--early-stop-source auto: no source can be held out ({selection}); add images of another source, or "
            f"leave it out."
        )
    names = tuple(dict.fromkeys(name.strip() for name in requested.split(",") if name.strip()))
    held = _held_out(names, usable)
    if isinstance(held, NotHeldOut):
        raise InputError(f"--early-stop-source {','.join(names)}: {held.reason}; {held.suggestion}.")
    return held


def _of(role: str, frame: pd.DataFrame, rows: np.ndarray, sha256: Sequence[str]) -> pd.DataFrame:
    part = frame.iloc[rows][["source", "group", "target"]]
    return part.assign(role=role, row=rows, sha256=[sha256[r] for r in rows])


def _held_out(names: tuple[str, ...], usable: pd.DataFrame) -> EpochSelection | NotHeldOut:
    known = sorted(set(usable["source"]) - {""})
    if unknown := [name for name in names if name not in known]:
        listed = ", ".join(known[:MAX_LISTED_SOURCES]) + (", …" if len(known) > MAX_LISTED_SOURCES else "")
        return NotHeldOut(
            f"no image of train or val has the source `{unknown[0]}`",
            f"there are {listed}" if known else "their manifests name no source at all",
        )
    selects_epoch = usable["source"].isin(names)
    source_rows = usable[selects_epoch]
    if only := _only_class(source_rows["target"]):
        return NotHeldOut(
            f"the images of this source are all `{only}`",
            "selecting an epoch needs both classes, so name a source of the other class too, separated by a comma",
        )
    related = usable["group"].isin(source_rows["group"]) | usable["sha256"].isin(source_rows["sha256"])
    train = usable["role"] == "train"
    calibration = usable["calibration"] & ~related
    for rest, purpose in (
        (usable[train & ~related], "to train on"),
        (usable[calibration], "in val to calibrate with"),
    ):
        only = _only_class(rest["target"])
        if only or rest.empty:
            left = f"only `{only}` images" if only else "no image"
            return NotHeldOut(f"without this source {left} would be left {purpose}", "hold out another source")
    rows = {role: source_rows.loc[source_rows["role"] == role, "row"].to_numpy(int) for role in ("train", "val")}
    return EpochSelection(
        names,
        usable.loc[train & ~related, "row"].to_numpy(int),
        usable.loc[train & related, "row"].to_numpy(int),
        rows["train"],
        rows["val"],
        source_rows["target"].to_numpy(),
        calibration[~train].to_numpy(bool),
    )


def _smallest_sources(usable: pd.DataFrame) -> EpochSelection | str:
    """The smallest source with both classes, else the smallest pair of a real and an AI source, that leaves enough;
    or why there is none."""
    problem = "train and val name no source"
    counts = pd.crosstab(usable["source"], usable["target"]).reindex(columns=list(LABELS.values()), fill_value=0)
    counts = counts[counts.index != ""]
    size = {str(name): int(n) for name, n in counts.sum(axis=1).items()}
    kinds = {kind: sorted((n for n in size if _kind(counts.loc[n]) == kind), key=lambda n: (size[n], n)) for kind in ("both", "real", "ai")}  # fmt: skip
    pairs = product(kinds["real"][:MAX_PAIRED_SOURCES], kinds["ai"][:MAX_PAIRED_SOURCES])
    single = [(name,) for name in kinds["both"]]
    for names in single + sorted(pairs, key=lambda pair: (size[pair[0]] + size[pair[1]], pair)):
        selection = _held_out(names, usable)
        if isinstance(selection, EpochSelection):
            return selection
        problem = f"{selection.reason}; {selection.suggestion}"
    if len(size) == 1:
        problem = f"train and val have one source only, {next(iter(size))}"
    elif size and not single and not (kinds["real"] and kinds["ai"]):
        problem = "no source, and no pair of sources, has both classes"
    return problem


def _kind(counts: pd.Series) -> str:
    real, ai = counts.to_numpy() > 0
    return "both" if real and ai else "real" if real else "ai"


def _only_class(target: pd.Series) -> str:
    """Name of the only class present; "" where both are, or none."""
    values = target.unique()
    return next(name for name, value in LABELS.items() if value == values[0]) if len(values) == 1 else ""
