"""How long a training of Model A takes, by arithmetic: what it has to do, times what each piece was measured to cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

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
