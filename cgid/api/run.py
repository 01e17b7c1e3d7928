"""`cgid.load_run`: a trained or imported run, to read what it says of itself and to score images by it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cgid import artifacts
from cgid.api.check import opened
from cgid.api.result import Result, nothing_to_draw
from cgid.errors import InputError
from cgid.files import plain, read_json
from cgid.imaging.image_file import ImageFile
from cgid.schema import ModelAnswer, RunKind, Verdict, label_of

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

    from cgid.forensics.models import Models

SCORE_COLUMNS = ("file", "sha256", "probability_ai", "verdict", "error")


@dataclass(frozen=True, eq=False)
class Run(Result):
    """kind: `model_a` or `model_b`. id: its name. folder: absolute. manifest: the content of run_manifest.json."""

    kind: str
    id: str
    folder: Path
    manifest: dict[str, Any] = field(repr=False)

    @property
    def metrics(self) -> dict[str, Any]:
        """Figures with intervals by split, as in metrics.json. Raises InputError where the file is damaged."""
        path = self.folder / artifacts.RUN_METRICS
        return _read(path) if path.is_file() else dict(self.manifest.get("metrics") or {})

    @property
    def thresholds(self) -> dict[str, Any]:
        """The frozen thresholds, the inconclusive band and error rates, as in thresholds.json. Raises InputError where
        the file is missing or damaged."""
        return _read(self.folder / artifacts.RUN_THRESHOLDS)

    @property
    def splits(self) -> list[str]:
        """Splits of which there are predictions: `val`, `test`, `oof`, `external_<name>`, …"""
        return artifacts.prediction_splits(self.folder)

    def predictions(self, split: str = "test") -> pd.DataFrame:
        """A row an image of a split: filepath, sha256, label (0/1), group, source, generator, and P(AI) in 0..1.

        Raises InputError where the run has none of this split.
        """
        import pandas as pd

        path = self.folder / artifacts.predictions_file(split)
        if Path(split).name != split or not path.is_file():
            raise InputError(
                f"{self.folder} has no predictions of `{split}`; there are: {', '.join(self.splits) or 'none'}."
            )
        try:
            return pd.read_parquet(path)
        except (ValueError, OSError) as problem:
            raise InputError(f"{path} cannot be read: {' '.join(str(problem).split())[:200]}") from problem

    def score(self, images: Iterable[str | PathLike[str] | bytes | ImageFile]) -> pd.DataFrame:
        """A row an image, in the order given: file, sha256, probability_ai, verdict, error.

        images: paths, bytes or `ImageFile`s. probability_ai: calibrated P(AI) in 0..1, NaN where the model gives none.
        verdict: of this run alone, by its own band; `unreadable` with the reason in `error`. A Model B is asked beside
        the Model A it learned with, or the promoted one where that is gone.
        Raises InputError where the run holds no usable model.
        """
        import pandas as pd

        if isinstance(images, str | PathLike | bytes | ImageFile):
            images = [images]
        models = self._models()
        rows = [_row(self.kind, models, image) for image in images]
        return pd.DataFrame(rows, columns=list(SCORE_COLUMNS)).astype({"probability_ai": float})

    def frame(self) -> pd.DataFrame:
        """A row a figure of the test images: metric, value, low, high (95 %)."""
        import pandas as pd

        test = self.metrics.get("test") or {}
        rows = [
            {"metric": k, **v} for k, v in test.items() if isinstance(v, dict) and {"value", "low", "high"} <= set(v)
        ]
        return pd.DataFrame(rows, columns=["metric", "value", "low", "high"]).astype(
            dict.fromkeys(("value", "low", "high"), float)
        )

    def to_dict(self) -> dict[str, Any]:
        """kind, id, folder, and the manifest, as plain values."""
        return plain({"kind": self.kind, "id": self.id, "folder": self.folder, "manifest": self.manifest})

    def headline(self) -> str:
        simulated = ", of simulated data" if self.manifest.get("simulated") else ""
        return f"{label_of(RunKind, self.kind)}, run {self.id}{simulated}"

    def _figure(self) -> alt.TopLevelMixin:
        if "test" not in self.splits:
            raise nothing_to_draw("the run has no predictions of its test images")
        from cgid.charts import curves
        from cgid.evaluate.metrics import roc

        table = self.predictions("test")
        name = next((c for c in ("calibrated", "probability") if c in table), None)
        curve = roc(table["label"], table[name]) if name else None
        if curve is None or curve.empty:
            raise nothing_to_draw("a ROC curve needs scores of both classes")
        return curves.roc(curve)

    def _models(self) -> Models:
        from cgid.forensics.model_choice import NONE, Choice, chosen_models
        from cgid.runs.store import runs

        if self.kind == RunKind.MODEL_A:
            return chosen_models(Choice(str(self.folder), NONE))
        learned_with = (self.manifest.get("model_a") or {}).get("run")
        there = any(run.id == learned_with for run in runs(RunKind.MODEL_A.value))
        return chosen_models(Choice(str(learned_with) if there else "", str(self.folder)))


def load_run(path: str | PathLike[str]) -> Run:
    """The run in a folder, such as `artifacts/runs/model_a/NAME`.

    Raises InputError where its run_manifest.json is missing, damaged or of no known kind.
    """
    from cgid.runs import store

    run = store.load_run(Path(path))
    return Run(run.kind, run.id, run.folder, run.manifest)


def _row(kind: str, models: Models, source: Any) -> dict[str, Any]:
    from cgid.forensics.check import check

    name = str(source) if isinstance(source, str | PathLike) else getattr(source, "name", "image")
    image = opened(source)
    if kind == RunKind.MODEL_B or not isinstance(image, ImageFile):
        result = check(image, name, models, evidence=False)
        answer: ModelAnswer | None = result.model_b
        sha256, error = result.sha256, result.error
    else:
        answer, sha256, error = models.answer_a(image), image.sha256, ""
    verdict = Verdict.UNREADABLE if error else answer.verdict if answer else Verdict.INCONCLUSIVE
    probability = answer.probability if answer else None
    return {"file": name, "sha256": sha256, "probability_ai": probability, "verdict": str(verdict), "error": error}


def _read(path: Path) -> dict[str, Any]:
    try:
        content = read_json(path)
    except (OSError, ValueError) as problem:
        raise InputError(
            f"{path} cannot be read ({' '.join(str(problem).split())[:200]}); train the run again."
        ) from problem
    if not isinstance(content, dict):
        raise InputError(f"{path} is damaged; train the run again.")
    return content
