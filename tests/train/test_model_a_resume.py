"""A training that was interrupted anywhere ends as one that was not."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from filelock import FileLock

import cgid.models.architecture as registry
from cgid.errors import InputError
from cgid.files import read_json
from cgid.progress import silent
from cgid.train import export_onnx, loop
from cgid.train.model_a import train
from tiny_network import TINY, recipe


class Killed(BaseException):
    """Stands for the process going away."""


def _patch(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(registry, "all_architectures", lambda: {"tiny": TINY})
    patch.setattr(export_onnx, "EXPORTERS", {"torchscript": export_onnx.EXPORTERS["torchscript"]})  # the quick one
    patch.setenv("CGID_WORKERS", "2")


@pytest.fixture(autouse=True)
def tiny_architecture(monkeypatch):
    _patch(monkeypatch)


@pytest.fixture(scope="module")
def uninterrupted(tiny, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        _patch(patch)
        output = tmp_path_factory.mktemp("whole") / "run"
        train(recipe(tiny, output, cross_fit=2), silent)
    return output


@pytest.mark.parametrize("at", [2, 8, 14], ids=["first epoch", "end of an epoch", "in a fold"])
def test_interrupted_at_any_step_and_resumed_gives_identical_weights(tiny, tmp_path, monkeypatch, uninterrupted, at):
    monkeypatch.setattr(loop, "SAVE_SECONDS", 0)
    monkeypatch.setattr(loop, "SAVE_SHARE", 0)
    steps = []

    def report(done, total, note=""):
        if "images/s" in note:
            steps.append(done)
            if len(steps) == at:
                raise Killed

    params = recipe(tiny, tmp_path / "run", cross_fit=2)
    with pytest.raises(Killed):
        train(params, report)
    assert not (tmp_path / "run" / "run_manifest.json").exists()
    train(params, report)
    assert len(steps) == 24 + 1, "only the step that was cut short is done again"
    same_result(tmp_path / "run", uninterrupted)


def test_killed_process_then_run_again_finishes_the_same(tiny, tmp_path, uninterrupted):
    script = Path(__file__).parents[1] / "support" / "tiny_network.py"
    paths = [str(tiny[split]) for split in ("train", "val", "test")]
    job = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path / "run"), *paths], stdout=subprocess.PIPE, text=True
    )
    for line in job.stdout:
        if line.startswith("7 "):
            break
    job.send_signal(signal.SIGKILL)
    job.wait()
    assert (tmp_path / "run" / "last.pt").exists() and not (tmp_path / "run" / "run_manifest.json").exists()
    first = []
    train(recipe(tiny, tmp_path / "run", cross_fit=2, resume=True), lambda d, t, n="": first.append((d, n)))
    assert min(d for d, n in first if "images/s" in n) >= 7
    same_result(tmp_path / "run", uninterrupted)


def test_two_trainings_in_one_folder_at_once_are_refused(tiny, tmp_path):
    (tmp_path / "run").mkdir()
    with FileLock(tmp_path / "run" / ".lock"), pytest.raises(InputError, match="Another training is writing"):
        train(recipe(tiny, tmp_path / "run"), silent)


def test_a_damaged_checkpoint_is_one_clear_line(tiny, tmp_path, uninterrupted):
    for name in ("config.json", "model_a_best.pt"):
        (tmp_path / name).write_bytes((uninterrupted / name).read_bytes())
    (tmp_path / "last.pt").write_bytes((uninterrupted / "last.pt").read_bytes()[:1000])
    with pytest.raises(InputError, match=r"last\.pt"):
        train(recipe(tiny, tmp_path, cross_fit=2), silent)


def same_result(run: Path, other: Path) -> None:
    for name in ("model_a_best.pt", "last.pt"):
        ours, theirs = (torch.load(folder / name, weights_only=True)["model"] for folder in (run, other))
        assert all(torch.equal(ours[k], theirs[k]) for k in theirs), name
    for split in ("oof", "test"):
        ours, theirs = (pd.read_parquet(folder / f"predictions_{split}.parquet") for folder in (run, other))
        np.testing.assert_array_equal(ours["logit"], theirs["logit"])
    ours, theirs = (read_json(folder / "run_manifest.json") for folder in (run, other))
    assert ours["best_epoch"] == theirs["best_epoch"]
    assert ours["metrics"] == theirs["metrics"]
    for key in ("train_loss", "val_loss", "val_auc"):
        np.testing.assert_allclose([h[key] for h in ours["history"]], [h[key] for h in theirs["history"]], rtol=1e-9)
