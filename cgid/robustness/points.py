"""At which tiers and strengths a run is judged, and an image at all of them, decoded once.

Which images a run's robustness is measured on: those of its own test, or a manifest's; a fair draw where there are many.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from cgid.data.partition import order_by_hash, partition
from cgid.errors import InputError
from cgid.imaging.degrade import TIERS, degrade
from cgid.robustness.degradation import all_degradations, random_of
from cgid.runs import predictions
from cgid.runs.run import Run

COLUMNS = ("tier", "degradation", "level")  # of a table of predictions: which point a row belongs to
CLEAN = "clean"
NO_LEVEL = float("nan")  # one object, so that a tier equals itself


@dataclass(frozen=True, slots=True)
class Point:
    """Either a tier (`clean`, `web`, `hard`) or a degradation at a level; the other is "" and NaN."""

    tier: str = ""
    degradation: str = ""
    level: float = NO_LEVEL

    @property
    def title(self) -> str:
        """In words, e.g. `JPEG quality 60`."""
        if self.degradation:
            return all_degradations()[self.degradation].say(self.level)
        recipe = TIERS[self.tier]
        if recipe is None:
            return "as they are"
        return f"the tier {self.tier} (long side at most {recipe[0]} px, JPEG quality {recipe[1]})"

    def of(self, rgb: np.ndarray, sha256: str, seed: int) -> np.ndarray:
        """uint8 (H, W, 3) of the file with this sha256, degraded: uint8 (h, w, 3)."""
        if self.tier:
            return degrade(rgb, self.tier)
        made = all_degradations()[self.degradation]
        return made.apply(rgb, self.level, random_of(seed, sha256, self.degradation))


def all_points() -> list[Point]:
    """The tiers, then every curve from mild to severe."""
    curves = [Point(degradation=d.name, level=float(level)) for d in all_degradations().values() for level in d.levels]
    return [Point(tier=tier) for tier in TIERS] + curves


def own_test(run: Run) -> pd.DataFrame:
    """The images of predictions_test.parquet as `examples.read_examples` gives a manifest's: path, target, group, …"""
    file = run.predictions_path("test")
    if not file.is_file():
        raise InputError(f"{run.folder} kept no {file.name}; name images by --manifest.")
    try:
        table = predictions.read(file)[list(predictions.META)]
    except (OSError, ValueError, KeyError) as error:  # Arrow's errors are ValueErrors
        reason = (str(error) or type(error).__name__).splitlines()[0][:200]
        raise InputError(f"{file} cannot be read ({reason}); name images by --manifest.") from None
    return table.rename(columns={"filepath": "path", "label": "target"}).assign(
        **{c: table[c].fillna("").astype(str) for c in ("sha256", "group", "source", "generator")}
    )


def draw(frame: pd.DataFrame, most: int, seed: int) -> pd.DataFrame:
    """At most `most` rows of whole groups, each class, source and generator in proportion, in the frame's order.

    Depends on the seed, groups and labels alone. Raises InputError where groups of both classes do not fit.
    """
    if most < 2:
        raise InputError(f"--images {most}: give at least 2, one of each class.")
    if len(frame) <= most:
        return frame.reset_index(drop=True)
    stratum = frame["source"] + "\0" + frame["generator"]
    part = partition(frame["group"], frame["target"], stratum, [most, len(frame) - most], seed)
    chosen = frame[part == 0]
    names, sizes = np.unique(chosen["group"].to_numpy(str), return_counts=True)
    order = np.argsort(order_by_hash(names, seed), kind="stable")
    keep, kept = set(), 0
    for at in order:  # the draw may be some rows too many; whole groups go
        if kept + sizes[at] <= most:
            keep.add(names[at])
            kept += int(sizes[at])
    drawn = frame[(part == 0) & frame["group"].isin(keep)]
    if drawn["target"].nunique() < frame["target"].nunique():
        largest = int(frame["group"].value_counts().max())
        raise InputError(
            f"--images {most} cannot hold whole groups of both classes (the largest has {largest} images); give more."
        )
    return drawn.reset_index(drop=True)


def described(manifest: Path | None, frame: pd.DataFrame, drawn: pd.DataFrame) -> str:
    """Where the images come from, for people."""
    name = (
        "the run's own test" if manifest is None else f"{Path(manifest).absolute().parent.name}/{Path(manifest).name}"
    )
    return f"{len(drawn)} of {len(frame)} images of {name}" if len(drawn) < len(frame) else f"all images of {name}"
