"""Which images a run's robustness is measured on: those of its own test, or a manifest's; a fair draw where there are many."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from cgid.data.partition import order_by_hash, partition
from cgid.errors import InputError
from cgid.runs.run import Run
from cgid.train import predictions


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
