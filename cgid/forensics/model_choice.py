"""Other models than the current ones for a check: any finished run, any ONNX file that says how it wants to be read."""

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
MOST_KEPT = 4  # sets of models in memory
MOST_ONNX_BYTES = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Choice:
    """model_a, model_b: "" for the current one, `none` for none, a run's id or folder; for Model A also an ONNX file."""

    model_a: str = ""
    model_b: str = ""

    @property
    def current(self) -> bool:
        return not self.model_a and not self.model_b


_lock = threading.Lock()  # of the two below; never held while a model is loaded
_kept: OrderedDict[tuple, Models] = OrderedDict()
_loading: dict[tuple, threading.Lock] = {}


def chosen_models(choice: Choice) -> Models:
    """The models a person chose; the current ones by default. Safe from several threads: who wants the same models waits
    until they are loaded, nobody else does.

    Raises InputError where a run or file that was named cannot be used: nothing else answers in its place.
    """
    if choice.current:
        return current_models()
    places = _Places.of(choice)
    key = (choice, places.state())
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
        loading = _loading.setdefault(key, threading.Lock())
    with loading:
        with _lock:
            if key in _kept:
                return _kept[key]
        try:
            models = places.load()
            models.chosen = asdict(choice)
            with _lock:
                _kept[key] = models
                while len(_kept) > MOST_KEPT:
                    _kept.popitem(last=False)
        finally:
            with _lock:
                _loading.pop(key, None)
    return models


@dataclass(frozen=True)
class _Places:
    """Where the chosen models lie: a run, an ONNX file, or nothing."""

    run_a: Run | None
    run_b: Run | None
    onnx: Path | None = None

    @classmethod
    def of(cls, choice: Choice) -> _Places:
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
            models.network, models.thresholds_a, models.run_a = _loose(self.onnx)
            models.problems.append(
                f"Model A is the file {self.onnx.name}: nothing is known here of how often it is wrong, or of what it "
                "was trained on."
            )
        if self.run_b:
            models.fusion, models.thresholds_b = load_model_b(self.run_b), load_thresholds(self.run_b.folder)
            models.run_b = self.run_b
            models.problems += _other_model_a(self.run_b, models)
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
        raise InputError(f"There is no {title} run {name!r}; there are: {known}.")
    if run.kind != kind:
        raise InputError(f"{run.folder} is a run of the other model; name one of {title}.")
    return run


def _loose(path: Path) -> tuple[OnnxModel, Thresholds, Run]:
    """An ONNX file by itself, with the metadata of docs/any-detector.md. Raises InputError where it says too little."""
    if not path.is_file():
        raise InputError(f"There is no file {path}.")
    if path.stat().st_size > MOST_ONNX_BYTES:
        raise InputError(f"{path} is larger than 2 GB, which no single ONNX file can be.")
    from cgid.external.onnx_file import read_model

    read_model(path)  # refuses one that points to other files
    network = OnnxModel(path)
    network.sha256 = sha256_of(path)
    calibration = network.metadata.get("calibration")
    if not isinstance(calibration, dict):
        raise InputError(
            f"{path} does not say how its scores are calibrated (docs/any-detector.md); import it by "
            "`cgid import-detector`, which finds that out."
        )
    thresholds = thresholds_of({**calibration, "error_rates": None}, path)
    about = {"kind": "model_a", "simulated": bool(network.metadata.get("simulated"))}
    return network, thresholds, Run("model_a", path.name, path.parent, about)


def _other_model_a(run_b: Run, models: Models) -> list[str]:
    """Model B learned from the numbers of one Model A: a sentence where another one gives them now."""
    known = run_b.manifest.get("model_a")
    wanted = known.get("sha256") if isinstance(known, dict) else None
    if not wanted or models.network is None or models.network.sha256 == wanted:
        return []
    if models.fusion is None or "ml_probability" not in models.fusion.features:
        return []
    return ["Model B learned with the probabilities of another Model A; beside this one its answer is less sure."]
