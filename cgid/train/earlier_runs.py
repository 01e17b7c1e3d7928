"""How long finished runs of the same kind say that a training will take: an estimate at once, before anything is measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from statistics import median
from typing import Any

from cgid.runs.run import Run
from cgid.schema import external_name
from cgid.settings import settings
from cgid.train.duration import NOTHING, Span, Work, span
from cgid.train.params import TrainModelAParams

# What decides the speed of a step; how many images and epochs there are is counted.
ALIKE = (
    "arch",
    "input",
    "stem",
    "image_size",
    "fit",
    "resize_to",
    "augment",
    "jpeg_augment",
    "batch_size",
    "processes",
)
USUAL = {f.name: f.default for f in fields(TrainModelAParams) if f.default is not MISSING}


@dataclass(frozen=True, slots=True)
class Earlier:
    """total: seconds. images_per_second: in training. runs: names of the runs it goes by."""

    total: Span
    images_per_second: float
    runs: tuple[str, ...]


def by_earlier(asked: Mapping[str, Any], work: Work, runs: Sequence[Run], on_card: bool) -> Earlier | None:
    """None where no run of the same network, input, picture size, batch and device tells how long it took.

    asked: canonical parameters. Training goes by the seconds of the epochs, the rest by images that were read.
    """
    usable = [run for run in runs if _alike(run, asked, on_card) and _told(run)]
    if not usable:
        return None
    pieces = [(float(h["seconds"]), _work(run).train) for run in usable for h in run.manifest["history"]]
    rest = [_rest(run) / max(1, _work(run).read) for run in usable]
    learn = span(pieces)
    total = learn * (work.learnt + work.cross_fitted)
    total += Span(min(rest), median(rest), max(rest)) * work.read if rest else NOTHING
    return Earlier(total, 1 / learn.expected, tuple(run.id for run in usable))


def _alike(run: Run, asked: Mapping[str, Any], on_card: bool) -> bool:
    config = USUAL | run.manifest.get("config", {})
    if any(config.get(name) != asked.get(name) for name in ALIKE):
        return False
    device = str(run.manifest.get("device", ""))
    if on_card:
        return bool(device) and not device.startswith("cpu")
    return device == f"cpu, {settings().workers} threads"


def _told(run: Run) -> bool:
    history = run.manifest.get("history") or []
    timed = bool(history) and all((h.get("seconds") or 0) > 0 for h in history)
    return timed and bool(run.manifest.get("seconds")) and _work(run).train > 0


def _work(run: Run) -> Work:
    """What the run did in the end: fewer epochs than asked for where it stopped early."""
    data, config = run.manifest.get("data", {}), USUAL | run.manifest.get("config", {})
    outside = sum(n for name, n in data.items() if external_name(name) is not None)
    counts = [int(data.get(split, 0)) for split in ("train", "val", "test")]
    return Work(*counts, outside, len(run.manifest["history"]), int(config["cross_fit"]))


def _rest(run: Run) -> float:
    """Seconds of the run that were not training: its epochs, and those of its cross-fit parts at the same speed."""
    work = _work(run)
    epochs = sum(h["seconds"] for h in run.manifest["history"])
    return max(0.0, run.manifest["seconds"] - epochs * (work.learnt + work.cross_fitted) / work.learnt)
