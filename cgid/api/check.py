"""`cgid.check`: one image in, evidence and verdict out."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cgid.api.result import Result, nothing_to_draw
from cgid.errors import InputError
from cgid.forensics import check as forensics_check
from cgid.forensics.model_choice import Choice, chosen_models
from cgid.imaging.image_file import ImageFile, UnreadableImage
from cgid.metadata import c2pa_sidecar
from cgid.schema import Verdict, label_of

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

UNNAMED = "image"  # an image of which only the bytes are known
EVIDENCE_COLUMNS = ("key", "title", "sentence", "strength", "points_to", "number", "feature", "fooled_by", "source")


@dataclass(frozen=True)
class CheckResult(forensics_check.CheckResult, Result):
    """What cgid says about one image; the fields are the keys of an object of `cgid check --json`.

    file, sha256: of the image. verdict: `likely_real`, `inconclusive`, `likely_ai`, `declared_ai` or `unreadable`.
    reason, why: sentences. probability_ai: calibrated P(AI), 0..1, of the deciding model; None without one.
    features: {column: value or None}, units as `cgid features` says. evidence: pieces, strongest first. error_rates:
    how often the deciding model is wrong on its test images. error: one sentence where the image cannot be read.
    """

    def to_dict(self) -> dict[str, Any]:
        """The object that `cgid check --json` prints for the file."""
        return self.to_json()

    def frame(self) -> pd.DataFrame:
        """A row a piece of evidence, strongest first: EVIDENCE_COLUMNS; `strength` is 0..1."""
        import pandas as pd

        return pd.DataFrame(self.evidence, columns=list(EVIDENCE_COLUMNS))

    def headline(self) -> str:
        return f"{self.file}: {label_of(Verdict, self.verdict)}. {self.why or self.error}"

    def _figure(self) -> alt.TopLevelMixin:
        deciding = self.model_b or self.model_a
        if self.probability_ai is None or not deciding:
            raise nothing_to_draw("no model gave a probability for this image")
        from cgid.charts.verdict import verdict_bar

        return verdict_bar(self.probability_ai, deciding.abstain_low, deciding.abstain_high)


def check(
    image: str | PathLike[str] | bytes | ImageFile,
    *,
    model_a: str | PathLike[str] | None = None,
    model_b: str | PathLike[str] | None = None,
    evidence: bool = True,
) -> CheckResult:
    """Say whether one image looks real or AI-made, and why. Nothing is recorded.

    image: path of a file (content credentials beside it, `photo.c2pa`, are read too), its bytes, or an `ImageFile`.
    model_a, model_b: a run's id or folder, for Model A also an ONNX file, or "none"; default the promoted ones of
    `CGID_HOME`. evidence: weigh it too; without it the answer comes sooner and `evidence` is empty.

    An image that cannot be read (missing, damaged, too large) is a result with `verdict="unreadable"`.
    Raises InputError where a model that was named cannot be used, and where `image` is nothing of the above.
    """
    if not isinstance(image, str | PathLike | bytes | ImageFile):
        raise InputError(f"An image is a path, bytes or an ImageFile, not {type(image).__name__}.")
    models = chosen_models(Choice(_named(model_a), _named(model_b)))
    name = None if isinstance(image, bytes | ImageFile) else str(Path(image))
    result = forensics_check.check(opened(image), name, models, evidence=evidence)
    return CheckResult(**vars(result))


def opened(image: str | PathLike[str] | bytes | ImageFile) -> Path | bytes | ImageFile:
    """The image, with the credentials kept beside it where there are some; what was given where nothing can be opened.

    Raises InputError on a bad trust list.
    """
    if isinstance(image, ImageFile):
        return image
    try:
        return (
            ImageFile.from_bytes(image, UNNAMED)
            if isinstance(image, bytes)
            else c2pa_sidecar.open_with_sidecar(Path(image))
        )
    except UnreadableImage:
        return image if isinstance(image, bytes) else Path(image)


def _named(model: str | PathLike[str] | None) -> str:
    return "" if model is None else str(model)
