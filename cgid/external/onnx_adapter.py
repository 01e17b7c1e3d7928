"""Puts a foreign network between a few nodes of ours, so that it takes our input and gives one logit for `ai`.

After that it is a Model A like any other: nothing that uses one needs to know where it came from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cgid.external.onnx_file import network_input, network_output
from cgid.external.sidecar import Sidecar

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto

ROUNDING = 1e-3  # by which a probability may miss 0..1; beyond it the answer is NaN
SURE = 1e-15  # a probability of exactly 0 stands for this
SURE_SINGLE = 2.0**-25  # of 1 - p, half of the last digit of a 32-bit number


def adapt(model: ModelProto, sidecar: Sidecar, name: str, batch: int | None) -> None:
    """Change the model in place. batch: images at a time, None for any. name: of the file, for messages.

    Raises InputError where input or output contradict the sidecar.
    """
    from onnx import TensorProto, helper

    taken, _ = network_input(model, sidecar, name)
    given = network_output(model, sidecar, name)
    graph = model.graph
    new = _Nodes(_unused_prefix(model))
    image = helper.make_tensor_value_info(
        f"{new.prefix}image", TensorProto.FLOAT, [batch or "batch", 3, sidecar.input_size, sidecar.input_size]
    )
    last = image.name
    if sidecar.channel_order == "bgr":
        last = new.add("Gather", last, new.constant(np.array([2, 1, 0])), axis=1)
    if sidecar.layout == "nhwc":
        last = new.add("Transpose", last, perm=[0, 2, 3, 1])
    new.add("Cast", last, to=taken.type.tensor_type.elem_type, output=taken.name)
    before, new.nodes = new.nodes, []
    logit = _logit(new, given.name, sidecar)
    out = new.add("Identity", logit, output=f"{new.prefix}logit")
    others = [i for i in graph.input if i.name != taken.name]  # weights, in files of an old kind
    nodes = [*before, *graph.node, *new.nodes]
    del graph.input[:], graph.output[:], graph.node[:]
    graph.input.extend([image, *others])
    graph.output.append(helper.make_tensor_value_info(out, TensorProto.FLOAT, [batch or "batch"]))
    graph.node.extend(nodes)
    graph.initializer.extend(new.constants)
    model.ir_version = max(model.ir_version, 4)  # before it, weights had to be listed as inputs too


class _Nodes:
    """Nodes under construction, whose names start with a prefix that the file does not use."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []
        self.count = 0

    def add(self, kind: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        from onnx import helper

        self.count += 1
        output = output or f"{self.prefix}{self.count}"
        self.nodes.append(
            helper.make_node(kind, list(inputs), [output], f"{self.prefix}{kind}_{self.count}", **attributes)
        )
        return output

    def constant(self, value: np.ndarray) -> str:
        from onnx import numpy_helper

        self.count += 1
        self.constants.append(numpy_helper.from_array(value, f"{self.prefix}{self.count}"))
        return self.constants[-1].name

    def number(self, value: float) -> str:
        return self.constant(np.array(value, np.float32))


def _logit(new: _Nodes, answer: str, sidecar: Sidecar) -> str:
    """Name of the float32 (n,) logit for `ai`."""
    from onnx import TensorProto

    value = new.add("Cast", answer, to=TensorProto.FLOAT)
    flat = new.constant(np.array([-1]))
    if sidecar.output in ("logit", "probability"):
        number = new.add("Reshape", value, flat)
        logit = number if sidecar.output == "logit" else _log_odds(new, number, new.add("Sub", new.number(1), number))
    else:
        yes, no = (
            new.add("Reshape", new.add("Gather", value, new.constant(np.array([i])), axis=1), flat)
            for i in (sidecar.index, 1 - sidecar.index)
        )
        logit = new.add("Sub", yes, no) if sidecar.output == "two_logits" else _log_odds(new, yes, no, SURE)
    return new.add("Neg", logit) if sidecar.positive_class == "real" else logit


def _log_odds(new: _Nodes, yes: str, no: str, least: float = SURE_SINGLE) -> str:
    """log(yes) - log(no); NaN where either is no probability, which a clipped number would hide."""
    logs = [new.add("Log", new.add("Max", p, new.number(low))) for p, low in ((yes, SURE), (no, least))]
    inside = [
        new.add("And", new.add("Greater", p, new.number(-ROUNDING)), new.add("Less", p, new.number(1 + ROUNDING)))
        for p in (yes, no)
    ]
    odds = new.add("Sub", *logs)
    return new.add("Where", new.add("And", *inside), odds, new.number(float("nan")))


def _unused_prefix(model: ModelProto) -> str:
    """Names are bytes of the file: a prefix that is nowhere in it is no name's beginning."""
    data, prefix = model.SerializeToString(), "cgid_"
    while prefix.encode() in data:
        prefix += "_"
    return prefix
