"""Scores of damaged images in an imported table: which tier or strength each is of, and robustness/ made of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from cgid.errors import InputError
from cgid.imaging.degrade import TIERS
from cgid.studies.degradation import all_degradations
from cgid.studies.foreign_scores import NOTHING
from cgid.studies.robustness_points import CLEAN, Point
from cgid.train import predictions


def split(scores: pd.DataFrame, name: str) -> tuple[pd.DataFrame, dict[Point, pd.DataFrame]]:
    """(scores of the images as they are, {point: scores there}), each with its rows' numbers kept as index.

    scores: as `read_scores` gives them. Points: tiers first, then each degradation from mild to severe.
    Raises InputError, naming the row: an unknown tier or degradation, a level that is none, or both at once.
    """
    words = [scores[c].where(~scores[c].str.lower().isin(NOTHING), "") for c in ("tier", "degradation", "level")]
    points: dict[tuple[str, str, str], Point] = {}
    at = []
    for row, (tier, degradation, level) in zip(scores.index, zip(words[0].str.lower(), words[1].str.lower(), words[2])):
        key = (tier, degradation, level)
        if key not in points:
            points[key] = _point(*key, f"{name} row {row + 1}")
        at.append(points[key])
    clean = Point(tier=CLEAN)
    order = sorted(set(at) - {clean}, key=_place)
    return scores[[p == clean for p in at]], {point: scores[[p == point for p in at]] for point in order}


def rows_of(
    logits: Mapping[Point, np.ndarray], frame: pd.DataFrame, name: str
) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    """(predictions of the same test images at every point, test images left out with the reason).

    logits: {point: logit of each row of the manifest's frame, NaN: no score}, `clean` first. frame: with `content`.
    Raises InputError where no test image is scored at every point.
    """
    here = (frame["split"] == "test").to_numpy() & np.isfinite(logits[Point(tier=CLEAN)])
    every = here & np.all([np.isfinite(values) for values in logits.values()], axis=0)
    if not every.any():
        raise InputError(
            f"{name} scores no image of the test split both as it is and at every tier and level; give each image of a "
            "sample all of them."
        )
    rows = np.flatnonzero(every)
    contents = frame["content"].iloc[rows].tolist()
    tables = [
        predictions.table(frame, rows, contents, values[rows]).assign(
            tier=point.tier, degradation=point.degradation, level=point.level
        )
        for point, values in logits.items()
    ]
    left = [{"filepath": p, "reason": "not scored at every level"} for p in frame["path"][here & ~every]]
    return pd.concat(tables, ignore_index=True), left


def images_of(rows: pd.DataFrame, path: Path) -> str:
    """Where the figures come from, for people."""
    return f"{int((rows['tier'] == CLEAN).sum())} test images, scores given in {path.name}"


def _point(tier: str, degradation: str, level: str, where: str) -> Point:
    if not degradation:
        if level:
            raise InputError(f"{where}: level `{level[:40]}` without a degradation; name one of {_names()}.")
        if tier and tier not in TIERS:
            raise InputError(f"{where}: tier `{tier[:40]}` is not one of {', '.join(TIERS)}.")
        return Point(tier=tier or CLEAN)
    if tier:
        raise InputError(f"{where}: gives both a tier and a degradation; leave one empty.")
    made = all_degradations().get(degradation)
    if made is None:
        raise InputError(f"{where}: degradation `{degradation[:40]}` is not one of {_names()}.")
    low, high = made.bounds
    value = pd.to_numeric(level, errors="coerce")
    if not low <= value <= high:
        raise InputError(
            f"{where}: level `{level[:40]}` of {degradation} is not a number from {low:g} to {high:g} ({made.unit})."
        )
    return Point(degradation=degradation, level=float(value))


def _place(point: Point) -> tuple:
    if point.tier:
        return 0, list(TIERS).index(point.tier), 0.0
    names, levels = list(all_degradations()), all_degradations()[point.degradation].levels
    return 1, names.index(point.degradation), -point.level if levels[0] > levels[-1] else point.level


def _names() -> str:
    return ", ".join(all_degradations())
