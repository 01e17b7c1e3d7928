"""Converts an ONNX file to half precision or to 8-bit weights and activations; `onnx_acceptance` decides on the result.

int8 is onnxruntime's static quantisation in QDQ form: ranges from real images, weights per channel. The weights use 7
of the 8 bits, so that processors without VNNI, whose 8-bit products saturate, give the same answers. Where a network's
input representation is a residual or a spectrum, its layers stay in float32: 8 bits are coarser
than a residual.
"""

from __future__ import annotations

import contextlib
import io
import logging
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cgid.models.onnx_model import OnnxModel

if TYPE_CHECKING:
    from onnx import ModelProto


def to_fp16(file: Path, inputs: Sequence[np.ndarray]) -> ModelProto:
    """Weights and arithmetic in half precision, input and output in float32; inputs are not needed."""
    import onnx
    from onnxruntime.transformers.float16 import convert_float_to_float16

    return convert_float_to_float16(onnx.load(file), keep_io_types=True)


def to_int8(file: Path, inputs: Sequence[np.ndarray]) -> ModelProto:
    """Weights and activations of 8 bits. inputs: the calibration images after `preprocess.input_pixels`, uint8."""
    import onnx
    from onnxruntime import quantization
    from onnxruntime.quantization.shape_inference import quant_pre_process

    model = OnnxModel(file)
    with tempfile.TemporaryDirectory() as name:
        prepared, quantised = Path(name) / "prepared.onnx", Path(name) / "int8.onnx"
        quant_pre_process(str(file), str(prepared), skip_symbolic_shape=True)
        quantization.quantize_static(
            str(prepared),
            str(quantised),
            _reader(quantization.CalibrationDataReader, model, inputs),
            quant_format=quantization.QuantFormat.QDQ,
            nodes_to_exclude=_representation(onnx.load(prepared)) if _input_representation(model) != "rgb" else [],
            per_channel=True,
            reduce_range=True,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
        )
        return onnx.load(quantised)


def _input_representation(model: OnnxModel) -> str:
    """The input representation; older files and imported ones, which do not record it, take RGB."""
    return str(model.metadata.get("input", "rgb"))


def _representation(model: ModelProto) -> list[str]:
    """Names of the nodes up to the first convolution, which is the residual's own filter or the network's first
    layer."""
    kinds = [node.op_type for node in model.graph.node]
    end = kinds.index("Conv") + 1 if "Conv" in kinds else 0
    return [node.name for node in model.graph.node[:end]]


def _reader(base: type, model: OnnxModel, inputs: Sequence[np.ndarray]) -> object:
    """One image at a time, as onnxruntime asks for them; its base class is only known once it is imported."""

    class Reader(base):
        def __init__(self) -> None:
            self.ahead = iter(inputs)

        def get_next(self) -> dict[str, np.ndarray] | None:
            pixels = next(self.ahead, None)
            return None if pixels is None else {model.input: model.preprocess.normalise(pixels)[None]}

    return Reader()


CONVERTERS: dict[str, Callable[[Path, Sequence[np.ndarray]], ModelProto]] = {"fp16": to_fp16, "int8": to_int8}


@contextlib.contextmanager
def silenced() -> Iterator[None]:
    """Suppress the converters' advice to developers."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        logging.disable(before)
