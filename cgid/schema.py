"""What files, pages and commands share: values with their labels (verdicts, classes, splits, families) and results of a
check.

Values are contracts of manifests, JSON files and the database. Labels are for display and may change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Self

_EXTERNAL = "external_"  # begins the split names of other data sets


class _Labelled(StrEnum):
    """A string with a `label` for display."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:  # the lookup `Verdict("likely_ai")` passes a value alone
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member


class Verdict(_Labelled):
    """Verdict on one image. `label` is a heading, `within` the same text inside a sentence, cell or chart."""

    DECLARED_AI = "declared_ai", "Declared AI by its own data"
    LIKELY_AI = "likely_ai", "Likely AI"
    INCONCLUSIVE = "inconclusive", "Inconclusive"
    LIKELY_REAL = "likely_real", "Likely real"
    UNREADABLE = "unreadable", "Cannot be read"

    @property
    def within(self) -> str:
        text = "Declared AI" if self is Verdict.DECLARED_AI else self.label
        return text[0].lower() + text[1:]


class Label(_Labelled):
    """Class of an image; `target` is what models are trained on."""

    REAL = "real", "Real photo"
    AI = "ai", "AI image"

    @property
    def target(self) -> int:
        return int(self is Label.AI)


class Split(_Labelled):
    """Split of a data set, as named in prediction tables; for other data sets see `external_split`."""

    TEST = "test", "Test (held out)"
    VAL = "val", "Validation"
    TRAIN = "train", "Training (seen in training)"
    OOF = "oof", "Training, out of fold"
    EXTERNAL = "external", "Other data"


class Family(_Labelled):
    """Family of a feature: what its values are derived from."""

    CONTAINER = "container", "file format"
    PROVENANCE = "provenance", "provenance"
    CONTENT = "content", "pixel content"
    MODEL = "model", "models"


class RunKind(_Labelled):
    """Kind of a run, and the name of the folder of its runs."""

    MODEL_A = "model_a", "Model A"
    MODEL_B = "model_b", "Model B"


class JobStatus(_Labelled):
    """State of a background job."""

    QUEUED = "queued", "waiting"
    RUNNING = "running", "running"
    DONE = "done", "done"
    FAILED = "failed", "failed"
    CANCELLED = "cancelled", "cancelled"


class PointsTo(_Labelled):
    """The side that evidence supports."""

    AI = "ai", "points to AI"
    REAL = "real", "points to a real photo"
    EDITED = "edited", "points to editing"
    NEITHER = "neither", "points to neither side"


def side_of(verdict: object) -> PointsTo:
    """The side that a verdict supports; NEITHER for any other value."""
    sides: dict[str, PointsTo] = {
        Verdict.DECLARED_AI: PointsTo.AI,
        Verdict.LIKELY_AI: PointsTo.AI,
        Verdict.LIKELY_REAL: PointsTo.REAL,
    }
    return sides.get(str(verdict), PointsTo.NEITHER)


class Severity(_Labelled):
    """Severity of an audit finding, or outcome of an audit check."""

    ISSUE = "issue", "issue"
    WARNING = "warning", "warning"
    NONE = "none", "none"
    PASSED = "passed", "passed"
    NOT_APPLICABLE = "not_applicable", "not applicable"


def external_split(name: object) -> str:
    """Split name of another data set: `external_<name>`, as in names of prediction tables."""
    return f"{_EXTERNAL}{name}"


def external_name(split: str) -> str | None:
    """Name of the other data set of a split; None for the splits of a run's own data."""
    return split.removeprefix(_EXTERNAL) if split.startswith(_EXTERNAL) else None


def split_label(split: str) -> str:
    """Display text of a split of a run's own data or of another data set; any other name is returned as it is."""
    if (name := external_name(split)) is not None:
        return f"{Split.EXTERNAL.label}: {name}"
    return Split(split).label if split in {member.value for member in Split} else split


def label_of(kind: type[_Labelled], value: object, unknown: str | None = None) -> str:
    """Label of a value from a file; `unknown`, or the value itself, where the kind has no such member."""
    try:
        return kind(str(value)).label
    except ValueError:
        return str(value) if unknown is None else unknown


