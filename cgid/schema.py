"""The values that files, pages and commands share, each with its name for people: verdicts, classes, splits, families.

Values are contracts: they stand in manifests, JSON files and the database. Labels are words and may change.
"""

from __future__ import annotations

from enum import StrEnum

_EXTERNAL = "external_"  # begins the split names of other data sets


class _Labelled(StrEnum):
    """A string with a `label` for people."""

    label: str

    def __new__(cls, value: str, label: str) -> _Labelled:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member


class Verdict(_Labelled):
    """What cgid answers about one image. `label` is a heading, `within` the same inside a sentence, cell or chart."""

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
    """Class of an image; `target` is what models learn."""

    REAL = "real", "Real photo"
    AI = "ai", "AI image"

    @property
    def target(self) -> int:
        return int(self is Label.AI)


class Split(_Labelled):
    """Part of a data set, and whose predictions a table holds; other data sets are named by `external_split`."""

    TEST = "test", "Test (kept for this report)"
    VAL = "val", "Validation"
    TRAIN = "train", "Training (seen while learning)"
    OOF = "oof", "Training, out of fold"
    EXTERNAL = "external", "Other data"


class Family(_Labelled):
    """Family of a feature: what its values are read from."""

    CONTAINER = "container", "file and compression"
    PROVENANCE = "provenance", "metadata and credentials"
    CONTENT = "content", "what the pixels say"
    MODEL = "model", "models and rules"


class RunKind(_Labelled):
    """Kind of a run, and the folder its runs lie in."""

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
    """The side that a piece of evidence is for."""

    AI = "ai", "speaks for AI"
    REAL = "real", "speaks for a real photo"
    EDITED = "edited", "speaks for editing"
    NEITHER = "neither", "speaks for neither side"


def side_of(verdict: object) -> PointsTo:
    """The side that a verdict takes; neither for any other word."""
    sides = {Verdict.DECLARED_AI: PointsTo.AI, Verdict.LIKELY_AI: PointsTo.AI, Verdict.LIKELY_REAL: PointsTo.REAL}
    return sides.get(str(verdict), PointsTo.NEITHER)


class Severity(_Labelled):
    """How bad a finding of the audit is, or how a check of it ended."""

    ISSUE = "issue", "issue"
    WARNING = "warning", "warning"
    NONE = "none", "none"
    PASSED = "passed", "passed"
    NOT_APPLICABLE = "not_applicable", "not applicable"


def external_split(name: object) -> str:
    """Split name of another data set: `external_<name>`, as in names of prediction tables."""
    return f"{_EXTERNAL}{name}"


def external_name(split: str) -> str | None:
    """Name of the other data set a split is of; None for the splits of a run's own data."""
    return split.removeprefix(_EXTERNAL) if split.startswith(_EXTERNAL) else None


def split_label(split: str) -> str:
    """For people: of the splits of a run's own data, of other data sets, and of any other name itself."""
    if (name := external_name(split)) is not None:
        return f"{Split.EXTERNAL.label}: {name}"
    return Split(split).label if split in {member.value for member in Split} else split


def label_of(kind: type[_Labelled], value: object, unknown: str | None = None) -> str:
    """Label of a value that files name; `unknown`, or the value itself, where it is none of the kind's."""
    try:
        return kind(str(value)).label
    except ValueError:
        return str(value) if unknown is None else unknown
