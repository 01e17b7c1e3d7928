"""Training Model A: what it learns, what it writes, and what it refuses."""

from __future__ import annotations

import json
import os

import numpy as np
import pandas as pd
import pytest
import torch

import cgid.models.architecture as registry
from cgid.data.manifest import read_manifest, write_manifest
from cgid.errors import InputError
from cgid.files import read_json, sha256_of
from cgid.models import image_cache
from cgid.models.onnx_model import OnnxModel
from cgid.progress import silent
from cgid.runs.store import load_run, verify
from cgid.train import device, export_onnx
from cgid.train.model_a import train
from tiny_images import make_images
from tiny_network import TINY, recipe


@pytest.fixture(autouse=True)
def tiny_architecture(monkeypatch):
    known = {**registry.all_architectures(), "tiny": TINY}
    monkeypatch.setattr(registry, "all_architectures", lambda: known)
    monkeypatch.setattr(
        export_onnx, "EXPORTERS", {"torchscript": export_onnx.EXPORTERS["torchscript"]}
    )  # the quick one
    monkeypatch.setenv("CGID_WORKERS", "2")


@pytest.fixture(scope="module")
def resnet_run(tiny, tmp_path_factory):
    """A ResNet-18 trained on colour, with one external set and two folds."""
    output = tmp_path_factory.mktemp("runs") / "colour"
    notes = []
    params = recipe(tiny, output, arch="resnet18", epochs=2, lr=1e-3, cross_fit=2, external_manifest=(tiny["other"],))
    result = train(params, lambda done, total, note="": notes.append((done, total, note)))
    return output, result, notes


def test_it_learns_colour_and_ai_is_the_positive_class(resnet_run):
    output, _, _ = resnet_run
    test = pd.read_parquet(output / "predictions_test.parquet")
    ai, real = test.loc[test["label"] == 1], test.loc[test["label"] == 0]
    assert ai["filepath"].str.contains("/ai_").all()
    assert np.median(ai["calibrated"]) > 0.5 > np.median(real["calibrated"])
    assert read_json(output / "run_manifest.json")["metrics"]["test"]["auc"]["value"] > 0.95


def test_the_run_folder_holds_what_the_contract_names(resnet_run):
    output, result, _ = resnet_run
    splits = ("val", "test", "train", "oof", "external_other")
    named = ["model_a_best.pt", "last.pt", "run_manifest.json", "metrics.json", "thresholds.json", "model.onnx"]
    exports = ["metrics_summary.csv", "confusion_matrices.csv", "metrics_summary.json", "evaluation_summary.md"]
    for name in [*named, *(f"predictions_{s}.parquet" for s in splits), *(f"exports/{e}" for e in exports)]:
        assert (output / name).stat().st_size > 0, name
    manifest = read_json(output / "run_manifest.json")
    assert {
        "kind", "run_id", "created", "cgid_version", "versions", "config", "seed", "device", "data", "simulated",
        "manifests", "history", "best_epoch", "metrics", "weights", "seconds",
    } <= set(manifest)  # fmt: skip
    assert manifest["simulated"] is False
    assert [m["role"] for m in manifest["manifests"]] == ["train", "val", "test", "external"]
    assert [h["epoch"] for h in manifest["history"]] == [1, 2]
    assert {"train_loss", "val_loss", "val_auc", "seconds"} <= set(manifest["history"][0])
    assert manifest["metrics"]["external"][0]["name"] == "other"
    assert manifest["weights"]["sha256"] == sha256_of(output / "model_a_best.pt")
    assert manifest["warnings"] == []
    verify(load_run(output))
    assert "AUC on test" in result["summary"]
    json.dumps(result, allow_nan=False)


def test_out_of_fold_rows_are_the_training_rows_and_no_group_is_in_two_folds(resnet_run):
    output, _, _ = resnet_run
    oof = pd.read_parquet(output / "predictions_oof.parquet")
    own = pd.read_parquet(output / "predictions_train.parquet")
    assert sorted(oof["sha256"]) == sorted(own["sha256"])
    assert set(oof["fold"]) == {0, 1}
    assert oof.groupby("group")["fold"].nunique().max() == 1


def test_thresholds_come_from_the_calibration_half_and_errors_from_test(resnet_run):
    output, _, _ = resnet_run
    frozen = read_json(output / "thresholds.json")
    val = pd.read_parquet(output / "predictions_val.parquet")
    assert frozen["calibrated_on"]["n"] == val["calibration"].sum() < len(val)
    assert not set(val[val["calibration"]]["group"]) & set(val[~val["calibration"]]["group"])
    assert frozen["error_rates"]["measured_on"] == "test"
    expected = 1 / (1 + np.exp(-(val["logit"] / frozen["temperature"] + frozen["bias"])))
    np.testing.assert_allclose(val["calibrated"], expected, rtol=1e-6)
    assert read_json(output / "metrics.json")["val"]["n"] == (~val["calibration"]).sum()


def test_onnx_says_of_the_files_what_training_recorded(resnet_run):
    output, _, _ = resnet_run
    from cgid.imaging.image_file import ImageFile

    test = pd.read_parquet(output / "predictions_test.parquet")
    found = OnnxModel.load(output, threads=1).probabilities([ImageFile.open(p).rgb for p in test["filepath"]])
    np.testing.assert_allclose(found, test["probability"], atol=1e-4)
    parity = read_json(output / "run_manifest.json")["onnx"]["parity"]
    assert parity["passed"] and parity["images"] >= 24 and parity["largest_difference"] <= 1e-4


