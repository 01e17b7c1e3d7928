"""The recipe of a training: balance, smoothing, early stopping; with all of it on, an interruption changes nothing."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

import cgid.models.architecture as registry
from cgid.data.manifest import read_manifest, write_manifest
from cgid.errors import InputError
from cgid.files import read_json, write_json
from cgid.progress import silent
from cgid.train import export_onnx, loop
from cgid.train.loader import MAX_COPIES, SampledAugmentation, balanced_epoch
from cgid.train.model_a import train
from cgid.train.recipe import TrainingConfig
from cgid.train.record import stalled
from tiny_network import TINY, recipe

ALL_ON = {
    "augment": "web", "balance": True, "label_smoothing": 0.1, "patience": 2,
    "epochs": 12, "lr": 0.1, "cross_fit": 2, "fit": "crop",
}  # fmt: skip


class Killed(BaseException):
    """Stands for the process going away."""


def _patch(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(registry, "all_architectures", lambda: {"tiny": TINY})
    patch.setattr(export_onnx, "EXPORTERS", {"torchscript": export_onnx.EXPORTERS["torchscript"]})  # the quick one
    patch.setenv("CGID_WORKERS", "2")
    patch.setattr(loop, "SAVE_SECONDS", 0)
    patch.setattr(loop, "SAVE_SHARE", 0)


@pytest.fixture(autouse=True)
def tiny_architecture(monkeypatch):
    _patch(monkeypatch)


@pytest.fixture(scope="module")
def uneven(tiny, tmp_path_factory):
    """The tiny manifests with a quarter of the training images of one class."""
    frame = read_manifest(tiny["train"])
    path = tmp_path_factory.mktemp("uneven") / "train.csv"
    write_manifest(pd.concat([frame[frame["label"] == "real"], frame[frame["label"] == "ai"].iloc[::3]]), path)
    return {**tiny, "train": path}


@pytest.fixture(scope="module")
def whole(uneven, tmp_path_factory):
    """(run folder of an uninterrupted training, its progress)."""
    with pytest.MonkeyPatch.context() as patch:
        _patch(patch)
        output, notes = tmp_path_factory.mktemp("whole") / "run", []
        train(recipe(uneven, output, **ALL_ON), lambda *note: notes.append(note))
    return output, notes


def test_early_stopping_shortens_the_folds_and_the_progress_too(whole):
    output, notes = whole
    manifest = read_json(output / "run_manifest.json")
    epochs, steps = len(manifest["history"]), [n for n in notes if "images/s" in n[2]]
    assert 3 <= epochs < 12 and epochs - manifest["best_epoch"] == 2
    assert steps[0][1] > steps[-1][1], "fewer steps in all than first announced"
    assert [done for done, _, _ in steps] == list(range(1, steps[-1][1] + 1))
    assert f"cross-fit 2 of 2, epoch {epochs}/{epochs}" in steps[-1][2]
    assert notes[-1][0] == notes[-1][1] == steps[-1][1]
    assert {"augment": "web", "balance": True, "label_smoothing": 0.1, "patience": 2}.items() <= manifest[
        "config"
    ].items()


@pytest.mark.parametrize("at", ["within an epoch", "last step before the stop", "within a fold"])
def test_interrupted_and_resumed_is_uninterrupted_with_everything_on(uneven, tmp_path, whole, at):
    expected, steps_whole = read_json(whole[0] / "run_manifest.json"), [n for n in whole[1] if "images/s" in n[2]]
    main = sum("training" in n[2] for n in steps_whole)
    cut = {"within an epoch": 5, "last step before the stop": main, "within a fold": main + 2}[at]
    steps = []

    def report(done, total, note=""):
        if "images/s" in note:
            steps.append((done, total))
            if len(steps) == cut:
                raise Killed

    params = recipe(uneven, tmp_path / "run", **ALL_ON)
    with pytest.raises(Killed):
        train(params, report)
    train(params, report)
    assert len(steps) == len(steps_whole) + 1, "only the step that was cut short is done again"
    assert steps[-1] == steps_whole[-1][:2]
    for name in ("model_a_best.pt", "last.pt"):
        ours, theirs = (torch.load(f / name, weights_only=True)["model"] for f in (tmp_path / "run", whole[0]))
        assert all(torch.equal(ours[k], theirs[k]) for k in theirs), name
    for split in ("oof", "test"):
        ours, theirs = (pd.read_parquet(f / f"predictions_{split}.parquet") for f in (tmp_path / "run", whole[0]))
        np.testing.assert_array_equal(ours["logit"], theirs["logit"])
    found = read_json(tmp_path / "run" / "run_manifest.json")
    assert (found["best_epoch"], found["metrics"]) == (expected["best_epoch"], expected["metrics"])
    assert [h["epoch"] for h in found["history"]] == [h["epoch"] for h in expected["history"]]


def test_patience_counts_epochs_since_the_best():
    figures = [(0.6, 0.7), (0.8, 0.6), (0.7, 0.5), (0.8, 0.6), (0.8, 0.59)]
    history = [{"epoch": i + 1, "val_auc": a, "val_loss": b} for i, (a, b) in enumerate(figures)]
    assert [stalled(history[:n], 2) for n in range(6)] == [False, False, False, False, True, False]
    assert not any(stalled(history[:n], 0) for n in range(6))
    blind = [{"epoch": i, "val_auc": None, "val_loss": None} for i in (1, 2, 3)]
    assert not stalled(blind, 1), "nothing to judge by"


def test_a_balanced_epoch_has_as_many_of_each_class_and_shows_all_of_the_smaller():
    label = np.array([1] * 7 + [0] * 33 + [1])
    rows = np.arange(1, 41)  # row 0 is unreadable
    for epoch in range(4):
        found = balanced_epoch(rows, label, len(label), seed=3, epoch=epoch)
        assert len(found) == len(set(found)) == len(rows)
        row = found % len(label)
        assert (label[row] == 1).sum() == 20 and 0 not in row
        times = np.bincount(row, minlength=41)
        assert set(times[1:7]) | {times[40]} <= {2, 3}
        assert set(times[7:40]) <= {0, 1}
    one, again, later = (balanced_epoch(rows, label, 41, 3, e) for e in (0, 0, 1))
    np.testing.assert_array_equal(one, again)
    assert set(one) != set(later), "another part of the larger class"


def test_balance_of_odd_numbers_single_classes_and_one_image_against_many():
    label = np.array([0, 0, 0, 1, 1])
    counts = [np.bincount(label[balanced_epoch(np.arange(5), label, 5, 0, e) % 5]).tolist() for e in (0, 1)]
    assert sorted(counts) == [[2, 3], [3, 2]]
    assert sorted(balanced_epoch(np.arange(4), np.zeros(4), 4, 0, 0)) == [0, 1, 2, 3]
    lonely = np.array([1] + [0] * 99)
    found = balanced_epoch(np.arange(100), lonely, 100, 0, 0)
    assert (found % 100 == 0).sum() == 50 and found.max() < 100 * MAX_COPIES


def test_draws_do_not_depend_on_labels(uneven):
    """The same manifest with every label turned round: the same draws for the same places, balanced or not."""
    frame = read_manifest(uneven["train"])
    seen = []
    for flip in (False, True):
        label = np.where((frame["label"] == "ai") ^ flip, 1.0, 0.0)
        for balance in (False, True):
            training = object.__new__(loop.Training)
            training.recipe = TrainingConfig(2, 8, 1e-3, 1, augment="web", balance=balance)
            training.images = type("Images", (), {"paths": list(frame["path"]), "preprocess": _Crops})()
            training.rows, training.label, training.epoch = np.arange(len(frame)), label, 1
            seen.append(training._plan()[1])
    for one, other in ((seen[0], seen[2]), (seen[1], seen[3])):
        for name in ("flip", "rotations", "shift", "quality"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
        for name in ("crop", "offset", "scale", "kernel", "blur", "noise", "quality", "opencv"):
            np.testing.assert_array_equal(getattr(one.preset, name), getattr(other.preset, name))


class _Crops:
    fit = "crop"


def test_without_new_settings_the_draws_are_the_old_ones():
    """A row's flip and shift are those of a training from before there were presets, by the same generator."""
    random = np.random.default_rng([7, 3, 2])
    draws = SampledAugmentation.of(9, True, 0.0, 7, 3)
    np.testing.assert_array_equal(draws.flip, random.random(9) < 0.5)
    np.testing.assert_array_equal(draws.shift, random.random((9, 2)))
    assert draws.preset is None and not draws.quality.any()


