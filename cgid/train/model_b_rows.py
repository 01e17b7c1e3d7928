"""Decides which rows of a feature table teach Model B, choose, calibrate and judge it, and which columns it may see."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cgid.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

ROLES = ("train", "val", "test")
SHARES = (70, 15, 15)
SPELLINGS = {"training": "train", "valid": "val", "validation": "val", "dev": "val", "testing": "test"}


@dataclass(frozen=True)
class Rows:
    """frame: the labelled rows, index 0..n-1. role: train, val, test, external or "" per row. calibration: bool per
    row, true only inside val. notes: what had to be decided here, in sentences."""

    frame: pd.DataFrame
    role: np.ndarray
    calibration: np.ndarray
    notes: list[str] = field(default_factory=list)

    @property
    def label(self) -> np.ndarray:
        """0 = real, 1 = ai; float (n,)."""
        return self.frame["target_label"].to_numpy(dtype=float)

    @property
    def groups(self) -> np.ndarray:
        """What may not be told apart or torn apart (source photograph, near-duplicates); str (n,)."""
        return self.frame["group"].to_numpy(dtype=object)

    def where(self, role: str) -> np.ndarray:
        return self.role == role

    @property
    def choosing(self) -> np.ndarray:
        """Validation rows that choose the best epoch: those not set aside for calibration."""
        return self.where("val") & ~self.calibration


def read_rows(path: Path, seed: int) -> Rows:
    """Read a table and give each row its role. Raises InputError where a class is missing or rows are too few.

    A column `split` is obeyed; what it lacks (no val, no test, or no split at all) is cut from the training rows by
    whole groups.
    """
    from cgid.features.table import read_features

    frame = read_features(path)
    if "target_label" not in frame:
        raise InputError(f"{path} has neither `label` nor `target_label`; label the rows first (see the label map).")
    known = frame["target_label"].isin([0, 1])
    notes = [] if known.all() else [f"{int((~known).sum())} rows without a label were left out."]
    frame = frame[known].reset_index(drop=True)
    for label, name in ((0, "real"), (1, "ai")):
        if (count := int((frame["target_label"] == label).sum())) < 4:
            raise InputError(f"{path} holds {count} {name} rows; Model B needs at least 4 of each class.")
    frame["group"] = _group(frame)
    role = _given(frame)
    role = _complete(frame, role, seed, notes)
    _both_classes(path, frame, role)
    return Rows(frame, role, _calibration(frame, role), notes)


def chosen_columns(available: list[str], features: tuple[str, ...], prefixes: tuple[str, ...]) -> list[str]:
    """Columns left after the exclusions. Raises InputError on a name or prefix that fits no column, with close ones."""
    starts = sorted({c.split("_")[0] + "_" for c in available})
    problems = [_unknown("feature", f, available) for f in features if f not in available]
    problems += [_unknown("prefix", p, starts) for p in prefixes if not any(c.startswith(p) for c in available)]
    if problems:
        raise InputError(" ".join(problems))
    left = [c for c in available if c not in features and not c.startswith(tuple(prefixes))]
    if not left:
        raise InputError("The exclusions leave no feature at all; exclude less.")
    return left


def _unknown(what: str, name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.5) or known[:3]
    return f"No {what} of the table is called `{name}`; close: {', '.join(close)}."


def _group(frame: pd.DataFrame) -> pd.Series:
    """The column `group`; where it is empty the image itself (content, then path, then row)."""
    group = frame["group"].astype("string") if "group" in frame else None
    for name in ("record_id", "sha256", "filepath", "filename"):
        if name in frame:
            own = frame[name].astype("string")
            group = own if group is None else group.where(group.notna() & (group != ""), own)
    rows = frame.index.astype("string").to_series(index=frame.index)
    if group is None:
        return rows.astype(object)
    return group.where(group.notna() & (group != ""), "row " + rows).astype(object)


def _given(frame: pd.DataFrame) -> np.ndarray:
    if "split" not in frame:
        return np.full(len(frame), "", dtype=object)
    named = frame["split"].astype("string").fillna("").str.strip().str.lower().replace(SPELLINGS)
    return named.where(named.isin([*ROLES, "external"]), "").to_numpy(dtype=object)


def _complete(frame: pd.DataFrame, role: np.ndarray, seed: int, notes: list[str]) -> np.ndarray:
    missing = [r for r in ROLES if not (role == r).any()]
    if not missing:
        if unused := int((role == "").sum()):
            notes.append(f"{unused} rows without a split were left out.")
        return role
    role = role.copy()
    if "train" in missing:
        role[role == ""] = "train"
    wanted = {r: share for r, share in zip(ROLES, SHARES) if r == "train" or r in missing}
    teach = np.flatnonzero(role == "train")
    groups = frame["group"].to_numpy(dtype=object)[teach]
    role[teach] = deal(groups, frame["target_label"].to_numpy()[teach], wanted, seed)
    made = " and ".join(r for r in missing if r != "train") or "train"
    notes.append(f"The table names no {made} rows; they were cut from the others by whole groups (seed {seed}).")
    return role


def deal(groups: np.ndarray, label: np.ndarray, shares: dict[str, int], seed: int) -> np.ndarray:
    """Deal whole groups to roles so that each class comes near the shares: role per row, (n,).

    Large groups first, then in an order drawn by seed; each goes to the role that lacks most of what it holds.
    """
    names, code = np.unique(groups.astype(str), return_inverse=True)
    size = np.column_stack([np.bincount(code, weights=label == k, minlength=len(names)) for k in (0, 1)])
    share = np.array(list(shares.values()), dtype=float)
    target = share[:, None] / share.sum() * size.sum(axis=0)
    order = np.random.default_rng(seed).permutation(len(names))
    order = order[np.argsort(-size[order].sum(axis=1), kind="stable")]
    have, place = np.zeros_like(target), np.zeros(len(names), dtype=int)
    for group in order:
        lack = ((target - have) / np.maximum(target, 1e-9)) @ size[group]
        place[group] = int(np.argmax(lack))
        have[place[group]] += size[group]
    return np.array(list(shares), dtype=object)[place[code]]


def _both_classes(path: Path, frame: pd.DataFrame, role: np.ndarray) -> None:
    for name in ROLES:
        present = set(frame["target_label"][role == name])
        if len(present) < 2:
            lacks = "real" if 0 not in present else "ai"
            raise InputError(
                f"{path}: the {name} rows hold no {lacks} image; split the data so that each part has both classes."
            )


def _calibration(frame: pd.DataFrame, role: np.ndarray) -> np.ndarray:
    from cgid.data.split import calibration_rows

    mask = np.zeros(len(frame), dtype=bool)
    places = np.flatnonzero(role == "val")
    part = frame.iloc[places].reset_index(drop=True)
    part["label"] = np.where(part["target_label"] == 1, "ai", "real")
    mask[places] = np.asarray(calibration_rows(part), dtype=bool)
    return mask
