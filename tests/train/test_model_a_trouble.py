"""What can go wrong in a training of Model A: one clear message each, and what was there before stays."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import cgid.models.architecture as registry
from cgid.data.manifest import read_manifest, write_manifest
from cgid.errors import InputError
from cgid.files import sha256_of
from cgid.progress import silent
from cgid.train import checkpoint, device, export_onnx, loop
from cgid.train.model_a import train
from tiny_images import make_images
from tiny_network import TINY, recipe


def _wider(imagenet: bool):
    return nn.Sequential(
        nn.Conv2d(3, 9, 5, stride=2), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(9, 1)
    )


def _flat(imagenet: bool):
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.BatchNorm1d(3), nn.Linear(3, 1))


FLAT = registry.Architecture(name="flat", title="", paper="", licence="", build=_flat, smallest=8)
WIDER = registry.Architecture(name="wider", title="", paper="", licence="", build=_wider, smallest=8)


@pytest.fixture(autouse=True)
def tiny_architecture(monkeypatch):
    known = {**registry.all_architectures(), "tiny": TINY, "wider": WIDER, "flat": FLAT}
    monkeypatch.setattr(registry, "all_architectures", lambda: known)
    monkeypatch.setattr(
        export_onnx, "EXPORTERS", {"torchscript": export_onnx.EXPORTERS["torchscript"]}
    )  # the quick one
    monkeypatch.setenv("CGID_WORKERS", "2")
    monkeypatch.setattr(loop, "SAVE_SECONDS", 0)
    monkeypatch.setattr(loop, "SAVE_SHARE", 0)


def from_step(monkeypatch, step: int, happens):
    """After `step` losses the next ones are what `happens` makes of them."""
    loss, calls = nn.functional.binary_cross_entropy_with_logits, []

    def later(logit, target):
        calls.append(1)
        return loss(logit, target) if len(calls) <= step else happens(loss(logit, target))

    monkeypatch.setattr(nn.functional, "binary_cross_entropy_with_logits", later)


def test_a_loss_that_is_no_number_ends_it_and_the_earlier_epoch_stays(tiny, tmp_path, monkeypatch):
    from_step(monkeypatch, 6, lambda loss: loss * float("nan"))  # in the second epoch of four steps each
    with pytest.raises(InputError, match=r"no longer a number in epoch 2; use a lower --lr than 0\.01"):
        train(recipe(tiny, tmp_path), silent)
    assert checkpoint.load(tmp_path / "model_a_best.pt")["epoch"] == 1
    last = checkpoint.load(tmp_path / "last.pt")
    assert (last["epoch"], last["step"]) == (1, 2)
    for file in (last, checkpoint.load(tmp_path / "model_a_best.pt")):
        assert all(v.isfinite().all() for v in file["model"].values())
    assert (tmp_path / "history.json").exists() and not (tmp_path / "run_manifest.json").exists()


def test_weights_that_are_no_numbers_after_the_last_step_are_not_kept(tiny, tmp_path, monkeypatch):
    def infinite_gradient(loss):
        loss.register_hook(lambda grad: grad * float("inf"))
        return loss

    from_step(monkeypatch, 7, infinite_gradient)  # the last step of the second epoch: its own loss is a number
    with pytest.raises(InputError, match="no longer a number in epoch 2"):
        train(recipe(tiny, tmp_path), silent)
    assert checkpoint.load(tmp_path / "model_a_best.pt")["epoch"] == 1
    assert checkpoint.load(tmp_path / "last.pt")["epoch"] == 1


def test_a_learning_rate_beyond_reason_is_one_clear_line(tiny, tmp_path):
    with pytest.raises(InputError, match="lower --lr"):
        train(recipe(tiny, tmp_path, lr=1e30), silent)


def test_too_little_memory_in_a_step_is_said_with_a_remedy_and_the_earlier_epoch_stays(tiny, tmp_path, monkeypatch):
    def full(loss):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB")

    with monkeypatch.context() as patch:
        from_step(patch, 5, full)
        with pytest.raises(InputError, match=r"too small for 8 images of 32 px in one step; use .*\(try 4\)"):
            train(recipe(tiny, tmp_path), silent)
    assert checkpoint.load(tmp_path / "model_a_best.pt")["epoch"] == 1
    assert checkpoint.load(tmp_path / "last.pt")["epoch"] == 1
    assert "AUC on test" in train(recipe(tiny, tmp_path), silent)["summary"], "goes on where memory sufficed"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (torch.OutOfMemoryError("CUDA out of memory."), "graphics card's memory.*(try 2)"),
        (RuntimeError("CUDA error: out of memory"), "graphics card's memory"),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate`"), "graphics card's memory"),
        (
            RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"),
            "The memory is too small",
        ),
        (MemoryError(), "The memory is too small"),
    ],
)
def test_every_way_of_running_out_of_memory_is_the_same_clear_line(error, words):
    with pytest.raises(InputError, match=words), device.report_out_of_memory(4, 224):
        raise error


def test_one_image_a_step_is_answered_by_a_smaller_image_and_other_errors_pass():
    words = r"for 1 image of 224 px in one step; use a smaller --image-size\.$"
    with pytest.raises(InputError, match=words), device.report_out_of_memory(1, 224):
        raise MemoryError
    with pytest.raises(RuntimeError, match="shapes"), device.report_out_of_memory(1, 224):
        raise RuntimeError("shapes do not fit")


def test_last_pt_of_another_architecture_is_refused_by_name(tiny, tmp_path):
    train(recipe(tiny, tmp_path / "wider", arch="wider", epochs=1), silent)
    train(recipe(tiny, tmp_path / "tiny", epochs=1), silent)
    (tmp_path / "tiny" / "run_manifest.json").unlink()
    (tmp_path / "tiny" / "last.pt").write_bytes((tmp_path / "wider" / "last.pt").read_bytes())
    best = sha256_of(tmp_path / "tiny" / "model_a_best.pt")
    with pytest.raises(InputError, match=r"last\.pt does not belong to this training; remove it to start again"):
        train(recipe(tiny, tmp_path / "tiny", epochs=1), silent)
    assert sha256_of(tmp_path / "tiny" / "model_a_best.pt") == best


@pytest.mark.parametrize("keep", [0, 1, 100, 5000, -1])
def test_last_pt_cut_off_anywhere_is_one_clear_line_and_the_best_stays(tiny, tmp_path, keep):
    train(recipe(tiny, tmp_path, epochs=1), silent)
    (tmp_path / "run_manifest.json").unlink()
    whole, best = (tmp_path / "last.pt").read_bytes(), sha256_of(tmp_path / "model_a_best.pt")
    (tmp_path / "last.pt").write_bytes(whole[:keep])
    with pytest.raises(InputError, match=r"last\.pt"):
        train(recipe(tiny, tmp_path, epochs=1), silent)
    assert sha256_of(tmp_path / "model_a_best.pt") == best


@pytest.mark.parametrize("state", [{}, {"model": 3}, {"model": {}, "optimiser": "x"}])
def test_last_pt_that_holds_something_else_is_one_clear_line(tiny, tmp_path, state):
    train(recipe(tiny, tmp_path, epochs=1), silent)
    (tmp_path / "run_manifest.json").unlink()
    checkpoint.save(tmp_path / "last.pt", state)
    with pytest.raises(InputError, match="does not belong to this training"):
        train(recipe(tiny, tmp_path, epochs=1), silent)


@pytest.mark.parametrize("role", ["train", "val", "test"])
def test_files_that_are_gone_are_said_before_training(tiny, tmp_path, role):
    frame = read_manifest(tiny[role])
    write_manifest(frame.assign(path=[str(tmp_path / f"gone{i}.png") for i in range(len(frame))]), tmp_path / "m.csv")
    with pytest.raises(InputError, match=r"no image that can be read: none of its .* files exists"):
        train(recipe({**tiny, role: tmp_path / "m.csv"}, tmp_path / "run"), silent)
    assert not (tmp_path / "run" / "last.pt").exists()


@pytest.mark.parametrize("role", ["train", "val"])
@pytest.mark.parametrize("count", [1, 5])
def test_one_class_and_one_image_are_one_clear_line(tiny, tmp_path, role, count):
    frame = read_manifest(tiny[role])
    write_manifest(frame[frame["label"] == "real"].iloc[:count], tmp_path / "m.csv")
    with pytest.raises(InputError, match="class `real` only; training needs both"):
        train(recipe({**tiny, role: tmp_path / "m.csv"}, tmp_path / "run"), silent)


def test_an_empty_manifest_and_none_at_all_are_one_clear_line(tiny, tmp_path):
    (tmp_path / "m.csv").write_text("path,label\n")
    for path in (tmp_path / "m.csv", tmp_path / "nowhere.csv"):
        with pytest.raises(InputError, match=path.name):
            train(recipe({**tiny, "train": path}, tmp_path / "run"), silent)


def test_two_images_in_all_make_a_run(tmp_path):
    paths = {}
    for seed, split in enumerate(("train", "val", "test")):
        paths[split] = tmp_path / f"{split}.csv"
        write_manifest(make_images(tmp_path / split, 2, seed), paths[split])
    assert (
        "AUC on test"
        in train(recipe(paths, tmp_path / "run", epochs=1, balance=True, augment="web"), silent)["summary"]
    )


def test_a_step_of_one_image_that_batch_normalisation_cannot_use_is_one_clear_line(tiny, tmp_path):
    frame = read_manifest(tiny["train"])
    write_manifest(frame.iloc[:3], tmp_path / "three.csv")
    with pytest.raises(InputError, match=r"step of one image .* larger --batch-size than 1"):
        train(recipe({**tiny, "train": tmp_path / "three.csv"}, tmp_path / "run", arch="flat", batch_size=1), silent)
