"""How long a training of Model A takes, by arithmetic: what it has to do, times what each piece was measured to cost.

An estimate as the job's result and as the sentence people read.

How long finished runs of the same kind say that a training will take: an estimate at once, before anything is measured.
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
from cgid.train.progress import words

TENTH = 0.1  # of the measured pieces are left out at either end of a range
# Parameters that do not change how long it takes; early stopping can only make it shorter.
TIMELESS = ("output_dir", "resume", "seed", "lr", "label_smoothing", "patience", "weights", "balance", "gate")


@dataclass(frozen=True, slots=True)
class Span:
    """Seconds: as expected, and if all went as the fastest and as the slowest measured tenth did."""

    low: float
    expected: float
    high: float

    def __add__(self, other: Span) -> Span:
        return Span(self.low + other.low, self.expected + other.expected, self.high + other.high)

    def __mul__(self, times: float) -> Span:
        return Span(self.low * times, self.expected * times, self.high * times)

    def words(self) -> str:
        """`3 min 20 s to 4 min 5 s`, from ten minutes on without seconds; one figure where both ends read alike."""
        low, high = (words(s if s < 600 else 60 * round(s / 60)).removesuffix(" 0 s") for s in (self.low, self.high))
        return low if low == high else f"{low} to {high}"


NOTHING = Span(0.0, 0.0, 0.0)


def span(pieces: Sequence[tuple[float, int]]) -> Span:
    """Seconds an image from measured pieces of (seconds, images); nothing measured costs nothing.

    Expected is total by total, since the whole is a sum; the ends are the tenth and the nine-tenth quantile of the
    pieces (linear between neighbours), widened to hold what is expected.
    """
    pieces = [(seconds, count) for seconds, count in pieces if count > 0]
    if not pieces:
        return NOTHING
    expected = sum(s for s, _ in pieces) / sum(n for _, n in pieces)
    rates = sorted(s / n for s, n in pieces)
    return Span(min(_quantile(rates, TENTH), expected), expected, max(_quantile(rates, 1 - TENTH), expected))


def _quantile(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


@dataclass(frozen=True, slots=True)
class Work:
    """How much there is to do. train, val, test, external: images. cross_fit: parts, 0 = none."""

    train: int
    val: int
    test: int
    external: int
    epochs: int
    cross_fit: int

    @property
    def read(self) -> int:
        """Images that are decoded once."""
        return self.train + self.val + self.test + self.external

    @property
    def learnt(self) -> int:
        """Images that pass through training steps in the run's own training."""
        return self.epochs * self.train

    @property
    def cross_fitted(self) -> int:
        """The same in all cross-fit parts together: k parts, each of the k-1 folds it is not judged on."""
        return self.epochs * self.train * (self.cross_fit - 1) if self.cross_fit else 0

    @property
    def judged(self) -> int:
        """Half of val after every epoch; in the end everything once, and the training images again out of fold."""
        return self.epochs * (self.val - self.val // 2) + self.read + (self.train if self.cross_fit else 0)

    @property
    def saved(self) -> int:
        """Checkpoints: one an epoch in every part, and the best weights of each epoch at most."""
        return self.epochs * (2 + self.cross_fit)


@dataclass(frozen=True, slots=True)
class Measured:
    """What one piece costs, seconds: of an image read, learnt, judged; of one checkpoint, one export."""

    read: Span
    learn: Span
    judge: Span
    save: Span
    export: Span


@dataclass(frozen=True, slots=True)
class Duration:
    """parts: {name: seconds} in the order in which they come."""

    parts: Mapping[str, Span]

    @property
    def total(self) -> Span:
        return sum(self.parts.values(), NOTHING)

    @property
    def largest(self) -> str:
        return max(self.parts, key=lambda name: self.parts[name].expected)

    @property
    def share(self) -> float:
        """Of the largest part, 0..1."""
        return self.parts[self.largest].expected / (self.total.expected or 1.0)

    def to_json(self) -> dict[str, Any]:
        return {"total": asdict(self.total), "parts": {name: asdict(part) for name, part in self.parts.items()}}


def duration(work: Work, cost: Measured) -> Duration:
    parts = {
        "reading images": cost.read * work.read,
        "training": cost.learn * work.learnt,
        "cross-fit": cost.learn * work.cross_fitted,
        "judging": cost.judge * work.judged,
        "checkpoints": cost.save * work.saved,
        "export": cost.export,
    }
    return Duration({name: part for name, part in parts.items() if part.expected > 0})


def same_work(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two sets of canonical parameters take equally long."""
    names = (one.keys() | other.keys()) - set(TIMELESS)
    return all(one.get(name) == other.get(name) for name in names)


def answer(
    params: TrainModelAParams,
    found: Duration,
    images_per_second: float,
    batch: int,
    device: str,
    memory: int,
    trouble: str = "",
) -> dict[str, Any]:
    """batch: the largest that fits. memory: bytes of the whole training. trouble: why the export would fail, or nothing."""
    fits = batch == params.batch_size
    words = [] if fits else [not_fitting(params.batch_size, params.image_size, batch)]
    words.append(
        f"{found.total.words()} on {device}, at {images_per_second:.3g} images/s in training; "
        f"the largest part is {found.largest} ({found.share:.0%})."
    )
    words.append(f"A step of {batch} images takes {gigabytes(memory)} of memory in all.")
    if params.processes > 1:
        words.append(f"One process was measured; {params.processes} share the training's steps, so it may be shorter.")
    if params.patience:
        words.append("Stopping early makes it shorter.")
    if trouble:
        words.append(f"The export of an untrained network failed: {trouble}")
    return {
        "summary": " ".join(words),
        **found.to_json(),
        "largest": found.largest,
        "images_per_second": images_per_second,
        "memory": memory,
        "device": device,
        "batch_size": batch,
        "fits": fits,
        "trouble": trouble,
    }


def not_fitting(batch: int, side: int, largest: int) -> str:
    return (
        f"{batch} images of {side} px do not fit in memory in one step; {largest} do "
        f"(--batch-size {largest}), and the figures are for that."
    )


def gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e8 else f"{size / 1e6:.0f} MB"


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
