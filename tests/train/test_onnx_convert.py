"""What 8 bits would destroy stays in float32: the filter that makes a residual, where a network sees one."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from cgid.models.onnx_model import OnnxModel, describe
from cgid.models.preprocess import Preprocess
from cgid.train.onnx_convert import silenced, to_fp16, to_int8


@pytest.fixture
def squares():
    """Smooth pictures with a faint trace, which a filter has to find."""
    random = np.random.default_rng(0)
    ramp = np.linspace(0, 255, 16)[None, :, None] * np.ones((16, 1, 3))
    return [(ramp + random.integers(-(i % 3), i % 3 + 1, ramp.shape)).clip(0, 255).astype(np.uint8) for i in range(12)]


def network(path, sees):
    """Differences of neighbours, then a layer of four kernels, then their mean."""
    difference = np.zeros((3, 3, 1, 3), np.float32)
    for channel in range(3):
        difference[channel, channel, 0] = [-0.5, 1, -0.5]
    layer = np.random.default_rng(1).normal(size=(4, 3, 3, 3)).astype(np.float32)
    nodes = [
        helper.make_node("Conv", ["image", "difference"], ["residual"], "filter", pads=[0, 1, 0, 1]),
        helper.make_node("Conv", ["residual", "layer"], ["seen"], "first", pads=[1, 1, 1, 1]),
        helper.make_node("Abs", ["seen"], ["size"], "size"),
        helper.make_node("ReduceMean", ["size", "axes"], ["logit"], "mean", keepdims=0),
    ]
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, 16, 16])],
        [helper.make_tensor_value_info("logit", TensorProto.FLOAT, ["batch"])],
        [
            numpy_helper.from_array(v, n)
            for n, v in (("difference", difference), ("layer", layer), ("axes", np.array([1, 2, 3])))
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    describe(model, {"preprocess": Preprocess(16).to_json(), "input": sees})
    onnx.save(model, path)
    return OnnxModel(path, threads=1)


def error(file, squares, exact, tmp_path):
    with silenced():
        model = to_int8(file, squares)
    describe(model, exact.metadata)
    onnx.save(model, tmp_path / "made.onnx")
    return np.abs(
        OnnxModel(tmp_path / "made.onnx", threads=1).logits_of_inputs(squares) - exact.logits_of_inputs(squares)
    ).max()


def test_a_residual_keeps_its_precision_where_colours_are_rounded(tmp_path, squares):
    file = tmp_path / "model.onnx"
    coarse = error(file, squares, network(file, "rgb"), tmp_path)
    fine = error(file, squares, network(file, "srm"), tmp_path)
    assert fine < coarse / 2


def test_half_precision_keeps_input_and_output_as_they_were(tmp_path, squares):
    exact = network(tmp_path / "model.onnx", "srm")
    model = to_fp16(tmp_path / "model.onnx", squares)
    assert {v.type.tensor_type.elem_type for v in [*model.graph.input, *model.graph.output]} == {TensorProto.FLOAT}
    onnx.save(model, tmp_path / "half.onnx")
    found = OnnxModel(tmp_path / "half.onnx", threads=1).logits_of_inputs(squares)
    np.testing.assert_allclose(found, exact.logits_of_inputs(squares), rtol=0.01)
