"""Smoke test of an external network: does it behave as its sidecar specifies on a few synthetic images?

The reference is computed in NumPy; the adapted file must then agree with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cgid.errors import InputError
from cgid.evaluate.calibration import sigmoid
from cgid.external.onnx_file import FLOATS, network_input, network_output
from cgid.external.sidecar import Sidecar

if TYPE_CHECKING:
    from onnx import ModelProto

IMAGES = 4
PROBABILITY_TOLERANCE = 0.01  # tolerance of probabilities outside 0..1, and of their sum
BATCH_TOLERANCE = 1e-3  # between an image alone and within a batch


@dataclass(frozen=True)
class SmokeTest:
    """inputs: uint8 (n, S, S, 3). probability: P(ai) of each, (n,). batch: 1 where it takes one image at a time,
    else None."""

    inputs: np.ndarray
    probability: np.ndarray
    batch: int | None


def smoke_test(model: ModelProto, sidecar: Sidecar, name: str) -> SmokeTest:
    """Raises InputError: onnxruntime cannot run it, an output whose shape or range contradicts the sidecar."""
    import onnxruntime

    model_input, batch = network_input(model, sidecar, name)
    output = network_output(model, sidecar, name).name
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    inputs = _test_inputs(sidecar.input_size)
    images = _input(inputs, sidecar).astype(FLOATS[model_input.type.tensor_type.elem_type])
    try:
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"], enable_fallback=0
        )
        single_outputs = [session.run([output], {model_input.name: images[i : i + 1]})[0] for i in range(IMAGES)]
    except Exception as error:  # onnxruntime raises its own errors without a common base
        raise InputError(f"{name} cannot be run by onnxruntime ({reason_of(error)}).") from None
    answers = np.stack([_answer(value, sidecar, name) for value in single_outputs])
    if batch is None and not _same_in_batch(session, output, {model_input.name: images}, answers):
        batch = 1
    return SmokeTest(inputs, _probability(answers, sidecar, name), batch)


def reason_of(error: Exception) -> str:
    """The first line of onnxruntime's message, without its error code."""
    line = (str(error) or type(error).__name__).splitlines()[0]
    return line.split(" : ", 3)[-1].strip()[:200]


def _test_inputs(side: int) -> np.ndarray:
    """Noise around grey and around three saturated colours, since the output may depend on either."""
    random = np.random.default_rng(0)
    colours = np.array([[128, 128, 128], [220, 60, 60], [60, 220, 60], [60, 60, 220]])
    return (colours[:IMAGES, None, None] + random.integers(-35, 36, (IMAGES, side, side, 3))).astype(np.uint8)


def _input(inputs: np.ndarray, sidecar: Sidecar) -> np.ndarray:
    """The network's input, computed from the sidecar alone."""
    values = inputs.astype(np.float32) / 255 * sidecar.range
    values = values[..., ::-1] if sidecar.channel_order == "bgr" else values
    values = (values - np.array(sidecar.mean, np.float32)) / np.array(sidecar.std, np.float32)
    return np.ascontiguousarray(np.moveaxis(values, -1, 1) if sidecar.layout == "nchw" else values)


def _answer(value: np.ndarray, sidecar: Sidecar, name: str) -> np.ndarray:
    """float64 (1,) or (2,) of one image."""
    value = np.asarray(value)
    single = sidecar.output in ("logit", "probability")
    fits = value.size == 1 if single else value.shape == (1, 2)
    if value.dtype.kind not in "fiu" or not fits:
        shape = " x ".join(map(str, value.shape)) or "one number"
        expected = "one number" if single else "two, 1 x 2"
        raise InputError(
            f"{name} returns {shape} for one image ({value.dtype}); the output `{sidecar.output}` means {expected}."
        )
    return value.reshape(-1).astype(np.float64)


def _same_in_batch(session, output: str, feed: dict[str, np.ndarray], single: np.ndarray) -> bool:
    try:
        batched = np.asarray(session.run([output], feed)[0], dtype=np.float64)
    except Exception:  # it takes one image at a time, which is supported
        return False
    same = batched.size == single.size
    return same and np.allclose(batched.reshape(single.shape), single, BATCH_TOLERANCE, BATCH_TOLERANCE, equal_nan=True)


def _probability(answers: np.ndarray, sidecar: Sidecar, name: str) -> np.ndarray:
    if not np.isfinite(answers).any():
        raise InputError(f"{name} gives no finite score for any of {IMAGES} test images; check mean, std and range.")
    known = answers[np.isfinite(answers).all(axis=1)]
    if sidecar.output in ("probability", "softmax") and len(known):
        worst = float(known.flat[np.argmax(np.abs(known - 0.5))])
        if not -PROBABILITY_TOLERANCE <= worst <= 1 + PROBABILITY_TOLERANCE:
            other = "logit" if sidecar.output == "probability" else "two_logits"
            raise InputError(f"{name} answers {worst:.3g}, which is no probability; is its output `{other}`?")
    if sidecar.output == "softmax" and len(known) and np.abs(known.sum(axis=1) - 1).max() > PROBABILITY_TOLERANCE:
        raise InputError(f"{name} answers two numbers that do not add up to one; is its output `two_logits`?")
    if sidecar.output in ("probability", "softmax"):
        high = answers[:, sidecar.index if sidecar.output == "softmax" else 0]
    elif sidecar.output == "logit":
        high = sigmoid(answers[:, 0])
    else:
        high = sigmoid(answers[:, sidecar.index] - answers[:, 1 - sidecar.index])
    return 1 - high if sidecar.positive_class == "real" else high