@dataclass(frozen=True, slots=True)
class Interval:
    """A metric and its 95 % interval; None where undefined."""

    value: float | None = None
    low: float | None = None
    high: float | None = None

    def __iter__(self) -> Iterator[float | None]:
        """So that it can be unpacked: `value, low, high = interval`."""
        return iter((self.value, self.low, self.high))

    def to_dict(self) -> dict[str, float | None]:
        """With the keys of every JSON file that holds a metric."""
        return {"value": self.value, "low": self.low, "high": self.high}


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """How often a verdict is wrong or withheld. rate: proportion of `n` images of a class."""

    rate: Interval
    n: int

    def to_dict(self) -> dict[str, float | None]:
        """With the keys of thresholds.json and `check --json`."""
        return {**self.rate.to_dict(), "n": self.n}


@dataclass(frozen=True, slots=True)
class RuleHit:
    """A fixed rule that fired on an image. reason: one sentence. weight: 0..1, its part in the rule score."""

    code: str
    reason: str = ""
    weight: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class RuleResult:
    """The fixed rules on one image. score: 0..1; None where it could not be computed. hits: the rules that fired."""

    score: float | None = None
    hits: tuple[RuleHit, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """With the keys of `check --json`."""
        return {"score": self.score, "fired": [hit.to_dict() for hit in self.hits]}


@dataclass(frozen=True)
class ModelAnswer:
    """The answer of a model about one image.

    run: id of the run. probability: calibrated P(AI), 0..1. verdict: `likely_real`, `inconclusive` or `likely_ai`.
    abstain_low, abstain_high: ends of the inconclusive range, in probability. trained_on: the image was a training
    image.
    """

    run: str
    probability: float
    verdict: str
    abstain_low: float
    abstain_high: float
    trained_on: bool = field(default=False, kw_only=True)

    @property
    def band(self) -> dict[str, float]:
        """The inconclusive range with the keys of `check --json`."""
        return {"low": self.abstain_low, "high": self.abstain_high}


@dataclass(frozen=True, kw_only=True)
class NetworkAnswer(ModelAnswer):
    """The answer of Model A. raw: its probability before calibration, 0..1."""

    raw: float

    def to_dict(self) -> dict[str, Any]:
        """With the keys of `check --json`."""
        return {
            "run": self.run,
            "probability": self.probability,
            "raw": self.raw,
            "verdict": self.verdict,
            "band": self.band,
            "trained_on": self.trained_on,
        }


@dataclass(frozen=True, slots=True)
class FeatureContribution:
    """What a feature adds to a logit. value: of the feature; None where missing."""

    feature: str
    value: float | None
    contribution: float


@dataclass(frozen=True, kw_only=True)
class FusionAnswer(ModelAnswer):
    """The answer of Model B. kind: `linear` or `trees`.

    base_value and all contributions, of which the largest are listed, sum to `logit`, the calibrated one.
    """

    variant: str
    kind: str
    base_value: float
    logit: float
    contributions: tuple[FeatureContribution, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """With the keys of `check --json`."""
        return {
            "run": self.run,
            "variant": self.variant,
            "probability": self.probability,
            "kind": self.kind,
            "verdict": self.verdict,
            "band": self.band,
            "start": self.base_value,
            "logit": self.logit,
            "contributions": [asdict(each) for each in self.contributions],
        }


@dataclass(frozen=True, slots=True)
class SourceStatement:
    """What one source of evidence says about an image.

    source: `provenance`, `model_a`, `model_b` or `rules`. statement: a verdict, `silent` (nothing to say), `warns`
    (credentials that do not fit) or `points_to_ai` (rules). explanation: one or two sentences.
    """

    source: str
    title: str
    statement: str
    explanation: str

    def to_dict(self) -> dict[str, Any]:
        """With the keys of `check --json`."""
        return {"who": self.source, "title": self.title, "says": self.statement, "why": self.explanation}


@dataclass(frozen=True, slots=True)
class Agreement:
    """Whether the sources of evidence agree. agree: among those that point to a side; None where fewer than two do."""

    statements: tuple[SourceStatement, ...]
    agree: bool | None
    sentence: str

    def to_dict(self) -> dict[str, Any]:
        """With the keys of `check --json`."""
        return {
            "voices": [each.to_dict() for each in self.statements],
            "agree": self.agree,
            "sentence": self.sentence,
        }
