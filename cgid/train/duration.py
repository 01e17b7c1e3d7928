"""Estimates how long a training of Model A takes: units of work times the measured cost of each unit.

`duration` uses costs measured on this machine; `estimate_from_past_runs` uses the times of finished runs with the same
settings, before anything is measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, fields
from statistics import median
from typing import Any

from cgid.runs.run import Run
from cgid.schema import external_name
from cgid.settings import settings
from cgid.train.params import TrainModelAParams
from cgid.train.progress import format_duration

QUANTILE = 0.1  # of the samples lies outside either end of a range
# Parameters that do not change how long it takes; early stopping can only make it shorter.
IGNORED_PARAMETERS = ("output_dir", "resume", "seed", "lr", "label_smoothing", "patience", "weights", "balance", "gate")


@dataclass(frozen=True, slots=True)
class Span:
    """Seconds: expected, and at the pace of the fastest and of the slowest measured tenth."""

    low: float
    expected: float
    high: float

    def __add__(self, other: Span) -> Span:
        return Span(self.low + other.low, self.expected + other.expected, self.high + other.high)

    def __mul__(self, times: float) -> Span:
        return Span(self.low * times, self.expected * times, self.high * times)

    def text(self) -> str:
        """`3 min 20 s to 4 min 5 s`, from ten minutes on without seconds; one value where both ends are equal."""
        low, high = (
            format_duration(s if s < 600 else 60 * round(s / 60)).removesuffix(" 0 s") for s in (self.low, self.high)
        )
        return low if low == high else f"{low} to {high}"


ZERO = Span(0.0, 0.0, 0.0)


def span(samples: Sequence[tuple[float, int]]) -> Span:
    """Seconds per image from measured samples of (seconds, images); without a sample, zero.

    The expected value is the ratio of the totals; the ends are the 0.1 and 0.9 quantiles of the samples (linear
    interpolation), widened to include the expected value.
    """
    samples = [(seconds, count) for seconds, count in samples if count > 0]
    if not samples:
        return ZERO
    expected = sum(s for s, _ in samples) / sum(n for _, n in samples)
    rates = sorted(s / n for s, n in samples)
    return Span(min(_quantile(rates, QUANTILE), expected), expected, max(_quantile(rates, 1 - QUANTILE), expected))


def _quantile(ordered: Sequence[float], fraction: float) -> float:
    position = fraction * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])


@dataclass(frozen=True, slots=True)
class Work:
    """Amount of work. train, val, test, external: images. cross_fit: folds, 0 = none."""

    train: int
    val: int
    test: int
    external: int
    epochs: int
    cross_fit: int

    @property
    def read(self) -> int:
        """Images decoded once."""
        return self.train + self.val + self.test + self.external

    @property
    def trained(self) -> int:
        """Images that pass through training steps in the main training."""
        return self.epochs * self.train

    @property
    def cross_fitted(self) -> int:
        """The same in all cross-fit trainings: k trainings, each on the k-1 folds that are not held out."""
        return self.epochs * self.train * (self.cross_fit - 1) if self.cross_fit else 0

    @property
    def predicted(self) -> int:
        """Predictions: half of val after every epoch; in the end everything once, and the training images again out
        of fold."""
        return self.epochs * (self.val - self.val // 2) + self.read + (self.train if self.cross_fit else 0)

    @property
    def saved(self) -> int:
        """Checkpoints: one per epoch and training, and at most the best weights of each epoch."""
        return self.epochs * (2 + self.cross_fit)


@dataclass(frozen=True, slots=True)
class UnitCosts:
    """Seconds of each unit: an image decoded, trained on, predicted; one checkpoint, one export."""

    read: Span
    train: Span
    predict: Span
    save: Span
    export: Span


@dataclass(frozen=True, slots=True)
class Duration:
    """parts: {name: seconds} in the order in which they come."""

    parts: Mapping[str, Span]

    @property
    def total(self) -> Span:
        return sum(self.parts.values(), ZERO)

    @property
    def largest(self) -> str:
        return max(self.parts, key=lambda name: self.parts[name].expected)

    @property
    def largest_fraction(self) -> float:
        """Fraction of the total that the largest part takes, 0..1."""
        return self.parts[self.largest].expected / (self.total.expected or 1.0)

    def to_json(self) -> dict[str, Any]:
        return {"total": asdict(self.total), "parts": {name: asdict(part) for name, part in self.parts.items()}}


def duration(work: Work, cost: UnitCosts) -> Duration:
    parts = {
        "reading images": cost.read * work.read,
        "training": cost.train * work.trained,
        "cross-fit": cost.train * work.cross_fitted,
        "judging": cost.predict * work.predicted,
        "checkpoints": cost.save * work.saved,
        "export": cost.export,
    }
    return Duration({name: part for name, part in parts.items() if part.expected > 0})


def same_work(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two sets of canonical parameters take equally long."""
    names = (one.keys() | other.keys()) - set(IGNORED_PARAMETERS)
    return all(one.get(name) == other.get(name) for name in names)


