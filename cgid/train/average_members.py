"""Checks which runs can form an ensemble: finished trainings of one network on the same images; averages their logits.

Out-of-fold rows: every member's logit of a row comes from a network trained neither on the row nor on any other of its
group, whichever folds the member used (its fold's network, or its own where the row was held out). The mean of such
logits is out of fold too. So members need not share their folds, and do not: another seed gives other folds. They must
share the images, their groups and the number of folds, because a network trained on half of the rows differs from one
trained on four fifths.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cgid.artifacts import RUN_CONFIG
from cgid.errors import InputError
from cgid.evaluate.calibration import sigmoid
from cgid.runs import predictions
from cgid.runs.run import Run
from cgid.runs.store import load_run, verify
from cgid.schema import external_split

KEYS = ("sha256", "label", "group")  # what must agree between members, row by row


@dataclass(frozen=True)
class Member:
    run: Run

    @property
    def manifest(self) -> dict[str, Any]:
        return self.run.manifest

    @property
    def name(self) -> str:
        return self.run.id

    @property
    def splits(self) -> dict[str, str]:
        """{key of a split: name of its table}; other data sets by index, since their names follow their paths."""
        own = ("train", "val", "test", "oof")
        there = {split: split for split in own if self.run.predictions_path(split).is_file()}
        names = [external_split(block["name"]) for block in self.manifest["metrics"]["external"]]
        return there | {f"external {i}": name for i, name in enumerate(names)}


def read_members(paths: Sequence[Path]) -> list[Member]:
    """The members of an ensemble. Raises InputError where these runs cannot be averaged."""
    if len(paths) < 2:
        raise InputError(f"--run needs two or more finished Model A runs, not {len(paths)}: --run A --run B.")
    members = [_member(Path(path)) for path in paths]
    for a, b in combinations(members, 2):
        if a.run.folder == b.run.folder:
            raise InputError(f"{a.run.folder} is named twice; each run counts once.")
        if a.manifest["weights"]["sha256"] == b.manifest["weights"]["sha256"]:
            raise InputError(f"{a.name} and {b.name} hold the same network; train with another --seed.")
    for other in members[1:]:
        _same(members[0], other)
    return members


def mean_tables(members: Sequence[Member]) -> dict[str, pd.DataFrame]:
    """{split: table with the mean logit and its probability}, under the first member's names.

    Raises InputError where members were not trained and evaluated on the same rows.
    """
    tables = {}
    for key, split in members[0].splits.items():
        each = [_read(member, member.splits[key]) for member in members]
        for member, table in zip(members[1:], each[1:]):
            _same_rows(members[0], each[0], member, table, split)
        logit = np.mean([table["logit"].to_numpy() for table in each], axis=0)
        table = each[0].drop(columns=["fold", "calibrated"], errors="ignore")
        tables[split] = table.assign(logit=logit, probability=sigmoid(logit))
    return tables


def _member(path: Path) -> Member:
    try:
        run = load_run(path)
    except InputError:
        if (path / RUN_CONFIG).is_file():
            raise InputError(f"{path} is not finished; run its training again to the end.") from None
        raise
    if run.kind != "model_a":
        raise InputError(f"{run.folder} is a {run.kind} run; averaging needs Model A runs.")
    for key, what in (("imported", "was imported"), ("members", "is an average already")):
        if run.manifest.get(key):
            raise InputError(f"{run.folder} {what}; averaging needs runs that were trained here.")
    needed = ("onnx", "manifests", "metrics", "preprocess", "config")
    if missing := [key for key in needed if not run.manifest.get(key)]:
        raise InputError(f"{run.folder} does not record {missing[0]} in run_manifest.json; train it again.")
    verify(run)
    return Member(run)


def _same(a: Member, b: Member) -> None:
    first, second = ([(m["role"], m["sha256"]) for m in each.manifest["manifests"]] for each in (a, b))
    if first != second:
        roles = sorted({role for role, _ in set(first) ^ set(second)}) or ["external"]
        raise InputError(f"{a.name} and {b.name} are of different data: their {roles[0]} manifests differ.")
    sides = [each.manifest["preprocess"]["image_size"] for each in (a, b)]
    if sides[0] != sides[1]:
        raise InputError(f"{a.name} takes images of {sides[0]} px and {b.name} of {sides[1]} px; train at one size.")
    if a.manifest["preprocess"] != b.manifest["preprocess"]:
        raise InputError(f"{a.name} and {b.name} preprocess images in different ways (see --fit); train with the same.")
    if _network(a) != _network(b):
        raise InputError(f"{a.name} ({_network(a)}) and {b.name} ({_network(b)}) are different networks.")
    folds = [each.manifest["config"].get("cross_fit") for each in (a, b)]
    if folds[0] != folds[1]:
        raise InputError(f"{a.name} has {folds[0]} and {b.name} {folds[1]} cross-fit folds; train with the same.")


def _network(member: Member) -> str:
    spec = member.manifest.get("network") or {}
    parts = [
        member.manifest["config"].get("arch"),
        spec.get("input", "rgb"),
        "tiny stem" if spec.get("tiny_stem") else "",
    ]
    return " ".join(str(word) for word in parts if word)


def _read(member: Member, split: str) -> pd.DataFrame:
    path = member.run.predictions_path(split)
    try:
        table = predictions.read(path)
        return table.sort_values(["sha256", "filepath"], ignore_index=True) if split == "oof" else table
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{path} cannot be read ({error}); train {member.name} again.") from None


def _same_rows(a: Member, first: pd.DataFrame, b: Member, other: pd.DataFrame, split: str) -> None:
    for key in KEYS:
        if len(first) != len(other) or not np.array_equal(first[key].to_numpy(), other[key].to_numpy()):
            raise InputError(
                f"{a.name} and {b.name} do not have the same rows of {split}: images changed between the trainings, or "
                "they held out different sources; train them with the same settings."
            )
    if split == "val" and not np.array_equal(first["calibration"].to_numpy(), other["calibration"].to_numpy()):
        raise InputError(f"{a.name} and {b.name} calibrated on different rows of val; train them with one version.")
