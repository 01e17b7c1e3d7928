"""Lists the trained runs, reads and verifies them, and promotes one: the run that checks and extraction use.

A promoted run is recorded by its folder in `artifacts/current.json`, never copied.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from cgid.artifacts import MODEL_B, ONNX_MODEL, RUN_MANIFEST
from cgid.errors import InputError
from cgid.files import read_json, sha256_of, write_json
from cgid.progress import Progress
from cgid.runs.params import PromoteParams
from cgid.runs.run import Run
from cgid.schema import RunKind
from cgid.settings import settings

KINDS = tuple(kind.value for kind in RunKind)
# What a check needs besides the weights named in the manifest.
REQUIRED_FILES = {
    "model_a": (ONNX_MODEL, "run `cgid model-a export-onnx` on it first"),
    "model_b": (MODEL_B, "train it again"),
}


@dataclass(frozen=True)
class BrokenRun:
    """A folder that should be a run but cannot be read as one, with the reason in one sentence."""

    kind: str
    folder: Path
    reason: str


def current_file() -> Path:
    """`artifacts/current.json`: {"model_a": folder, "model_b": folder}, relative to artifacts/ where below it."""
    return settings().artifacts / "current.json"


def load_run(folder: Path | str) -> Run:
    """The run in a folder. Raises InputError where its run_manifest.json is missing, damaged or of no known kind."""
    folder = Path(os.path.abspath(Path(folder).expanduser()))
    path = folder / RUN_MANIFEST
    if not path.is_file():
        raise InputError(f"{folder} holds no {RUN_MANIFEST}: it is not the folder of a finished run.")
    try:
        manifest = read_json(path)
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read as JSON ({error}); train the run again.") from None
    kind = manifest.get("kind") if isinstance(manifest, dict) else None
    if kind not in KINDS:
        raise InputError(f"{path} does not say `kind` model_a or model_b; train the run again.")
    return Run(kind, folder.name, folder, manifest)


def runs(kind: str | None = None) -> list[Run]:
    """Finished runs of a kind (None: both), newest first; the current one also where it lies elsewhere."""
    by_folder = {run.folder: run for run, _ in _read(kind) if run}
    for each in _kinds(kind):
        if run := current(each):
            by_folder.setdefault(run.folder, run)
    return sorted(by_folder.values(), key=lambda run: (run.created, run.id), reverse=True)


def broken_runs(kind: str | None = None) -> list[BrokenRun]:
    """Run folders whose run_manifest.json is there but damaged. A folder without one is a run that has not finished."""
    return [broken for _, broken in _read(kind) if broken]


def current(kind: str) -> Run | None:
    """The promoted run of a kind; None where nothing is promoted or the promoted run is missing (`current_problem`)."""
    return _current(kind)[0]


def current_problem(kind: str) -> str | None:
    """One sentence where current.json names a run of this kind that cannot be used; else None."""
    return _current(kind)[1]


def verify(run: Run) -> None:
    """Check every file the manifest records with its sha256. Raises InputError naming the first that differs.

    Any top-level block {"file", "sha256"} of the manifest counts (`weights` must be there).
    """
    weights = run.manifest.get("weights")
    if not isinstance(weights, dict) or not weights.get("file") or not weights.get("sha256"):
        raise InputError(f"{run.manifest_path} does not record its weights and their sha256; train the run again.")
    for block in run.manifest.values():
        if isinstance(block, dict) and block.get("file") and block.get("sha256"):
            verify_file(run, str(block["file"]), str(block["sha256"]))


def verify_file(run: Run, name: str, sha256: str) -> Path:
    """Path of a file of the run once its content has the recorded sha256. Raises InputError where it has not."""
    path = run.folder / name
    if Path(name).name != name or not path.is_file():
        raise InputError(f"{run.folder} lacks {name}, which its {RUN_MANIFEST} names; train the run again.")
    if sha256_of(path) != sha256:
        raise InputError(
            f"{path} was changed after training (its sha256 differs from {RUN_MANIFEST}); train the run again."
        )
    return path


def set_current(folder: Path | str) -> Run:
    """Make a run the current one of its kind. Raises InputError where it is incomplete or its files were changed."""
    from filelock import FileLock

    from cgid.models.onnx_model import scores_only

    run = load_run(folder)
    if problem := scores_only(run.folder, run.manifest):
        raise InputError(problem)
    verify(run)
    needed, suggestion = REQUIRED_FILES[run.kind]
    if not (run.folder / needed).is_file():
        raise InputError(f"{run.folder} has no {needed}, which checks use; {suggestion}.")
    path = current_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name(path.name + ".lock"), timeout=60):
        named = _current_names()[0]
        named[run.kind] = _relative_path(run.folder)
        write_json(path, named)
    return run


def _kinds(kind: str | None) -> tuple[str, ...]:
    if kind is not None and kind not in KINDS:
        raise ValueError(f"kind {kind!r} is not one of {', '.join(KINDS)}")
    return (kind,) if kind else KINDS


def _read(kind: str | None) -> list[tuple[Run | None, BrokenRun | None]]:
    result: list[tuple[Run | None, BrokenRun | None]] = []
    for each in _kinds(kind):
        for path in sorted((settings().runs / each).glob(f"*/{RUN_MANIFEST}")):
            try:
                run = load_run(path.parent)
                if run.kind != each:
                    raise InputError(f"{path} is a {run.kind} run in the folder of {each} runs; move it.")
                result.append((run, None))
            except InputError as error:
                result.append((None, BrokenRun(each, path.parent, str(error))))
    return result


def _relative_path(folder: Path) -> str:
    artifacts = settings().artifacts
    return folder.relative_to(artifacts).as_posix() if folder.is_relative_to(artifacts) else str(folder)


def _current_names() -> tuple[dict[str, str], str | None]:
    """(what current.json names, what is wrong with the file)."""
    path = current_file()
    if not path.is_file():
        return {}, None
    try:
        named = read_json(path)
    except (OSError, ValueError):
        named = None
    if not isinstance(named, dict):
        return {}, f"{path} is damaged; promote a run again."
    return {k: v for k, v in named.items() if k in KINDS and isinstance(v, str)}, None


def _current(kind: str) -> tuple[Run | None, str | None]:
    _kinds(kind)
    named, problem = _current_names()
    if kind not in named:
        return None, problem
    try:
        run = load_run(settings().artifacts / named[kind])
    except InputError as error:
        return None, f"The promoted {kind} run cannot be used: {error}"
    if run.kind != kind:
        return None, f"{current_file()} names a {run.kind} run as {kind}; promote a run again."
    return run, None


NAMES = {"model_a": "Model A", "model_b": "Model B"}


def promote(params: PromoteParams, progress: Progress) -> dict:
    """Verify the run's files and name it in current.json. Raises InputError where the run cannot be used."""
    progress(0, 1, f"checking {params.run.name}")
    previous = current(load_run(params.run).kind)
    run = set_current(params.run)
    progress(1, 1, f"{run.id} is current")
    return {
        "kind": run.kind,
        "run_id": run.id,
        "run": str(run.folder),
        "before": previous.id if previous else None,
        "current_file": str(current_file()),
        "summary": f"{NAMES[run.kind]} is now {run.id}.",
    }