def estimate_result(
    params: TrainModelAParams,
    estimate: Duration,
    images_per_second: float,
    batch: int,
    device: str,
    memory: int,
    export_problem: str = "",
) -> dict[str, Any]:
    """batch: the largest that fits. memory: bytes of the whole training. export_problem: why the export would fail,
    or ""."""
    fits = batch == params.batch_size
    sentences = [] if fits else [batch_too_large_message(params.batch_size, params.image_size, batch)]
    sentences.append(
        f"{estimate.total.text()} on {device}, at {images_per_second:.3g} images/s in training; "
        f"the largest part is {estimate.largest} ({estimate.largest_fraction:.0%})."
    )
    sentences.append(f"A step of {batch} images takes {format_memory(memory)} of memory in all.")
    if params.processes > 1:
        sentences.append(
            f"One process was measured; {params.processes} share the training's steps, so it may be shorter."
        )
    if params.patience:
        sentences.append("Stopping early makes it shorter.")
    if export_problem:
        sentences.append(f"The export of an untrained network failed: {export_problem}")
    return {
        "summary": " ".join(sentences),
        **estimate.to_json(),
        "largest": estimate.largest,
        "images_per_second": images_per_second,
        "memory": memory,
        "device": device,
        "batch_size": batch,
        "fits": fits,
        "trouble": export_problem,
    }


def batch_too_large_message(batch: int, side: int, largest: int) -> str:
    return (
        f"{batch} images of {side} px do not fit in memory in one step; {largest} do "
        f"(--batch-size {largest}), and the estimate is for that."
    )


def format_memory(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e8 else f"{size / 1e6:.0f} MB"


# Parameters that determine the speed of a step; the numbers of images and epochs are counted.
SPEED_PARAMETERS = (
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
DEFAULTS = {f.name: f.default for f in fields(TrainModelAParams) if f.default is not MISSING}


@dataclass(frozen=True, slots=True)
class PastEstimate:
    """total: seconds. images_per_second: in training. runs: names of the runs it is based on."""

    total: Span
    images_per_second: float
    runs: tuple[str, ...]


def estimate_from_past_runs(
    requested: Mapping[str, Any], work: Work, runs: Sequence[Run], on_gpu: bool
) -> PastEstimate | None:
    """None where no run with the same network, input, image size, batch and device recorded its times.

    requested: canonical parameters. Training time follows from the seconds of the epochs, the rest from the images
    read.
    """
    usable = [run for run in runs if _has_same_speed(run, requested, on_gpu) and _has_timings(run)]
    if not usable:
        return None
    samples = [(float(h["seconds"]), _work(run).train) for run in usable for h in run.manifest["history"]]
    other_seconds = [_other_seconds(run) / max(1, _work(run).read) for run in usable]
    train_seconds = span(samples)
    total = train_seconds * (work.trained + work.cross_fitted)
    total += Span(min(other_seconds), median(other_seconds), max(other_seconds)) * work.read if other_seconds else ZERO
    return PastEstimate(total, 1 / train_seconds.expected, tuple(run.id for run in usable))


def _has_same_speed(run: Run, requested: Mapping[str, Any], on_gpu: bool) -> bool:
    config = DEFAULTS | run.manifest.get("config", {})
    if any(config.get(name) != requested.get(name) for name in SPEED_PARAMETERS):
        return False
    device = str(run.manifest.get("device", ""))
    if on_gpu:
        return bool(device) and not device.startswith("cpu")
    return device == f"cpu, {settings().workers} threads"


def _has_timings(run: Run) -> bool:
    history = run.manifest.get("history") or []
    timed = bool(history) and all((h.get("seconds") or 0) > 0 for h in history)
    return timed and bool(run.manifest.get("seconds")) and _work(run).train > 0


def _work(run: Run) -> Work:
    """The work of a finished run: fewer epochs than requested where it stopped early."""
    data, config = run.manifest.get("data", {}), DEFAULTS | run.manifest.get("config", {})
    external = sum(n for name, n in data.items() if external_name(name) is not None)
    train, val, test = (int(data.get(split, 0)) for split in ("train", "val", "test"))
    return Work(train, val, test, external, len(run.manifest["history"]), int(config["cross_fit"]))


def _other_seconds(run: Run) -> float:
    """Seconds of the run outside training: total less its epochs and those of its cross-fit trainings at the same
    speed."""
    work = _work(run)
    epochs = sum(h["seconds"] for h in run.manifest["history"])
    return max(0.0, run.manifest["seconds"] - epochs * (work.trained + work.cross_fitted) / work.trained)
