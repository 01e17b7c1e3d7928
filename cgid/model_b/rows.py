"""Assigns the rows of a feature table to fitting, epoch selection, calibration and test, and selects the columns."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cgid.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

ROLES = ("train", "val", "test")
PERCENTAGES = {"train": 70.0, "val": 15.0, "test": 15.0}
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
        """What must stay on one side of a split (source photograph, near-duplicates); str (n,)."""
        return self.frame["group"].to_numpy(dtype=object)

    def where(self, role: str) -> np.ndarray:
        return self.role == role

    @property
    def epoch_selection(self) -> np.ndarray:
        """Validation rows that choose the best epoch: those not set aside for calibration."""
        return self.where("val") & ~self.calibration

    def external(self) -> dict[str, np.ndarray]:
        """{name: bool (n,)} of the external rows by source; the name has letters, digits, `-` and `_` only."""
        external_rows = self.where("external")
        if "source" not in self.frame:
            return {"rows": external_rows} if external_rows.any() else {}
        source = self.frame["source"].fillna("").astype(str)
        name = source.map(lambda s: "".join(c if c.isalnum() or c in "-_" else "_" for c in s) or "rows").to_numpy(str)
        return {str(n): external_rows & (name == n) for n in np.unique(name[external_rows])}


def read_rows(path: Path, seed: int, external: Sequence[Path] = ()) -> Rows:
    """Read a table and give each row its role. Raises InputError where a class is missing or rows are too few.

    A column `split` is obeyed; what it lacks (no val, no test, or no split at all) is cut from the training rows by
    whole groups. external: tables of other data sets, all of whose rows become external under the name of their folder;
    images that the first table holds too are left out.
    """
    from cgid.features.table import read_features

    frame = read_features(path)
    notes: list[str] = []
    for label, name in ((0, "real"), (1, "ai")):
        if (count := int((frame["target_label"] == label).sum())) < 4:
            raise InputError(f"{path} holds {count} {name} rows; Model B needs at least 4 of each class.")
    frame = _with_external(frame, external, notes)
    frame["group"] = _group(frame)
    role = _given(frame)
    role = _complete(frame, role, seed, notes)
    _both_classes(path, frame, role)
    return Rows(frame, role, calibration_mask(frame, role), notes)


def _with_external(frame: pd.DataFrame, tables: Sequence[Path], notes: list[str]) -> pd.DataFrame:
    import pandas as pd

    from cgid.features.table import read_features

    parts = [frame]
    known = set(frame["record_id"].dropna()) if "record_id" in frame else set()
    for path in tables:
        other = read_features(path)
        same = other["record_id"].isin(known) if "record_id" in other else pd.Series(False, other.index)
        if count := int(same.sum()):
            notes.append(f"{count} images of {path} are in the training table too and were left out of its figures.")
        name = Path(path).parent.name if Path(path).stem == "features" else Path(path).stem
        parts.append(other[~same].assign(split="external", source=name))
    return pd.concat(parts, ignore_index=True) if tables else frame


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
            identifier = frame[name].astype("string")
            group = identifier if group is None else group.where(group.notna() & (group != ""), identifier)
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
    from cgid.data.partition import assign_splits

    missing = [r for r in ROLES if not (role == r).any()]
    if not missing:
        if unused := int((role == "").sum()):
            notes.append(f"{unused} rows without a split were left out.")
        return role
    role = role.copy()
    if "train" in missing:
        role[role == ""] = "train"
    parts = [r for r in ROLES if r == "train" or r in missing]
    training = np.flatnonzero(role == "train")
    rows = frame.iloc[training].reset_index(drop=True)
    stratum = rows["source"].fillna("").astype(str) if "source" in rows else rows["group"].map(lambda _: "")
    percentages = [PERCENTAGES[r] for r in parts]
    role[training] = np.array(parts, dtype=object)[
        assign_splits(rows["group"], rows["target_label"], stratum, percentages, seed)
    ]
    created = " and ".join(r for r in missing if r != "train") or "train"
    notes.append(f"The table names no {created} rows; they were cut from the others by whole groups (seed {seed}).")
    return role


def _both_classes(path: Path, frame: pd.DataFrame, role: np.ndarray) -> None:
    for name in ROLES:
        present = set(frame["target_label"][role == name])
        if len(present) < 2:
            lacks = "real" if 0 not in present else "ai"
            raise InputError(
                f"{path}: the {name} rows hold no {lacks} image; split the data so that each part has both classes."
            )


def calibration_mask(frame: pd.DataFrame, role: np.ndarray) -> np.ndarray:
    """Validation rows that calibrate and freeze thresholds, bool (n,): half of them, by whole groups."""
    import pandas as pd

    from cgid.data.split import calibration_rows

    mask = np.zeros(len(frame), dtype=bool)
    indices = np.flatnonzero(role == "val")
    validation = frame.iloc[indices]
    columns = {"group": validation["group"], "label": validation["target_label"], "filepath": validation["group"]}
    mask[indices] = calibration_rows(pd.DataFrame(columns))
    return mask
