"""Wraps an external ONNX network in adapter nodes, so that it takes our input and gives one logit for `ai`.

The result is used like any other Model A.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cgid.external.onnx_file import network_input, network_output
from cgid.external.sidecar import Sidecar

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto

ROUNDING = 1e-3  # tolerance of a probability outside 0..1; beyond it the result is NaN
MIN_PROBABILITY = 1e-15  # replaces a probability of exactly 0
MIN_PROBABILITY_FLOAT32 = 2.0**-25  # of 1 - p, half of the last digit of a 32-bit number


def adapt(model: ModelProto, sidecar: Sidecar, name: str, batch: int | None) -> None:
    """Change the model in place. batch: images at a time, None for any. name: of the file, for messages.

    Raises InputError where input or output contradict the sidecar.
    """
    from onnx import TensorProto, helper

    model_input, _ = network_input(model, sidecar, name)
    model_output = network_output(model, sidecar, name)
    graph = model.graph
    builder = _Nodes(_unused_prefix(model))
    image = helper.make_tensor_value_info(
        f"{builder.prefix}image", TensorProto.FLOAT, [batch or "batch", 3, sidecar.input_size, sidecar.input_size]
    )
    last = image.name
    if sidecar.channel_order == "bgr":
        last = builder.add("Gather", last, builder.constant(np.array([2, 1, 0])), axis=1)
    if sidecar.layout == "nhwc":
        last = builder.add("Transpose", last, perm=[0, 2, 3, 1])
    builder.add("Cast", last, to=model_input.type.tensor_type.elem_type, output=model_input.name)
    before, builder.nodes = builder.nodes, []
    logit = _logit(builder, model_output.name, sidecar)
    out = builder.add("Identity", logit, output=f"{builder.prefix}logit")
    others = [i for i in graph.input if i.name != model_input.name]  # weights, in files of an old kind
    nodes = [*before, *graph.node, *builder.nodes]
    del graph.input[:], graph.output[:], graph.node[:]
    graph.input.extend([image, *others])
    graph.output.append(helper.make_tensor_value_info(out, TensorProto.FLOAT, [batch or "batch"]))
    graph.node.extend(nodes)
    graph.initializer.extend(builder.constants)
    model.ir_version = max(model.ir_version, 4)  # earlier versions require weights to be listed as inputs


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


def _logit(builder: _Nodes, output: str, sidecar: Sidecar) -> str:
    """Name of the float32 (n,) logit for `ai`."""
    from onnx import TensorProto

    value = builder.add("Cast", output, to=TensorProto.FLOAT)
    flat = builder.constant(np.array([-1]))
    if sidecar.output in ("logit", "probability"):
        number = builder.add("Reshape", value, flat)
        logit = (
            number
            if sidecar.output == "logit"
            else _log_odds(builder, number, builder.add("Sub", builder.number(1), number))
        )
    else:
        yes, no = (
            builder.add("Reshape", builder.add("Gather", value, builder.constant(np.array([i])), axis=1), flat)
            for i in (sidecar.index, 1 - sidecar.index)
        )
        logit = (
            builder.add("Sub", yes, no)
            if sidecar.output == "two_logits"
            else _log_odds(builder, yes, no, MIN_PROBABILITY)
        )
    return builder.add("Neg", logit) if sidecar.positive_class == "real" else logit


def _log_odds(builder: _Nodes, yes: str, no: str, minimum: float = MIN_PROBABILITY_FLOAT32) -> str:
    """log(yes) - log(no); NaN where either is not a probability, which clipping would hide."""
    logs = [
        builder.add("Log", builder.add("Max", p, builder.number(low)))
        for p, low in ((yes, MIN_PROBABILITY), (no, minimum))
    ]
    inside = [
        builder.add(
            "And",
            builder.add("Greater", p, builder.number(-ROUNDING)),
            builder.add("Less", p, builder.number(1 + ROUNDING)),
        )
        for p in (yes, no)
    ]
    odds = builder.add("Sub", *logs)
    return builder.add("Where", builder.add("And", *inside), odds, builder.number(float("nan")))


def _unused_prefix(model: ModelProto) -> str:
    """A prefix that occurs nowhere in the bytes of the file, and so in none of its names."""
    data, prefix = model.SerializeToString(), "cgid_"
    while prefix.encode() in data:
        prefix += "_"
    return prefix
