"""A run whose network sees another view of the image trains, resumes, exports and is told from others like any run."""

from __future__ import annotations

import dataclasses
import json
import urllib.error

import numpy as np
import onnx
import pytest
import torch

import cgid.models.architecture as registry
from cgid.errors import InputError
from cgid.files import read_json
from cgid.models.networks.network import NetworkSpec
from cgid.models.onnx_model import METADATA
from cgid.models.preprocess import Preprocess
from cgid.models.representation import all_representations
from cgid.progress import silent
from cgid.train import checkpoint, export_onnx, loop
from cgid.train.model_a import train
from cgid.train.params import ExportOnnxParams
from tiny_network import TINY, recipe

QUICK = {"torchscript": export_onnx.EXPORTERS["torchscript"]}


@pytest.fixture(autouse=True)
def tiny_architecture(monkeypatch):
    known = {**registry.all_architectures(), "tiny": TINY}
    monkeypatch.setattr(registry, "all_architectures", lambda: known)
    monkeypatch.setenv("CGID_WORKERS", "2")


def pictures(count: int, size: int) -> list[np.ndarray]:
    """Smooth ramps with noise, one of them flat."""
    rng = np.random.default_rng(0)
    ramp = np.add.outer(np.linspace(0, 90, size), np.linspace(40, 120, size))[..., None]
    noisy = [(ramp + rng.normal(0, 3 + 4 * k, (size, size, 3))).clip(0, 255).astype(np.uint8) for k in range(count - 1)]
    return [*noisy, np.full((size, size, 3), 90, np.uint8)]


@pytest.mark.parametrize("exporter", export_onnx.EXPORTERS)
@pytest.mark.parametrize("view", all_representations())
def test_the_exported_file_sees_what_the_network_sees(view, exporter, tmp_path, monkeypatch):
    monkeypatch.setattr(export_onnx, "EXPORTERS", {exporter: export_onnx.EXPORTERS[exporter]})
    torch.manual_seed(0)
    preprocess = Preprocess(33)
    about = {"preprocess": preprocess.to_json()}
    network = NetworkSpec("tiny", 33, view).build()
    block = export_onnx.write_onnx(network, preprocess, tmp_path / "m.onnx", pictures(6, 33), about)
    assert block["parity"]["passed"] and block["parity"]["largest_difference"] < 1e-5


@pytest.mark.parametrize(
    ("arch", "view", "size"),
    [
        ("resnet18", "npr", 32),
        ("mobilenet_v3_large", "srm", 32),
        ("efficientnet_b0", "log_spectrum", 32),
        ("efficientnet_b4", "rgb", 32),
        ("convnext_tiny", "srm", 32),
        ("torchvision:squeezenet1_1", "srm", 64),
    ],
)
def test_every_architecture_is_exported_with_an_input_in_front(arch, view, size, tmp_path, monkeypatch):
    monkeypatch.setattr(export_onnx, "EXPORTERS", QUICK)
    torch.manual_seed(0)
    preprocess = Preprocess(size)
    network = NetworkSpec.from_options(arch, size, view, "auto").build()
    about = {"preprocess": preprocess.to_json()}
    block = export_onnx.write_onnx(network, preprocess, tmp_path / "m.onnx", pictures(3, size), about)
    assert block["parity"]["passed"]


class Killed(BaseException):
    """Stands for the process going away."""


def test_a_run_on_residuals_resumes_exactly_says_what_it_sees_and_is_exported_again(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(export_onnx, "EXPORTERS", QUICK)
    whole = recipe(tiny, tmp_path / "whole", input="srm", cross_fit=2, epochs=2)
    train(whole, silent)
    monkeypatch.setattr(loop, "SAVE_SECONDS", 0)
    monkeypatch.setattr(loop, "SAVE_SHARE", 0)

    def killed(done, total, note=""):
        if "images/s" in note and done == 6:
            raise Killed

    run = tmp_path / "run"
    params = dataclasses.replace(whole, output_dir=run)
    with pytest.raises(Killed):
        train(params, killed)
    train(params, silent)
    ours, theirs = (torch.load(f / "model_a_best.pt", weights_only=True) for f in (run, tmp_path / "whole"))
    assert all(torch.equal(ours["model"][k], v) for k, v in theirs["model"].items())
    plan = {"arch": "tiny", "image_size": 32, "input": "srm", "tiny_stem": True}
    assert ours["network"] == plan and read_json(run / "run_manifest.json")["network"] == plan
    (run / "model.onnx").unlink()
    assert "Exported" in export_onnx.export(ExportOnnxParams(run=run), silent)["summary"]
    about = json.loads({p.key: p.value for p in onnx.load(run / "model.onnx").metadata_props}[METADATA])
    assert (about["arch"], about["input"], about["tiny_stem"]) == ("tiny", "srm", True)
    with pytest.raises(InputError, match="input was srm, now npr"):
        train(dataclasses.replace(params, input="npr"), silent)


def test_weights_of_a_run_on_rgb_start_one_on_residuals_but_for_its_first_layer(tmp_path):
    plain = NetworkSpec("resnet18", 64).build()
    checkpoint.save(tmp_path / "w.pt", {"model": plain.state_dict()})
    network = NetworkSpec("resnet18", 64, "srm").build()
    taken = checkpoint.start_from(network, tmp_path / "w.pt")
    assert taken == len(plain.state_dict()) - 1
    assert torch.equal(network.network.layer1[0].conv1.weight, plain.layer1[0].conv1.weight)


@pytest.mark.parametrize("arch", ["mobilenet_v3_large", "efficientnet_b0", "convnext_tiny"])
def test_weights_from_a_file_are_taken_over_with_a_tiny_stem_too(arch, tmp_path):
    plain = NetworkSpec(arch, 224).build().state_dict()
    checkpoint.save(tmp_path / "w.pt", {f"module.{k}": v for k, v in plain.items()})
    taken = checkpoint.start_from(NetworkSpec(arch, 32, tiny_stem=True).build(), tmp_path / "w.pt")
    assert taken == len(plain) - (1 if arch == "convnext_tiny" else 0)


def test_published_weights_that_cannot_be_had_are_missed_before_anything_is_read(tiny, tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("torch.hub.download_url_to_file", _offline)
    with pytest.raises(InputError, match="--weights none"):
        train(recipe(tiny, tmp_path / "run", arch="mobilenet_v3_large", weights="imagenet"), silent)
    assert not (tmp_path / "run").exists()


def _offline(*args, **kwargs):
    raise urllib.error.URLError("no network")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"input": "wavelet"}, "input representation is called 'wavelet'.*srm"),
        ({"stem": "huge"}, "--stem 'huge' is not one of"),
        ({"arch": "torchvision:alexnet"}, "alexnet does not take images of 32 px"),
        ({"arch": "inception_v3"}, "several outputs"),
    ],
)
def test_what_cannot_be_built_is_one_sentence_before_anything_is_read(changes, words, tiny, tmp_path):
    with pytest.raises(InputError, match=words):
        train(recipe(tiny, tmp_path / "run", **changes), silent)
    assert not (tmp_path / "run").exists()