def test_progress_counts_every_step_and_says_speed_and_time_left(resnet_run):
    _, _, notes = resnet_run
    steps = [n for n in notes if "images/s" in n[2]]
    assert [done for done, _, _ in steps] == list(range(1, steps[-1][1] + 1))
    assert steps[-1][1] == 2 * (4 + 2 + 2)
    assert "left" in steps[5][2]


def test_a_finished_run_is_not_trained_again(resnet_run, tiny):
    output, _, _ = resnet_run
    before = (output / "last.pt").stat().st_mtime_ns
    params = recipe(tiny, output, arch="resnet18", epochs=2, lr=1e-3, cross_fit=2, external_manifest=(tiny["other"],))
    assert "AUC on test" in train(params, silent)["summary"]
    assert (output / "last.pt").stat().st_mtime_ns == before


def test_another_configuration_in_the_folder_is_refused_and_named(resnet_run, tiny):
    output, _, _ = resnet_run
    with pytest.raises(InputError, match=r"epochs was 2, now 4.*lr was 0.001, now 0.5.*external manifest has changed"):
        train(recipe(tiny, output, arch="resnet18", epochs=4, lr=0.5, cross_fit=2), silent)


def test_unreadable_images_are_listed_and_the_rest_is_used(tiny, tmp_path):
    frame = read_manifest(tiny["train"])
    broken = frame.iloc[:3].copy()
    for i, content in enumerate((b"", b"this is text", b"\x89PNG\r\n\x1a\n")):
        broken.loc[broken.index[i], "path"] = str(tmp_path / f"broken{i}.png")
        (tmp_path / f"broken{i}.png").write_bytes(content)
    write_manifest(pd.concat([broken, frame]), tmp_path / "train.csv")
    result = train(recipe({**tiny, "train": tmp_path / "train.csv"}, tmp_path / "run"), silent)
    skipped = read_json(tmp_path / "run" / "run_manifest.json")["skipped"]
    assert [os.path.basename(s["filepath"]) for s in skipped] == ["broken0.png", "broken1.png", "broken2.png"]
    assert all(s["role"] == "train" and s["reason"] for s in skipped)
    assert "3 unreadable images" in result["summary"]


def test_no_usable_image_and_one_class_are_one_clear_line(tiny, tmp_path):
    frame = read_manifest(tiny["train"])
    write_manifest(frame[frame["label"] == "ai"], tmp_path / "ai.csv")
    with pytest.raises(InputError, match="class `ai` only"):
        train(recipe({**tiny, "train": tmp_path / "ai.csv"}, tmp_path / "a"), silent)
    write_manifest(frame.assign(path=str(tmp_path / "gone.png")).iloc[:1], tmp_path / "gone.csv")
    with pytest.raises(InputError, match="no image that can be read"):
        train(recipe({**tiny, "val": tmp_path / "gone.csv"}, tmp_path / "b"), silent)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"arch": "resnet1800"}, "there are .*resnet18"),
        ({"device": "cuda:99"}, "cuda:99"),
        ({"device": "toaster"}, "not one of auto"),
        ({"epochs": 0}, "--epochs"),
        ({"cross_fit": 1}, "--cross-fit"),
        ({"cross_fit": 100}, "too few for --cross-fit 100"),
        ({"weights": "nowhere.pt"}, "neither none, imagenet nor a file"),
        ({"arch": "resnet18", "image_size": 16}, "too small for resnet18"),
    ],
)
def test_parameters_that_cannot_work_are_refused(tiny, tmp_path, changes, words):
    with pytest.raises(InputError, match=words):
        train(recipe(tiny, tmp_path / "run", **changes), silent)


def test_images_beyond_the_memory_allowance_give_the_same_weights(tiny, tmp_path, monkeypatch):
    train(recipe(tiny, tmp_path / "cached"), silent)
    monkeypatch.setattr(image_cache, "MAX_CACHE_BYTES", 0)
    train(recipe(tiny, tmp_path / "read"), silent)
    train(recipe(tiny, tmp_path / "processes", workers=2), silent)
    assert weights(tmp_path / "cached") == weights(tmp_path / "read") == weights(tmp_path / "processes")


def test_a_seed_decides_everything_but_another_seed_differs(tiny, tmp_path):
    for name, seed in (("one", 1), ("again", 1), ("two", 2)):
        train(recipe(tiny, tmp_path / name, seed=seed, jpeg_augment=0.5, fit="crop"), silent)
    assert weights(tmp_path / "one") == weights(tmp_path / "again") != weights(tmp_path / "two")


def test_a_test_image_that_was_trained_on_is_said_aloud(tiny, tmp_path):
    result = train(recipe({**tiny, "test": tiny["train"]}, tmp_path / "run"), silent)
    assert result["warnings"] == ["32 images of test are also in train: the metrics of test are too optimistic."]


def test_demo_sources_mark_a_run_as_simulated(tmp_path):
    paths = {}
    for seed, split in enumerate(("train", "val", "test")):
        paths[split] = tmp_path / f"{split}.csv"
        write_manifest(make_images(tmp_path / split, 16, seed, source="demo_leaky"), paths[split])
    result = train(recipe(paths, tmp_path / "run", epochs=1), silent)
    assert read_json(tmp_path / "run" / "run_manifest.json")["simulated"] is True
    assert "simulated" in result["summary"]


def test_too_little_graphics_memory_is_said_with_a_remedy():
    with pytest.raises(InputError, match=r"smaller --batch-size \(try 32\)"), device.report_out_of_memory(64, 224):
        raise torch.OutOfMemoryError("CUDA out of memory")


def weights(run) -> str:
    content = torch.load(run / "model_a_best.pt", weights_only=True)
    return str([t.flatten().tolist() for t in content["model"].values()])
