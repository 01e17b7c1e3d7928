"""The curve within epochs: means between points by hand, one curve over an interruption, and no other weights for it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import cgid.models.architecture as registry
from cgid.files import read_json
from cgid.train import checkpoint, export_onnx, loop, progress
from cgid.train.model_a import train
from cgid.train.progress import Trace
from tiny_network import TINY, recipe


@pytest.fixture(autouse=True)
def tiny_architecture(monkeypatch):
    monkeypatch.setattr(registry, "all_architectures", lambda: {"tiny": TINY})
    monkeypatch.setattr(export_onnx, "EXPORTERS", {"torchscript": export_onnx.EXPORTERS["torchscript"]})
    monkeypatch.setenv("CGID_WORKERS", "2")


def test_a_point_is_the_mean_loss_since_the_point_before():
    at = [0.0]
    made = Trace(now=lambda: at[0])
    made.begin_epoch(0.0, 0)
    at[0] = 4.0
    assert not made.is_due(4.0)
    at[0] = 5.0
    assert made.is_due(5.0) and not made.is_due(2000.0), "in a long training points come further apart"
    made.add(0.25, 8.0, 10, 1e-3, 7.0)
    made.mark_read(started=4.75)
    at[0] = 9.0
    assert not made.is_due(9.0)
    at[0] = 29.0
    assert not made.is_due(29.0), "a point that took a quarter of a second is paid for by 25"
    at[0] = 30.0
    assert made.is_due(30.0)
    made.add(0.75, 14.0, 30, 1e-3, 7.0)
    made.begin_epoch(0.0, 0)
    made.add(1.5, 5.0, 20, 1e-4, 7.0)
    assert [(p["epoch"], p["loss"]) for p in made.points] == [(0.25, 0.8), (0.75, 0.3), (1.5, 0.25)]


def each_step(monkeypatch) -> None:
    monkeypatch.setattr(progress, "MIN_SECONDS", 0)
    monkeypatch.setattr(progress, "MAX_POINTS_FRACTION", 1e12)
    monkeypatch.setattr(progress, "COST_FACTOR", 0)


def test_points_change_no_weight_and_their_means_make_up_the_loss_of_the_epoch(tiny, tmp_path, monkeypatch):
    train(recipe(tiny, tmp_path / "plain"), lambda *_: None)
    each_step(monkeypatch)
    train(recipe(tiny, tmp_path / "traced"), lambda *_: None)
    plain, traced = (checkpoint.load(tmp_path / name / "last.pt") for name in ("plain", "traced"))
    assert all(torch.equal(plain["model"][k], traced["model"][k]) for k in plain["model"])
    assert [h["train_loss"] for h in plain["history"]] == [h["train_loss"] for h in traced["history"]]
    points = traced["points"]
    assert [p["epoch"] for p in points] == [n / 4 for n in range(1, 13)], "four steps in each of three epochs"
    means = np.array([p["loss"] for p in points]).reshape(3, 4).mean(axis=1)  # every step has eight images
    np.testing.assert_allclose(means, [h["train_loss"] for h in traced["history"]])
    shown = read_json(tmp_path / "traced" / "history.json")
    assert [p["loss"] for p in shown["steps"]] == [p["loss"] for p in points] and len(shown["epochs"]) == 3
    assert points[-1]["lr"] == traced["history"][-1]["lr"] and points[0]["images_per_second"] > 0


@pytest.mark.parametrize("at", [3, 5, 8])
def test_interrupted_and_resumed_is_one_curve(tiny, tmp_path, monkeypatch, at):
    each_step(monkeypatch)
    monkeypatch.setattr(loop, "SAVE_SECONDS", 0)
    monkeypatch.setattr(loop, "SAVE_SHARE", 0)
    train(recipe(tiny, tmp_path / "whole"), lambda *_: None)

    class Killed(Exception):
        pass

    def report(done, total, note=""):
        if note.startswith("training") and done == at:
            raise Killed

    with pytest.raises(Killed):
        train(recipe(tiny, tmp_path / "cut"), report)
    train(recipe(tiny, tmp_path / "cut"), lambda *_: None)
    whole, cut = (checkpoint.load(tmp_path / name / "last.pt")["points"] for name in ("whole", "cut"))
    assert [(p["epoch"], p["lr"]) for p in cut] == [(p["epoch"], p["lr"]) for p in whole]
    np.testing.assert_allclose([p["loss"] for p in cut], [p["loss"] for p in whole], rtol=1e-9)


def test_the_curve_is_there_before_the_first_epoch_is_over(tiny, tmp_path, monkeypatch):
    each_step(monkeypatch)
    seen = []

    def report(done, total, note=""):
        if note.startswith("training") and done == 3:
            seen.append(read_json(tmp_path / "history.json"))

    train(recipe(tiny, tmp_path, epochs=1), report)
    assert seen[0]["epochs"] == [] and [p["epoch"] for p in seen[0]["steps"]] == [0.25, 0.5]


def test_a_checkpoint_from_before_there_were_points_goes_on(tiny, tmp_path):
    train(recipe(tiny, tmp_path), lambda *_: None)
    old = checkpoint.load(tmp_path / "last.pt")
    del old["points"]
    checkpoint.save(tmp_path / "last.pt", old)
    (tmp_path / "run_manifest.json").unlink()
    assert "AUC on test" in train(recipe(tiny, tmp_path), lambda *_: None)["summary"]