@pytest.mark.parametrize("smooth", [0.0, 0.2])
def test_label_smoothing_moves_the_targets_towards_each_other(tiny, tmp_path, monkeypatch, smooth):
    seen = set()
    loss = nn.functional.binary_cross_entropy_with_logits

    def spy(logit, target):
        seen.update(np.round(target.tolist(), 6))
        return loss(logit, target)

    monkeypatch.setattr(nn.functional, "binary_cross_entropy_with_logits", spy)
    train(recipe(tiny, tmp_path / "run", epochs=1, label_smoothing=smooth), silent)
    assert sorted(seen) == pytest.approx([smooth / 2, 1 - smooth / 2])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"augment": "blurry"}, "--augment 'blurry' is not one of none, web, cnndetection"),
        ({"augment": "web", "jpeg_augment": 0.5}, "leave --jpeg-augment out"),
        ({"label_smoothing": 1.0}, "--label-smoothing must be at least 0 and less than 1"),
        ({"label_smoothing": float("nan")}, "--label-smoothing"),
        ({"patience": -1}, "--patience must be 0"),
    ],
)
def test_settings_that_cannot_work_are_refused(tiny, tmp_path, changes, words):
    with pytest.raises(InputError, match=words):
        train(recipe(tiny, tmp_path / "run", **changes), silent)
    assert not (tmp_path / "run").exists()


def test_a_run_from_before_a_setting_existed_is_the_run_with_its_default(tiny, tmp_path):
    params = recipe(tiny, tmp_path / "run", epochs=1)
    train(params, silent)
    config = read_json(tmp_path / "run" / "config.json")
    for name in ("augment", "balance", "label_smoothing", "patience"):
        del config["config"][name]
    write_json(tmp_path / "run" / "config.json", config)
    before = (tmp_path / "run" / "last.pt").stat().st_mtime_ns
    with pytest.raises(InputError, match="augment was none, now web"):
        train(replace(params, augment="web"), silent)
    json.dumps(train(params, silent))
    assert (tmp_path / "run" / "last.pt").stat().st_mtime_ns == before
