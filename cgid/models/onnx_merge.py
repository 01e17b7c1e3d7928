"""Merges several networks into one ONNX file with the same input, whose logit is the mean of theirs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cgid.errors import InputError

if TYPE_CHECKING:
    from onnx import ModelProto

MAX_BYTES = 2_000_000_000  # bytes; one ONNX file without external data cannot hold more
IMAGE, LOGIT = "image", "logit"


def merged(models: Sequence[ModelProto], names: Sequence[str]) -> ModelProto:
    """Models of one float input (N, 3, S, S) and one output (N, 1) each, of one opset. names: for messages.

    Every name of member i begins with `member<i>_`, so that none meets another's; metadata is left out.
    Raises InputError where the members cannot stand in one file.
    """
    from onnx import compose, helper

    if sum(model.ByteSize() for model in models) > MAX_BYTES:
        raise InputError("Together the networks are larger than the 2 GB one ONNX file can hold; average fewer.")
    opsets = [{entry.domain: entry.version for entry in model.opset_import} for model in models]
    for opset, name in zip(opsets, names):
        if any(opsets[0].get(domain, version) != version for domain, version in opset.items()):
            raise InputError(
                f"{names[0]} and {name} were exported with different opsets; run `cgid model-a export-onnx` on both."
            )
    for model, name in zip(models, names):
        if any(attribute.HasField("g") for node in model.graph.node for attribute in node.attribute):
            raise InputError(f"{name} has branches inside its network (If, Loop); such files cannot be merged yet.")
    parts = [compose.add_prefix(model, f"member{i}_") for i, model in enumerate(models)]
    nodes, logits = [], []
    for part in parts:
        weights = {w.name for w in part.graph.initializer}
        [graph_input] = [i for i in part.graph.input if i.name not in weights]
        [output] = part.graph.output
        nodes += [helper.make_node("Identity", [IMAGE], [graph_input.name]), *part.graph.node]
        logits.append(output.name)
    nodes.append(helper.make_node("Mean", logits, [LOGIT]))
    graph = helper.make_graph(
        nodes,
        "mean_of_members",
        [_renamed(graph_input, IMAGE)],
        [_renamed(output, LOGIT)],
        [w for part in parts for w in part.graph.initializer],
        value_info=[v for part in parts for v in part.graph.value_info],
        sparse_initializer=[w for part in parts for w in part.graph.sparse_initializer],
    )
    versions = {domain: version for opset in opsets for domain, version in opset.items()}
    return helper.make_model(
        graph,
        functions=[f for part in parts for f in part.functions],
        opset_imports=[helper.make_opsetid(domain, version) for domain, version in versions.items()],
        ir_version=max(model.ir_version for model in models),
        producer_name="cgid",
    )


def _renamed(info, name: str):
    """The same kind and shape under another name."""
    copy = type(info)()
    copy.CopyFrom(info)
    copy.name = name
    return copy
