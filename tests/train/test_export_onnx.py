"""The ONNX file counts only where it agrees with the network on real images, and files of weights are never code."""

from __future__ import annotations

import json
import os
import pickle

import numpy as np
import onnx
import pytest
import torch

import cgid.models.architecture as registry
from cgid.errors import InputError
from cgid.files import read_json, sha256_of
from cgid.models.architecture import build
from cgid.models.onnx_model import METADATA, OnnxModel
from cgid.models.preprocess import Preprocess
from cgid.progress import silent
from cgid.train import checkpoint, export_onnx
from cgid.train.model_a import train
from cgid.train.params import ExportOnnxParams
from tiny_network import TINY, recipe

PREPROCESS = Preprocess(32)
ABOUT = {"run_id": "r", "preprocess": PREPROCESS.to_json()}


@pytest.fixture
def pictures():
    random = np.random.default_rng(0)
    return [random.integers(0, 256, (40 + i, 50, 3), dtype=np.uint8) for i in range(5)]


@pytest.fixture
def trained_resnet():
    """ResNet-18 with batch statistics that are not those of a fresh network, where an export could go wrong."""
    torch.manual_seed(1)
    network = build("resnet18").train()
    with torch.no_grad():
        network(torch.randn(8, 3, 32, 32) * 2 + 1)
    return network


@pytest.mark.parametrize("exporter", list(export_onnx.EXPORTERS))
def test_each_exporter_agrees_and_writes_one_file_for_any_batch(
    exporter, trained_resnet, pictures, tmp_path, monkeypatch
):
    monkeypatch.setattr(export_onnx, "EXPORTERS", {exporter: export_onnx.EXPORTERS[exporter]})
    block = export_onnx.write_onnx(trained_resnet, PREPROCESS, tmp_path / "model.onnx", pictures, ABOUT)
    assert [p.name for p in tmp_path.iterdir()] == ["model.onnx"]
    assert block["exporter"] == exporter and block["parity"]["largest_difference"] <= 1e-4
    assert block["sha256"] == sha256_of(tmp_path / "model.onnx")
    assert onnx.load(tmp_path / "model.onnx").opset_import[0].version == block["opset"]
    model = OnnxModel(tmp_path / "model.onnx")
    one_by_one = [model.probabilities([p])[0] for p in pictures]
    np.testing.assert_allclose(model.probabilities(pictures), one_by_one, atol=1e-6)


def test_a_wrong_export_is_refused_and_leaves_nothing(trained_resnet, pictures, tmp_path, monkeypatch):
    good = export_onnx.EXPORTERS["torchscript"]

    def wrong(network, size, file):
        shifted = build("resnet18").eval()
        good(shifted, size, file)

    monkeypatch.setattr(export_onnx, "EXPORTERS", {"a": wrong, "b": wrong})
    with pytest.raises(InputError, match=r"a: probabilities differ by up to .*b: probabilities differ"):
        export_onnx.write_onnx(trained_resnet, PREPROCESS, tmp_path / "model.onnx", pictures, ABOUT)
    assert not list(tmp_path.iterdir())
    monkeypatch.setattr(export_onnx, "EXPORTERS", {"a": wrong, "b": good})
    block = export_onnx.write_onnx(trained_resnet, PREPROCESS, tmp_path / "model.onnx", pictures, ABOUT)
    assert block["exporter"] == "b", "the other exporter is used where the first one's file is wrong"


def test_exporting_a_finished_run_again_keeps_it_usable(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "all_architectures", lambda: {"tiny": TINY})
    monkeypatch.setattr(export_onnx, "EXPORTERS", {"torchscript": export_onnx.EXPORTERS["torchscript"]})
    run = tmp_path / "run"
    train(recipe(tiny, run, epochs=1), silent)
    (run / "model.onnx").unlink()
    with pytest.raises(InputError, match="export-onnx"):
        OnnxModel.load(run)
    assert "Exported" in export_onnx.export(ExportOnnxParams(run=run), silent)["summary"]
    model = OnnxModel.load(run)
    about = json.loads({p.key: p.value for p in onnx.load(run / "model.onnx").metadata_props}[METADATA])
    frozen = read_json(run / "thresholds.json")
    assert about["run_id"] == "run" and about["labels"] == {"real": 0, "ai": 1}
    assert about["calibration"]["thresholds"] == frozen["thresholds"]
    assert model.preprocess == Preprocess(32)
    with open(run / "model_a_best.pt", "ab") as file:
        file.write(b"x")
    with pytest.raises(InputError, match="changed since training"):
        export_onnx.export(ExportOnnxParams(run=run), silent)


class Hostile:
    """Would make a folder when unpickled by a careless reader."""

    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return os.mkdir, (str(self.target),)


@pytest.mark.parametrize("writer", ["torch", "pickle"])
def test_a_model_file_that_holds_code_is_refused_in_one_sentence_and_not_run(writer, tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "all_architectures", lambda: {"tiny": TINY})
    hostile = {"model": Hostile(tmp_path / "harmed")}
    if writer == "torch":
        torch.save(hostile, tmp_path / "hostile.pt")
    else:
        (tmp_path / "hostile.pt").write_bytes(pickle.dumps(hostile))
    with pytest.raises(InputError, match=r"hostile\.pt was not loaded.*refused") as caught:
        train(recipe(tiny, tmp_path / "run", weights=str(tmp_path / "hostile.pt")), silent)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "harmed").exists()


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04 cut short", b"\x80\x02"])
def test_a_file_that_is_no_weights_is_one_sentence(content, tmp_path):
    (tmp_path / "w.pt").write_bytes(content)
    with pytest.raises(InputError, match=r"w\.pt") as caught:
        checkpoint.load(tmp_path / "w.pt")
    assert "\n" not in str(caught.value)


def test_starting_weights_are_taken_over_and_a_head_of_another_size_stays_new(tmp_path):
    from torchvision.models import resnet18

    torch.manual_seed(0)
    given = resnet18(num_classes=1000)
    checkpoint.save(tmp_path / "w.pt", {"state_dict": {f"module.{k}": v for k, v in given.state_dict().items()}})
    network = build("resnet18")
    head = network.fc.weight.clone()
    assert checkpoint.start_from(network, tmp_path / "w.pt") == len(network.state_dict()) - 2
    assert torch.equal(network.conv1.weight, given.conv1.weight) and torch.equal(network.fc.weight, head)
    checkpoint.save(tmp_path / "other.pt", {"a": torch.zeros(3)})
    with pytest.raises(InputError, match="does not fit the architecture"):
        checkpoint.start_from(network, tmp_path / "other.pt")
