"""The promoted models as a check needs them: loaded once, loaded anew when a file of theirs changes.

A model that is promoted and cannot be used costs its own answer and is named in `problems`; the check goes on.
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

FILES = (RUN_MANIFEST, RUN_THRESHOLDS, ONNX_MODEL, MODEL_B, predictions_file("train"))
MOST_CONTRIBUTIONS = 12


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
    """The models of one moment; a part is None where nothing (usable) is promoted. chosen: what a person asked for
    (`Choice`), {} where the current ones answer."""

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
        """A model in use learned from the simulated demo images."""
        return any(r is not None and bool(r.manifest.get("simulated")) for r in (self.run_a, self.run_b))

    def answer_a(self, image: ImageFile) -> dict[str, Any] | None:
        """{"run", "probability" calibrated, "raw", "verdict", "band", "trained_on"}; None without a Model A, or where it
        gives no number for this image."""
        if self.network is None or self.thresholds_a is None or self.run_a is None:
            return None
        logit = float(self.network.logits([image.rgb])[0])
        if not math.isfinite(logit):
            return None
        p = self.thresholds_a.calibration.probability(logit)
        band = self.thresholds_a.band
        return {
            "run": self.run_a.id,
            "probability": p,
            "raw": sigmoid(logit),
            "verdict": verdict(p, band),
            "band": band,
            "trained_on": self._trained_on(image),
        }

    def column_a(self, image: ImageFile, answer: Mapping[str, Any] | None) -> float:
        """`ml_probability` as Model B may see it: out-of-fold, or missing, for an image Model A was trained on."""
        if answer is None:
            return math.nan
        if not answer["trained_on"]:
            return float(answer["raw"])
        return float(self._seen()[0].get(image.sha256, math.nan))

    def _seen(self) -> tuple[dict[str, float], frozenset[str]]:
        from cgid.extraction.model_a import seen

        return seen(str(self.run_a.folder), self.network.sha256)

    def _trained_on(self, image: ImageFile) -> bool:
        left_out, trained = self._seen()
        return image.sha256 in trained or image.sha256 in left_out

    def answer_b(self, values: Mapping[str, float]) -> dict[str, Any] | None:
        """{"run", "variant", "kind", "probability" calibrated, "verdict", "band", "start", "logit", "contributions"}.

        kind: `linear` or `trees`. start, and all contributions of which the largest are listed, sum to `logit`, the
        calibrated one. None without a Model B.
        """
        if self.fusion is None or self.thresholds_b is None or self.run_b is None:
            return None
        p = self.fusion.probability(values)
        band = self.thresholds_b.band
        parts = self.fusion.contributions(values)
        return {
            "run": self.run_b.id,
            "variant": self.fusion.variant,
            "probability": p,
            "kind": "linear" if isinstance(self.fusion, LinearModel) else "trees",
            "verdict": verdict(p, band),
            "band": band,
            "start": next((c for f, _, c in parts if f == INTERCEPT), 0.0),
            "logit": math.fsum(c for *_, c in parts),
            "contributions": [{"feature": f, "value": v, "contribution": c} for f, v, c in parts[:MOST_CONTRIBUTIONS]],
        }

    def to_json(self) -> dict[str, Any]:
        def words(run: Run | None) -> dict[str, Any] | None:
            simulated = bool(run.manifest.get("simulated")) if run else False
            if run is None:
                return None
            data = run.manifest.get("data") or {}
            return {"run": run.id, "created": run.created, "simulated": simulated, "data": str(data.get("name") or "")}

        return {
            "model_a": words(self.run_a),
            "model_b": words(self.run_b),
            "simulated": self.simulated,
            "problems": list(self.problems),
            "chosen": dict(self.chosen),
        }


_lock = threading.Lock()
_kept: tuple[tuple, Models] | None = None


def current_models() -> Models:
    """The promoted models, kept until current.json or a file of theirs changes. Safe from several threads."""
    global _kept
    with _lock:
        state = _state()
        if _kept is None or _kept[0] != state:
            _kept = (state, Models.load())
        return _kept[1]


def _state() -> tuple:
    folders = [run.folder for kind in ("model_a", "model_b") if (run := current(kind))]
    files = [current_file(), *(folder / name for folder in folders for name in FILES)]
    return tuple((str(f), f.stat().st_mtime_ns, f.stat().st_size) if f.is_file() else (str(f),) for f in files)
