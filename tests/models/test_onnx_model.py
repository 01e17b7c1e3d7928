"""Model A at the moment of use: only the file that the run recorded, and no torch."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from cgid.errors import InputError
from cgid.files import sha256_of, write_json
from cgid.models.onnx_model import METADATA, OnnxModel
from cgid.models.preprocess import Preprocess


@pytest.fixture
def run(tmp_path):
    """A run whose network is the mean of the normalised input."""
    mean = helper.make_node("ReduceMean", ["image", "axes"], ["logit"], keepdims=0)
    axes = numpy_helper.from_array(np.array([1, 2, 3]), "axes")
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, 16, 16])
    logit = helper.make_tensor_value_info("logit", TensorProto.FLOAT, ["batch"])
    graph = helper.make_graph([mean], "mean", [image], [logit], [axes])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    entry = model.metadata_props.add()
    entry.key, entry.value = METADATA, json.dumps({"preprocess": Preprocess(16, "crop").to_json()})
    onnx.save(model, tmp_path / "model.onnx")
    record(tmp_path)
    return tmp_path


def record(folder):
    digest = sha256_of(folder / "model.onnx")
    write_json(folder / "run_manifest.json", {"onnx": {"file": "model.onnx", "sha256": digest}})


def test_logits_are_the_network_of_the_preprocessed_image(run):
    random = np.random.default_rng(0)
    images = [random.integers(0, 256, (20, 16 + i, 3), dtype=np.uint8) for i in range(40)]
    expected = [Preprocess(16, "crop").apply(image).mean() for image in images]
    model = OnnxModel.load(run, threads=1)
    np.testing.assert_allclose(model.logits(images), expected, atol=1e-5)
    np.testing.assert_allclose(model.probabilities(images), 1 / (1 + np.exp(-np.array(expected))), atol=1e-5)
    assert model.logits([]).shape == (0,)
    assert model.sha256 == sha256_of(run / "model.onnx")


def test_a_changed_file_is_refused(run):
    with open(run / "model.onnx", "ab") as file:
        file.write(b"\0")
    with pytest.raises(InputError, match="was changed since it was written"):
        OnnxModel.load(run)


def test_a_missing_file_or_record_is_refused_with_the_remedy(run):
    (run / "model.onnx").unlink()
    with pytest.raises(InputError, match="cgid model-a export-onnx"):
        OnnxModel.load(run)
    (run / "run_manifest.json").write_text("{")
    with pytest.raises(InputError, match="cgid model-a export-onnx"):
        OnnxModel.load(run)


def test_a_file_that_is_no_model_is_one_sentence(run):
    (run / "model.onnx").write_bytes(b"no model")
    record(run)
    with pytest.raises(InputError, match="is not a model this program wrote") as caught:
        OnnxModel.load(run)
    assert "\n" not in str(caught.value)


def test_importing_it_loads_nothing_heavy():
    code = "import sys, cgid.models.onnx_model; print([m for m in ('torch','onnxruntime','pandas','sklearn','scipy') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
