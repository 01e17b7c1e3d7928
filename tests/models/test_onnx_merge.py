"""Networks in one file answer with the mean of their answers, whatever they call their parts."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from cgid.errors import InputError
from cgid.models import onnx_merge
from cgid.models.onnx_merge import merged


def network(weight: float, opset: int = 18, branch: bool = False) -> onnx.ModelProto:
    """Mean of the image times a weight: the same names in every network."""
    product = helper.make_node("Mul", ["mean", "w"], ["product"], name="scale")
    nodes = [
        helper.make_node("ReduceMean", ["image", "axes"], ["mean"], keepdims=0),
        product,
        helper.make_node("Unsqueeze", ["product", "last"], ["logit"]),
    ]
    if branch:
        inner = helper.make_graph([product], "branch", [], [helper.make_empty_tensor_value_info("product")])
        nodes[1] = helper.make_node("If", ["yes"], ["product"], then_branch=inner, else_branch=inner)
    constants = {"axes": [1, 2, 3], "yes": True, "last": [1], "w": np.float32(weight)}
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, 4, 4])],
        [helper.make_tensor_value_info("logit", TensorProto.FLOAT, ["batch", 1])],
        [numpy_helper.from_array(np.array(value), name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)


def test_the_answer_is_the_mean_of_the_answers():
    image = np.random.default_rng(0).normal(size=(5, 3, 4, 4)).astype(np.float32)
    weights = (2.0, -1.0, 5.0)
    model = merged([network(w) for w in weights], ["a", "b", "c"])
    onnx.checker.check_model(model)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    assert [i.name for i in session.get_inputs()] == ["image"] and [o.name for o in session.get_outputs()] == ["logit"]
    [found] = session.run(None, {"image": image})
    expected = [sum(w * image[i].mean() for w in weights) / 3 for i in range(5)]
    np.testing.assert_allclose(found[:, 0], expected, rtol=1e-5)


def test_what_cannot_stand_in_one_file_is_one_sentence(monkeypatch):
    with pytest.raises(InputError, match=r"a and c were exported with different opsets.*export-onnx"):
        merged([network(1), network(2), network(3, opset=17)], ["a", "b", "c"])
    with pytest.raises(InputError, match="b has branches"):
        merged([network(1), network(2, branch=True)], ["a", "b"])
    monkeypatch.setattr(onnx_merge, "MAX_BYTES", 100)
    with pytest.raises(InputError, match="2 GB"):
        merged([network(1), network(2)], ["a", "b"])
