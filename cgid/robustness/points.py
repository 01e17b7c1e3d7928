"""Conditions of a robustness evaluation (tiers, and degradations at several levels), and the sample of images."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from cgid.data.partition import assign_splits, order_by_hash
from cgid.errors import InputError
from cgid.imaging.degrade import TIERS, degrade
from cgid.robustness.degradation import all_degradations, random_of
from cgid.runs import predictions
from cgid.runs.run import Run

COLUMNS = ("tier", "degradation", "level")  # of a table of predictions: the condition of a row
CLEAN = "clean"
NO_LEVEL = float("nan")  # one object, so that a tier equals itself


@dataclass(frozen=True, slots=True)
class Condition:
    """Either a tier (`clean`, `web`, `hard`) or a degradation at a level; the other is "" and NaN."""

    tier: str = ""
    degradation: str = ""
    level: float = NO_LEVEL

    @property
    def title(self) -> str:
        """Human-readable text, e.g. `JPEG quality 60`."""
        if self.degradation:
            return all_degradations()[self.degradation].describe(self.level)
        settings = TIERS[self.tier]
        if settings is None:
            return "as they are"
        return f"the tier {self.tier} (long side at most {settings[0]} px, JPEG quality {settings[1]})"

    def of(self, rgb: np.ndarray, sha256: str, seed: int) -> np.ndarray:
        """Apply the condition to the pixels of the file with this sha256: uint8 (H, W, 3) to uint8 (h, w, 3)."""
        if self.tier:
            return degrade(rgb, self.tier)
        degradation = all_degradations()[self.degradation]
        return degradation.apply(rgb, self.level, random_of(seed, sha256, self.degradation))


def all_conditions() -> list[Condition]:
    """The tiers, then every curve from mild to severe."""
    curves = [
        Condition(degradation=d.name, level=float(level)) for d in all_degradations().values() for level in d.levels
    ]
    return [Condition(tier=tier) for tier in TIERS] + curves


def own_test(run: Run) -> pd.DataFrame:
    """The images of predictions_test.parquet in the form of `manifest.read_examples`: path, target, group, …"""
    file = run.predictions_path("test")
    if not file.is_file():
        raise InputError(f"{run.folder} has no {file.name}; name images with --manifest.")
    try:
        table = predictions.read(file)[list(predictions.META)]
    except (OSError, ValueError, KeyError) as error:  # Arrow's errors are ValueErrors
        reason = (str(error) or type(error).__name__).splitlines()[0][:200]
        raise InputError(f"{file} cannot be read ({reason}); name images with --manifest.") from None
    return table.rename(columns={"filepath": "path", "label": "target"}).assign(
        **{c: table[c].fillna("").astype(str) for c in ("sha256", "group", "source", "generator")}
    )


def sample_images(frame: pd.DataFrame, max_images: int, seed: int) -> pd.DataFrame:
    """At most `max_images` rows of whole groups, each class, source and generator in proportion, in the frame's order.

    Depends on the seed, groups and labels alone. Raises InputError where groups of both classes do not fit.
    """
    if max_images < 2:
        raise InputError(f"--images {max_images}: give at least 2, one of each class.")
    if len(frame) <= max_images:
        return frame.reset_index(drop=True)
    stratum = frame["source"] + "\0" + frame["generator"]
    part = assign_splits(frame["group"], frame["target"], stratum, [max_images, len(frame) - max_images], seed)
    chosen = frame[part == 0]
    names, sizes = np.unique(chosen["group"].to_numpy(str), return_counts=True)
    order = np.argsort(order_by_hash(names, seed), kind="stable")
    groups, total = set(), 0
    for at in order:  # the sample may exceed the limit; whole groups are removed
        if total + sizes[at] <= max_images:
            groups.add(names[at])
            total += int(sizes[at])
    sample = frame[(part == 0) & frame["group"].isin(groups)]
    if sample["target"].nunique() < frame["target"].nunique():
        largest = int(frame["group"].value_counts().max())
        raise InputError(
            f"--images {max_images} cannot hold whole groups of both classes (the largest has {largest} images); give more."
        )
    return sample.reset_index(drop=True)


def describe_images(manifest: Path | None, frame: pd.DataFrame, sample: pd.DataFrame) -> str:
    """Human-readable origin of the images."""
    name = (
        "the run's own test" if manifest is None else f"{Path(manifest).absolute().parent.name}/{Path(manifest).name}"
    )
    return f"{len(sample)} of {len(frame)} images of {name}" if len(sample) < len(frame) else f"all images of {name}"
