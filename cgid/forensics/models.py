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

from cgid.errors import InputError
from cgid.features.image import ImageFile
from cgid.files import read_json
from cgid.models.estimators import TreeModel, load_model_b
from cgid.models.linear import INTERCEPT, LinearModel
from cgid.models.onnx_model import OnnxModel
from cgid.models.store import Run, current, current_file, current_problem

FILES = ("run_manifest.json", "thresholds.json", "model.onnx", "model_b.json", "predictions_train.parquet")
MOST_CONTRIBUTIONS = 12


@dataclass(frozen=True)
class Frozen:
    """thresholds.json: calibrated p = sigmoid(logit / temperature + bias); band low..high is inconclusive."""

    temperature: float
    bias: float
    low: float
    high: float
    error_rates: dict[str, Any] | None

    @classmethod
    def load(cls, folder: Path) -> Frozen:
        """Raises InputError where the file is missing or damaged."""
        path = folder / "thresholds.json"
        try:
            content = read_json(path)
        except (OSError, ValueError) as problem:
            raise InputError(f"{path} cannot be used ({problem!r}); train the run again.") from None
        return cls.of(content, path)

    @classmethod
    def of(cls, content: Any, path: Path) -> Frozen:
        """From what `path` holds. Raises InputError where it lacks a value or holds an impossible one."""
        try:
            band = content["inconclusive"]
            numbers = [
                float(v) for v in (content.get("temperature", 1), content.get("bias", 0), band["low"], band["high"])
            ]
            rates = content.get("error_rates")
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            raise InputError(f"{path} cannot be used ({problem!r}); train the run again.") from None
        if not all(map(math.isfinite, numbers)) or numbers[0] <= 0:
            raise InputError(f"{path} holds impossible values; train the run again.")
        return cls(*numbers, rates if isinstance(rates, dict) else None)

    def calibrated(self, logit: float) -> float:
        return 0.5 * (1 + math.tanh((logit / self.temperature + self.bias) / 2))


@dataclass
class Models:
    """The models of one moment; a part is None where nothing (usable) is promoted. chosen: what a person asked for
    (`Choice`), {} where the current ones answer."""

    run_a: Run | None = None
    run_b: Run | None = None
    network: OnnxModel | None = None
    fusion: LinearModel | TreeModel | None = None
    frozen_a: Frozen | None = None
    frozen_b: Frozen | None = None
    problems: list[str] = field(default_factory=list)
    chosen: dict[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls) -> Models:
        """Load what current.json names now. Never raises for a broken run."""
        models = cls(problems=[p for kind in ("model_a", "model_b") if (p := current_problem(kind))])
        models.problems = list(dict.fromkeys(models.problems))
        if run := current("model_a"):
            try:
                models.network, models.frozen_a, models.run_a = OnnxModel.load(run.folder), Frozen.load(run.folder), run
            except InputError as problem:
                models.problems.append(f"Model A was left out: {problem}")
                models.network = models.frozen_a = None
        if run := current("model_b"):
            try:
                models.fusion, models.frozen_b, models.run_b = load_model_b(run), Frozen.load(run.folder), run
            except InputError as problem:
                models.problems.append(f"Model B was left out: {problem}")
                models.fusion = models.frozen_b = None
        return models

    @property
    def simulated(self) -> bool:
        """A model in use learned from the simulated demo images."""
        return any(r is not None and bool(r.manifest.get("simulated")) for r in (self.run_a, self.run_b))

    def answer_a(self, image: ImageFile) -> dict[str, Any] | None:
        """{"run", "probability" calibrated, "raw", "verdict", "band", "trained_on"}; None without a Model A, or where it
        gives no number for this image."""
        from cgid.evaluate.thresholds import verdict

        if self.network is None or self.frozen_a is None or self.run_a is None:
            return None
        logit = float(self.network.logits([image.rgb])[0])
        if not math.isfinite(logit):
            return None
        p = self.frozen_a.calibrated(logit)
        band = {"low": self.frozen_a.low, "high": self.frozen_a.high}
        return {
            "run": self.run_a.id,
            "probability": p,
            "raw": 0.5 * (1 + math.tanh(logit / 2)),
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
        from cgid.features.model_a_values import seen

        return seen(str(self.run_a.folder), self.network.sha256)

    def _trained_on(self, image: ImageFile) -> bool:
        left_out, trained = self._seen()
        return image.sha256 in trained or image.sha256 in left_out

    def answer_b(self, values: Mapping[str, float]) -> dict[str, Any] | None:
        """{"run", "variant", "kind", "probability" calibrated, "verdict", "band", "start", "logit", "contributions"}.

        kind: `linear` or `trees`. start, and all contributions of which the largest are listed, sum to `logit`, the
        calibrated one. None without a Model B.
        """
        from cgid.evaluate.thresholds import verdict

        if self.fusion is None or self.frozen_b is None or self.run_b is None:
            return None
        p = self.fusion.probability(values)
        band = {"low": self.frozen_b.low, "high": self.frozen_b.high}
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
