"""An estimate by measuring: on tiny images in seconds, with nothing left behind and no run folder touched."""

from __future__ import annotations

import pytest
import torch

import cgid.models.architecture as registry
from cgid.data.manifest import read_manifest, write_manifest
from cgid.errors import InputError
from cgid.params import canonical
from cgid.progress import silent
from cgid.train import estimate, export_onnx
from cgid.train.loop import Training
from cgid.train.params import EstimateTrainingParams
from tiny_network import TINY, recipe


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    known = {**registry.all_architectures(), "tiny": TINY}
    monkeypatch.setattr(registry, "all_architectures", lambda: known)
    monkeypatch.setattr(export_onnx, "EXPORTERS", {"torchscript": export_onnx.EXPORTERS["torchscript"]})
    monkeypatch.setenv("CGID_WORKERS", "2")
    monkeypatch.setattr(estimate, "SECONDS", 0.2)
    monkeypatch.setattr(estimate, "JUDGE_SECONDS", 0.1)


def asked(tiny, **changes) -> EstimateTrainingParams:
    values = canonical(recipe(tiny, tiny["train"].parent / "nowhere", cross_fit=2))
    values["external_manifest"] = (tiny["other"],)
    return EstimateTrainingParams(**{**values, **tiny_paths(tiny), **changes})


def tiny_paths(tiny) -> dict:
    return {f"{role}_manifest": tiny[role] for role in ("train", "val", "test")}


def test_every_part_is_measured_and_nothing_is_written(tiny, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = estimate.estimate(asked(tiny), silent)
    parts = {"reading images", "training", "cross-fit", "judging", "checkpoints", "export"}
    assert set(found["parts"]) == parts and all(p["expected"] > 0 for p in found["parts"].values())
    low, middle, high = (found["total"][k] for k in ("low", "expected", "high"))
    assert 0 < low <= middle <= high < 600
    assert middle == pytest.approx(sum(p["expected"] for p in found["parts"].values()))
    # 32 images, 3 epochs; two cross-fit parts of half the images each are as much again
    assert found["parts"]["training"]["expected"] == pytest.approx(96 / found["images_per_second"])
    assert found["parts"]["cross-fit"]["expected"] == pytest.approx(96 / found["images_per_second"])
    assert found["fits"] and found["trouble"] == "" and found["memory"] > 1e7
    assert "images/s" in found["summary"] and found["largest"] in found["summary"]
    assert not list(tmp_path.iterdir()) and not (tiny["train"].parent / "nowhere").exists()


def test_more_epochs_take_longer_by_as_much(tiny):
    few, many = (estimate.estimate(asked(tiny, epochs=n), silent) for n in (1, 50))
    rate = [found["images_per_second"] * found["parts"]["training"]["expected"] for found in (few, many)]
    assert rate == pytest.approx([32, 1600])


def test_a_batch_that_does_not_fit_is_answered_by_the_largest_that_does(tiny, monkeypatch):
    learn = Training._train_step

    def small_card(self, pixels, rows):
        if len(rows) > 5:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return learn(self, pixels, rows)

    monkeypatch.setattr(Training, "_train_step", small_card)
    found = estimate.estimate(asked(tiny, batch_size=16), silent)
    assert (found["fits"], found["batch_size"]) == (False, 4)
    assert "16 images of 32 px do not fit in memory in one step; 4 do (--batch-size 4)" in found["summary"]


def test_not_even_one_image_fits(tiny, monkeypatch):
    def full(self, pixels, rows):
        raise MemoryError

    monkeypatch.setattr(Training, "_train_step", full)
    with pytest.raises(InputError, match="too small for 1 image of 32 px"):
        estimate.estimate(asked(tiny), silent)


def test_bad_input_is_one_clear_line(tiny, tmp_path):
    with pytest.raises(InputError, match="--epochs must be at least 1"):
        estimate.estimate(asked(tiny, epochs=0), silent)
    with pytest.raises(InputError, match="neither none, imagenet nor a file"):
        estimate.estimate(asked(tiny, weights=str(tmp_path / "none.pt")), silent)
    torch.save({"model": {"other": torch.zeros(3)}}, tmp_path / "other.pt")
    with pytest.raises(InputError, match="does not fit the architecture"):
        estimate.estimate(asked(tiny, weights=str(tmp_path / "other.pt")), silent)
    frame = read_manifest(tiny["train"])
    write_manifest(frame[frame["label"] == "real"], tmp_path / "one.csv")
    with pytest.raises(InputError, match="class `real` only"):
        estimate.estimate(asked(tiny, train_manifest=tmp_path / "one.csv"), silent)
    for i in range(4):
        (tmp_path / f"{i}.png").write_bytes(b"no image")
    write_manifest(frame.iloc[:4].assign(path=[str(tmp_path / f"{i}.png") for i in range(4)]), tmp_path / "bad.csv")
    with pytest.raises(InputError, match="no image that can be read among 4"):
        estimate.estimate(asked(tiny, train_manifest=tmp_path / "bad.csv"), silent)


def test_what_is_not_measured_is_said(tiny):
    found = estimate.estimate(asked(tiny, processes=2, patience=3), silent)
    assert "2 share the training's steps" in found["summary"] and "Stopping early" in found["summary"]


def test_the_verb_takes_the_trainings_own_flags(capsys):
    from cgid.cli import main

    words = "--train-manifest a --val-manifest b --test-manifest c --output-dir d --epochs 3 --cross-fit 0 --device cpu"
    for verb in ("train-model-a", "estimate-training"):
        read = main.build_parser().parse_args([verb, *words.split()])
        assert (read.epochs, read.cross_fit, read.device) == (3, 0, "cpu")
    read = main.build_parser().parse_args(["estimate-training", *words.replace("--output-dir d ", "").split()])
    assert read.output_dir is None
