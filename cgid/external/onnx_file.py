"""Reads an untrusted ONNX file without following external references; one clear error where it cannot be used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cgid.errors import InputError
from cgid.external.sidecar import Sidecar

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, TensorProto, ValueInfoProto

MAX_BYTES = 2**31 - 1  # what one protobuf message can hold
MIN_OPSET = 9  # every operator the adapter adds exists since then
FLOATS = {1: "float32", 10: "float16", 11: "float64"}  # onnx.TensorProto's numbers


def read_model(path: Path) -> ModelProto:
    """The model with its weights. Raises InputError: unreadable, too large, too old, weights in other files."""
    import onnx

    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InputError(f"{path} is larger than 2 GB, which no single ONNX file can be.")
        model = onnx.load_model_from_string(path.read_bytes())
    except InputError:
        raise
    except Exception as error:  # protobuf's own error has no base in common with the others
        raise InputError(f"{path} cannot be read as ONNX ({_line(error)}).") from None
    opset = max((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), default=0)
    if not model.graph.node or not opset:
        raise InputError(f"{path} holds no ONNX network.")
    if opset < MIN_OPSET:
        raise InputError(f"{path} is written in opset {opset}; export it with opset {MIN_OPSET} or newer.")
    if any(t.data_location == onnx.TensorProto.EXTERNAL for t in _tensors(model)):
        raise InputError(f"{path} keeps its weights in other files; save it as one file without external data.")
    return model


def network_input(model: ModelProto, sidecar: Sidecar, name: str) -> tuple[ValueInfoProto, int | None]:
    """(the input for images, its fixed number of images or None). Raises InputError where it contradicts the
    sidecar."""
    constant = {i.name for i in model.graph.initializer} | {i.values.name for i in model.graph.sparse_initializer}
    inputs = [i for i in model.graph.input if i.name not in constant]
    if len(inputs) != 1:
        raise InputError(
            f"{name} takes {len(inputs)} inputs ({_names_of(inputs)}); only a detector that takes images alone can "
            f"be imported."
        )
    image_input = inputs[0]
    if image_input.type.tensor_type.elem_type not in FLOATS:
        raise InputError(f"{name}: its input is not of floating numbers; export it with a float32 input.")
    if not image_input.type.tensor_type.HasField("shape"):
        return image_input, None
    dims = [
        d.dim_value if d.HasField("dim_value") and d.dim_value > 0 else None
        for d in image_input.type.tensor_type.shape.dim
    ]
    side = sidecar.input_size
    expected_dims = [dims[0] if dims else None, *((3, side, side) if sidecar.layout == "nchw" else (side, side, 3))]
    if len(dims) != 4 or any(d not in (None, w) for d, w in zip(dims, expected_dims)):
        actual = " x ".join(str(d or "any") for d in dims)
        expected = " x ".join(str(w or "any") for w in expected_dims)
        raise InputError(
            f"{name} takes {actual}, but the sidecar specifies {expected} ({sidecar.layout}); correct the sidecar."
        )
    if dims[0] not in (None, 1):
        raise InputError(f"{name} takes exactly {dims[0]} images at a time; export it with a free batch size, or 1.")
    return image_input, dims[0]


def network_output(model: ModelProto, sidecar: Sidecar, name: str) -> ValueInfoProto:
    """The output with the score. Raises InputError where there are several and the sidecar names none."""
    outputs = {output.name: output for output in model.graph.output}
    if sidecar.output_name and sidecar.output_name not in outputs:
        raise InputError(f"{name} has no output `{sidecar.output_name[:60]}`; it has {_names_of(model.graph.output)}.")
    if not sidecar.output_name and len(outputs) != 1:
        raise InputError(
            f"{name} has {len(outputs)} outputs ({_names_of(model.graph.output)}); name one as `output_name` in the "
            f"sidecar."
        )
    return outputs[sidecar.output_name or next(iter(outputs))]


def _names_of(values: Sequence[ValueInfoProto]) -> str:
    return ", ".join(f.name[:60] for f in values[:8]) + (", …" if len(values) > 8 else "")


def _tensors(model: ModelProto) -> Iterator[TensorProto]:
    """Every tensor of the file, those of branches, loops and functions too."""
    yield from _of_graph(model.graph)
    for function in model.functions:
        yield from _of_nodes(function.node)


def _of_graph(graph: GraphProto) -> Iterator[TensorProto]:
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    yield from _of_nodes(graph.node)


def _of_nodes(nodes: Any) -> Iterator[TensorProto]:
    for node in nodes:
        for attribute in node.attribute:
            yield from (attribute.t, *attribute.tensors)
            for sparse in (attribute.sparse_tensor, *attribute.sparse_tensors):
                yield from (sparse.values, sparse.indices)
            for graph in (attribute.g, *attribute.graphs):
                yield from _of_graph(graph)


def _line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:200]
