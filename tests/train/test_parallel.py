"""Two processes train one network on the processor: the same result as one, on both, however often interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest
import torch

import cgid.models.architecture as registry
import parallel_network
from cgid.errors import InputError
from cgid.files import read_json
from cgid.progress import silent
from cgid.train import export_onnx
from cgid.train.launch_ranks import launch_ranks
from cgid.train.model_a import train
from child_processes import living
from tiny_network import recipe

SCRIPT = Path(parallel_network.__file__)


class Killed(BaseException):
    """Stands for the process going away."""


@pytest.fixture(autouse=True)
def two_threads(monkeypatch):
    monkeypatch.setenv("CGID_WORKERS", "2")


@pytest.fixture(scope="module")
def exact(tiny, tmp_path_factory):
    """Run folder of two processes with steps of seven images, which two cannot share evenly."""
    params = recipe(tiny, tmp_path_factory.mktemp("two") / "run", arch="exact", batch_size=7, cross_fit=2, processes=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CGID_WORKERS", "2")
        launch_ranks(partial(parallel_network.trained, params), 2, silent)
    return params.output_dir


def test_two_processes_learn_what_one_learns(exact, tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "all_architectures", parallel_network.known)
    monkeypatch.setattr(export_onnx, "EXPORTERS", {"torchscript": export_onnx.EXPORTERS["torchscript"]})
    train(recipe(tiny, tmp_path / "run", arch="exact", batch_size=7, cross_fit=2), silent)
    ours, theirs = (torch.load(f / "last.pt", weights_only=True) for f in (exact, tmp_path / "run"))
    for name, weights in theirs["model"].items():
        torch.testing.assert_close(ours["model"][name], weights, rtol=1e-4, atol=1e-6)
    for key in ("epoch", "train_loss", "lr", "val_loss", "val_auc"):
        np.testing.assert_allclose([h[key] for h in ours["history"]], [h[key] for h in theirs["history"]], rtol=1e-5)
    for split in ("oof", "test", "train", "val"):
        two, one = (pd.read_parquet(f / f"predictions_{split}.parquet") for f in (exact, tmp_path / "run"))
        assert two["sha256"].tolist() == one["sha256"].tolist()
        np.testing.assert_allclose(two["logit"], one["logit"], atol=1e-4)
    assert read_json(exact / "run_manifest.json")["config"]["processes"] == 2


def test_all_processes_end_with_the_same_weights(exact):
    first, second = ((exact / f"weights_{rank}.txt").read_text().split() for rank in (0, 1))
    assert first == second and len(set(first)) == 3, "the run's own training and two folds"


def test_torchrun_is_the_same_training(exact, tiny, tmp_path):
    command = [
        "-m",
        "torch.distributed.run",
        "--nproc_per_node=2",
        "--rdzv-backend=c10d",
        "--rdzv-endpoint=127.0.0.1:0",
    ]
    words = ["arch=exact", "batch_size=7", "cross_fit=2"]
    paths = [str(tiny[split]) for split in ("train", "val", "test")]
    done = subprocess.run(
        [sys.executable, *command, str(SCRIPT), str(tmp_path / "run"), *paths, *words], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("AUC on test") == 1, "the first process alone has the last word"
    same_weights(tmp_path / "run", exact)
    assert read_json(tmp_path / "run" / "config.json") == read_json(exact / "config.json")


def test_interrupted_and_resumed_is_uninterrupted_with_dropout_and_batch_statistics(tiny, tmp_path):
    def run(name: str, report) -> None:
        params = recipe(tiny, tmp_path / name, processes=2, epochs=12, lr=0.1, patience=1)
        launch_ranks(partial(parallel_network.trained, params), 2, report)

    def interrupt(done, total, note=""):
        if "images/s" in note and done == 2:
            raise Killed

    run("whole", silent)
    with pytest.raises(Killed):
        run("cut", interrupt)
    assert not ranks_of(os.getpid())
    assert not (tmp_path / "cut" / "run_manifest.json").exists()
    run("cut", silent)
    same_weights(tmp_path / "cut", tmp_path / "whole")
    epochs, best = (read_json(tmp_path / "cut" / "run_manifest.json")[key] for key in ("history", "best_epoch"))
    assert len(epochs) == best + 1 < 12, "stopped early, by what the first process saw"


@pytest.mark.parametrize(
    ("how", "error", "words"),
    [
        ("kill", InputError, r"^Process 2 of 2 of the training died \(SIGKILL\), so the others were ended; what was"),
        ("memory", InputError, r"^The memory is too small for 8 images of 32 px in one step; use"),
        ("fault", RuntimeError, r"^process 2 of 2: ZeroDivisionError: of all things"),
    ],
)
def test_a_process_that_dies_ends_the_others_with_one_sentence(tiny, tmp_path, capfd, how, error, words):
    params = recipe(tiny, tmp_path / "run", arch="exact", processes=2)
    with pytest.raises(error, match=words):
        launch_ranks(partial(parallel_network.dying, params, "1", how), 2, silent)
    assert not ranks_of(os.getpid())
    last = torch.load(tmp_path / "run" / "last.pt", weights_only=True)
    assert last["epoch"] == 1, "what was done before stays"
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_starter_that_is_killed_or_interrupted_leaves_no_process_behind(tiny, tmp_path, how):
    code = "import sys; import test_parallel as t; t.started(*sys.argv[1:])"
    paths = [str(tiny[split]) for split in ("train", "val", "test")]
    path = os.pathsep.join([str(SCRIPT.parent), *filter(None, sys.path)])
    begun = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "run"), *paths],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": path, "TMPDIR": str(tmp_path)},
    )
    assert begun.stdout.readline().startswith(b"1 ")
    left = ranks_of(begun.pid)
    assert len(left) == 2
    begun.send_signal(how)
    begun.wait(timeout=120)
    begun.stdout.close()
    _, alive = psutil.wait_procs(left, timeout=20)
    assert not alive
    assert not list(tmp_path.glob("cgid-ranks-*"))


def test_the_flag_starts_them_and_bad_input_is_one_line(tiny, tmp_path):
    manifests = [w for s in ("train", "val", "test") for w in (f"--{s}-manifest", str(tiny[s]))]
    more = ["--output-dir", str(tmp_path / "run"), "--batch-size", "1", "--image-size", "32", "--arch", "resnet18"]
    done = subprocess.run(
        [sys.executable, "-m", "cgid", "train-model-a", *manifests, *more, "--processes", "2", "--device", "cpu"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        "cgid: A step of 1 images cannot be shared out among 2 processes; use fewer --processes or a larger --batch-size."
    )
    assert "Traceback" not in done.stderr and "Warning" not in done.stderr


def started(output: str, *paths: str) -> None:
    """A slow training by two processes whose steps are printed. A shell's background job may ignore Ctrl-C; this does not."""
    signal.signal(signal.SIGINT, signal.default_int_handler)

    def report(done: int, total: int, note: str = "") -> None:
        if "images/s" in note:
            print(done, note, flush=True)

    params = recipe(dict(zip(("train", "val", "test"), map(Path, paths))), Path(output), processes=2, epochs=500)
    launch_ranks(partial(parallel_network.trained, params), 2, report)


def ranks_of(pid: int) -> list[psutil.Process]:
    """Processes of a training that this one started."""
    return living("cgid.train.launch_ranks", pid)


def same_weights(run: Path, other: Path) -> None:
    for name in ("model_a_best.pt", "last.pt"):
        ours, theirs = (torch.load(folder / name, weights_only=True)["model"] for folder in (run, other))
        assert all(torch.equal(ours[k], theirs[k]) for k in theirs), name
    ours, theirs = (pd.read_parquet(folder / "predictions_test.parquet") for folder in (run, other))
    np.testing.assert_array_equal(ours["logit"], theirs["logit"])
