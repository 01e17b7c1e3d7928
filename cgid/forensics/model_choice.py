"""Models selected for a check instead of the current ones: any finished run, or an ONNX file with complete metadata."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import asdict, dataclass
from pathlib import Path

from cgid.errors import InputError
from cgid.evaluate.thresholds import Thresholds
from cgid.files import sha256_of
from cgid.forensics.models import FILES, Models, current_models, load_thresholds, thresholds_of
from cgid.model_b.estimators import load_model_b
from cgid.models.onnx_model import OnnxModel
from cgid.runs.run import Run
from cgid.runs.store import current, current_file, load_run, runs

NONE = "none"
MAX_CACHED_MODELS = 4  # sets of models in memory
MAX_ONNX_BYTES = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Choice:
    """Selected models. model_a, model_b: "" for the current one, `none`, a run's id or folder; for Model A also an ONNX
    file.
    """

    model_a: str = ""
    model_b: str = ""

    @property
    def current(self) -> bool:
        return not self.model_a and not self.model_b


_lock = threading.Lock()  # of the two below; never held while a model is loaded
_cache: OrderedDict[tuple, Models] = OrderedDict()
_loading: dict[tuple, threading.Lock] = {}


def chosen_models(choice: Choice) -> Models:
    """The selected models, the current ones by default. Thread-safe: only threads that need the same models wait for
    them.

    Raises InputError where a named run or file cannot be used; there is no fallback.
    """
    if choice.current:
        return current_models()
    chosen = _ChosenFiles.of(choice)
    key = (choice, chosen.state())
    with _lock:
        if key in _cache:
            _cache.move_to_end(key)
            return _cache[key]
        loading = _loading.setdefault(key, threading.Lock())
    with loading:
        with _lock:
            if key in _cache:
                return _cache[key]
        try:
            models = chosen.load()
            models.chosen = asdict(choice)
            with _lock:
                _cache[key] = models
                while len(_cache) > MAX_CACHED_MODELS:
                    _cache.popitem(last=False)
        finally:
            with _lock:
                _loading.pop(key, None)
    return models


@dataclass(frozen=True)
class _ChosenFiles:
    """Location of the selected models: a run, an ONNX file, or none."""

    run_a: Run | None
    run_b: Run | None
    onnx: Path | None = None

    @classmethod
    def of(cls, choice: Choice) -> _ChosenFiles:
        file = Path(choice.model_a).expanduser() if choice.model_a.lower().endswith(".onnx") else None
        return cls(None if file else _run("model_a", choice.model_a), _run("model_b", choice.model_b), file)

    def state(self) -> tuple:
        folders = [run.folder for run in (self.run_a, self.run_b) if run]
        files = [current_file(), *(folder / name for folder in folders for name in FILES)]
        files += [self.onnx] if self.onnx else []
        return tuple((str(f), f.stat().st_mtime_ns, f.stat().st_size) if f.is_file() else (str(f),) for f in files)

    def load(self) -> Models:
        models = Models()
        if self.run_a:
            models.network = OnnxModel.load(self.run_a.folder)
            models.thresholds_a = load_thresholds(self.run_a.folder)
            models.run_a = self.run_a
        if self.onnx:
            models.network, models.thresholds_a, models.run_a = _load_onnx_file(self.onnx)
            models.problems.append(
                f"Model A is the file {self.onnx.name}: its error rates and training data are unknown."
            )
        if self.run_b:
            models.fusion, models.thresholds_b = load_model_b(self.run_b), load_thresholds(self.run_b.folder)
            models.run_b = self.run_b
            models.problems += _mismatched_model_a(self.run_b, models)
        return models


def _run(kind: str, name: str) -> Run | None:
    if name == NONE:
        return None
    if not name:
        return current(kind)
    title = "Model A" if kind == "model_a" else "Model B"
    run = next((r for r in runs(kind) if r.id == name), None) or (load_run(name) if Path(name).is_dir() else None)
    if run is None:
        known = ", ".join(r.id for r in runs(kind)[:8]) or "none yet"
        raise InputError(f"There is no {title} run {name!r}. Available: {known}.")
    if run.kind != kind:
        raise InputError(f"{run.folder} is a run of the other model. Name a run of {title}.")
    return run


def _load_onnx_file(path: Path) -> tuple[OnnxModel, Thresholds, Run]:
    """A single ONNX file with the metadata of docs/any-detector.md. Raises InputError where metadata is missing."""
    if not path.is_file():
        raise InputError(f"There is no file {path}.")
    if path.stat().st_size > MAX_ONNX_BYTES:
        raise InputError(f"{path} is larger than 2 GB, which no single ONNX file can be.")
    from cgid.external.onnx_file import read_model

    read_model(path)  # rejects a file that references other files
    network = OnnxModel(path)
    network.sha256 = sha256_of(path)
    calibration = network.metadata.get("calibration")
    if not isinstance(calibration, dict):
        raise InputError(
            f"{path} does not state how its scores are calibrated (docs/any-detector.md). Import it with "
            "`cgid external import-detector`, which calibrates it."
        )
    thresholds = thresholds_of({**calibration, "error_rates": None}, path)
    about = {"kind": "model_a", "simulated": bool(network.metadata.get("simulated"))}
    return network, thresholds, Run("model_a", path.name, path.parent, about)


def _mismatched_model_a(run_b: Run, models: Models) -> list[str]:
    """A warning where Model B was trained on the probabilities of a different Model A."""
    recorded = run_b.manifest.get("model_a")
    expected = recorded.get("sha256") if isinstance(recorded, dict) else None
    if not expected or models.network is None or models.network.sha256 == expected:
        return []
    if models.fusion is None or "ml_probability" not in models.fusion.features:
        return []
    return ["Model B was trained with the probabilities of a different Model A; with this one it is less reliable."]
