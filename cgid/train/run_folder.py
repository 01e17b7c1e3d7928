"""Opens the folder of a Model A run, locked, and refuses one that holds another training.

`config.json` is written first and identifies the training; `run_manifest.json` is written last and marks it finished.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from cgid.errors import InputError
from cgid.files import plain, read_json, sha256_of, write_json
from cgid.params import canonical
from cgid.runs.run import Run
from cgid.train.params import TrainModelAParams

# Parameters that do not change the result.
IGNORED_PARAMETERS = (
    "output_dir",
    "resume",
    "workers",
    "device",
    "gate",
    "train_manifest",
    "val_manifest",
    "test_manifest",
)
ROLES = ("train", "val", "test", "external")


@contextlib.contextmanager
def open_folder(params: TrainModelAParams, first: bool = True) -> Iterator[Run]:
    """The run folder of these parameters, locked against a second training by the first process of this one.

    Raises InputError where it holds another training (naming what differs) or one that is running.
    """
    run = Run.at(params.output_dir)
    if not first:
        yield run
        return
    run.folder.mkdir(parents=True, exist_ok=True)
    identity = identity_of(params)
    try:
        with FileLock(run.folder / ".lock", timeout=0):
            _same_training(run, identity)
            write_json(run.config_path, identity)
            yield run
    except Timeout:
        raise InputError(
            f"Another training is writing into {run.folder}; wait for it or choose another folder."
        ) from None


def identity_of(params: TrainModelAParams) -> dict[str, Any]:
    """What a training depends on: its parameters, and its inputs by content."""
    config = {k: v for k, v in canonical(params).items() if k not in IGNORED_PARAMETERS and k != "external_manifest"}
    starts_from_file = params.weights not in ("none", "imagenet")
    if starts_from_file and not Path(params.weights).is_file():
        raise InputError(f"--weights {params.weights} is neither none, imagenet nor a file.")
    return plain(
        {
            "config": config,
            "manifests": [{"role": role, "sha256": _digest(path)} for role, path in manifests_of(params)],
            "weights_sha256": sha256_of(params.weights) if starts_from_file else None,
        }
    )


def manifests_of(params: TrainModelAParams) -> list[tuple[str, Path]]:
    """(role, path) of each input manifest."""
    paths = (params.train_manifest, params.val_manifest, params.test_manifest, *params.external_manifest)
    return [(ROLES[min(i, 3)], Path(path).expanduser().absolute()) for i, path in enumerate(paths)]


def _digest(path: Path) -> str:
    if not path.is_file():
        raise InputError(f"The manifest {path} is not there.")
    return sha256_of(path)


def _same_training(run: Run, identity: dict[str, Any]) -> None:
    if not run.config_path.exists():
        if run.manifest_path.exists() or run.checkpoint_path.exists():
            raise InputError(f"{run.folder} holds a run without config.json; choose another --output-dir.")
        return
    try:
        recorded = read_json(run.config_path)
        changed = _differences(recorded, identity)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"{run.config_path} is damaged; choose another --output-dir or remove the folder.") from None
    if changed:
        raise InputError(
            f"{run.folder} holds another training ({'; '.join(changed)}); choose another --output-dir or remove it."
        )


def _differences(recorded: dict[str, Any], current: dict[str, Any]) -> list[str]:
    # A folder older than a setting was trained with today's default of it.
    defaults = {f.name: f.default for f in fields(TrainModelAParams) if f.default is not MISSING}
    was, now = defaults | recorded["config"], defaults | current["config"]
    changed = [f"{k} was {was.get(k)}, now {now.get(k)}" for k in sorted(was | now) if was.get(k) != now.get(k)]
    for role in ROLES:
        if _of_role(recorded, role) != _of_role(current, role):
            changed.append(f"the {role} manifest has changed")
    if recorded["weights_sha256"] != current["weights_sha256"]:
        changed.append("the file of starting weights has changed")
    return changed


def _of_role(identity: dict[str, Any], role: str) -> list[str]:
    return [m["sha256"] for m in identity["manifests"] if m["role"] == role]
