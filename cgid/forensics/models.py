"""The promoted models as a check needs them: loaded once, and again when one of their files changes.

A promoted model that cannot be used gives no answer and is named in `problems`; the check continues.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cgid.artifacts import MODEL_B, ONNX_MODEL, RUN_MANIFEST, RUN_THRESHOLDS, predictions_file
from cgid.errors import InputError
from cgid.evaluate.calibration import sigmoid
from cgid.evaluate.thresholds import Thresholds, verdict
from cgid.files import read_json
from cgid.imaging.image_file import ImageFile
from cgid.model_b.estimators import TreeModel, load_model_b
from cgid.model_b.linear import INTERCEPT, LinearModel
from cgid.models.onnx_model import OnnxModel
from cgid.runs.run import Run
from cgid.runs.store import current, current_file, current_problem
from cgid.schema import FeatureContribution, FusionAnswer, NetworkAnswer

FILES = (RUN_MANIFEST, RUN_THRESHOLDS, ONNX_MODEL, MODEL_B, predictions_file("train"))
MAX_CONTRIBUTIONS = 12


def load_thresholds(folder: Path) -> Thresholds:
    """thresholds.json of a run. Raises InputError where the file is missing or damaged."""
    path = folder / RUN_THRESHOLDS
    try:
        content = read_json(path)
    except (OSError, ValueError) as problem:
        raise InputError(f"{path} cannot be used ({problem!r}); train the run again.") from None
    return thresholds_of(content, path)


def thresholds_of(content: Any, path: Path) -> Thresholds:
    """From what `path` holds. Raises InputError where it lacks a value or holds an impossible one."""
    try:
        return Thresholds.from_dict(content)
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise InputError(f"{path} cannot be used ({problem!r}); train the run again.") from None


@dataclass
class Models:
    """A set of models; None where nothing usable is promoted. chosen: the selection of the user (`Choice`), {} where
    the current models answer.
    """

    run_a: Run | None = None
    run_b: Run | None = None
    network: OnnxModel | None = None
    fusion: LinearModel | TreeModel | None = None
    thresholds_a: Thresholds | None = None
    thresholds_b: Thresholds | None = None
    problems: list[str] = field(default_factory=list)
    chosen: dict[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls) -> Models:
        """Load what current.json names now. Never raises for a broken run."""
        models = cls(problems=[p for kind in ("model_a", "model_b") if (p := current_problem(kind))])
        models.problems = list(dict.fromkeys(models.problems))
        if run := current("model_a"):
            try:
                models.network = OnnxModel.load(run.folder)
                models.thresholds_a, models.run_a = load_thresholds(run.folder), run
            except InputError as problem:
                models.problems.append(f"Model A was left out: {problem}")
                models.network = models.thresholds_a = None
        if run := current("model_b"):
            try:
                models.fusion = load_model_b(run)
                models.thresholds_b, models.run_b = load_thresholds(run.folder), run
            except InputError as problem:
                models.problems.append(f"Model B was left out: {problem}")
                models.fusion = models.thresholds_b = None
        return models

    @property
    def simulated(self) -> bool:
        """Whether a model in use was trained on the simulated demo images."""
        return any(r is not None and bool(r.manifest.get("simulated")) for r in (self.run_a, self.run_b))

    def answer_a(self, image: ImageFile) -> NetworkAnswer | None:
        """Of Model A; None without one, or where it gives no number for this image."""
        if self.network is None or self.thresholds_a is None or self.run_a is None:
            return None
        logit = float(self.network.logits([image.rgb])[0])
        if not math.isfinite(logit):
            return None
        p = self.thresholds_a.calibration.probability(logit)
        low, high = self.thresholds_a.low, self.thresholds_a.high
        return NetworkAnswer(
            self.run_a.id,
            p,
            verdict(p, self.thresholds_a.abstain_range),
            low,
            high,
            raw=sigmoid(logit),
            trained_on=self._trained_on(image),
        )

    def column_a(self, image: ImageFile, answer: NetworkAnswer | None) -> float:
        """`ml_probability` as Model B may see it: out-of-fold, or missing, for an image Model A was trained on."""
        if answer is None:
            return math.nan
        if not answer.trained_on:
            return float(answer.raw)
        return float(self._seen()[0].get(image.sha256, math.nan))

    def _seen(self) -> tuple[dict[str, float], frozenset[str]]:
        from cgid.extraction.model_a import run_probabilities

        assert self.run_a is not None and self.network is not None, "only called where Model A answers"
        return run_probabilities(str(self.run_a.folder), self.network.sha256)

    def _trained_on(self, image: ImageFile) -> bool:
        left_out, trained = self._seen()
        return image.sha256 in trained or image.sha256 in left_out

    def answer_b(self, values: Mapping[str, float]) -> FusionAnswer | None:
        """Of Model B from the feature values, with its MAX_CONTRIBUTIONS largest contributions; None without one."""
        if self.fusion is None or self.thresholds_b is None or self.run_b is None:
            return None
        p = self.fusion.probability(values)
        parts = self.fusion.contributions(values)
        return FusionAnswer(
            self.run_b.id,
            p,
            verdict(p, self.thresholds_b.abstain_range),
            self.thresholds_b.low,
            self.thresholds_b.high,
            variant=self.fusion.variant,
            kind="linear" if isinstance(self.fusion, LinearModel) else "trees",
            base_value=next((c for f, _, c in parts if f == INTERCEPT), 0.0),
            logit=math.fsum(c for *_, c in parts),
            contributions=tuple(FeatureContribution(f, v, c) for f, v, c in parts[:MAX_CONTRIBUTIONS]),
        )

    def to_json(self) -> dict[str, Any]:
        def describe_run(run: Run | None) -> dict[str, Any] | None:
            simulated = bool(run.manifest.get("simulated")) if run else False
            if run is None:
                return None
            data = run.manifest.get("data") or {}
            return {"run": run.id, "created": run.created, "simulated": simulated, "data": str(data.get("name") or "")}

        return {
            "model_a": describe_run(self.run_a),
            "model_b": describe_run(self.run_b),
            "simulated": self.simulated,
            "problems": list(self.problems),
            "chosen": dict(self.chosen),
        }


_lock = threading.Lock()
_cache: tuple[tuple[Any, ...], Models] | None = None


def current_models() -> Models:
    """The promoted models, cached until current.json or one of their files changes. Thread-safe."""
    global _cache
    with _lock:
        state = _state()
        if _cache is None or _cache[0] != state:
            _cache = (state, Models.load())
        return _cache[1]


def _state() -> tuple[Any, ...]:
    folders = [run.folder for kind in ("model_a", "model_b") if (run := current(kind))]
    files = [current_file(), *(folder / name for folder in folders for name in FILES)]
    return tuple((str(f), f.stat().st_mtime_ns, f.stat().st_size) if f.is_file() else (str(f),) for f in files)
