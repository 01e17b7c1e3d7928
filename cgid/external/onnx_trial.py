"""Runs a foreign network on a few made-up images before it is trusted with real ones: does it do what its sidecar says?

What comes out here is computed in NumPy beside the adapted file, which must then say the same.
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
MISS = 0.01  # by which probabilities may miss 0..1, or a sum of one
CLOSE = 1e-3  # between an image judged alone and in company


@dataclass(frozen=True)
class Trial:
    """squares: uint8 (n, S, S, 3). probability: P(ai) of each, (n,). batch: 1 where it judges one at a time, else None."""

    squares: np.ndarray
    probability: np.ndarray
    batch: int | None


def trial(model: ModelProto, sidecar: Sidecar, name: str) -> Trial:
    """Raises InputError: onnxruntime cannot run it, an answer of another shape or range than the sidecar says."""
    import onnxruntime

    taken, batch = network_input(model, sidecar, name)
    output = network_output(model, sidecar, name).name
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    squares = _squares(sidecar.input_size)
    images = _input(squares, sidecar).astype(FLOATS[taken.type.tensor_type.elem_type])
    try:
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"], enable_fallback=0
        )
        alone = [session.run([output], {taken.name: images[i : i + 1]})[0] for i in range(IMAGES)]
    except Exception as error:  # onnxruntime raises its own errors without a common base
        raise InputError(f"{name} cannot be run by onnxruntime ({reason_of(error)}).") from None
    answers = np.stack([_answer(value, sidecar, name) for value in alone])
    if batch is None and not _same_in_company(session, output, {taken.name: images}, answers):
        batch = 1
    return Trial(squares, _probability(answers, sidecar, name), batch)


def reason_of(error: Exception) -> str:
    """The first line of onnxruntime's words, without its error code."""
    line = (str(error) or type(error).__name__).splitlines()[0]
    return line.split(" : ", 3)[-1].strip()[:200]


def _squares(side: int) -> np.ndarray:
    """Noise around a grey and around a strong colour each: what a network says may hang on either."""
    random = np.random.default_rng(0)
    colours = np.array([[128, 128, 128], [220, 60, 60], [60, 220, 60], [60, 60, 220]])
    return (colours[:IMAGES, None, None] + random.integers(-35, 36, (IMAGES, side, side, 3))).astype(np.uint8)


def _input(squares: np.ndarray, sidecar: Sidecar) -> np.ndarray:
    """What the network wants to see, from the sidecar's words alone."""
    values = squares.astype(np.float32) / 255 * sidecar.range
    values = values[..., ::-1] if sidecar.channel_order == "bgr" else values
    values = (values - np.float32(sidecar.mean)) / np.float32(sidecar.std)
    return np.ascontiguousarray(np.moveaxis(values, -1, 1) if sidecar.layout == "nchw" else values)


def _answer(value: np.ndarray, sidecar: Sidecar, name: str) -> np.ndarray:
    """float64 (1,) or (2,) of one image."""
    value = np.asarray(value)
    single = sidecar.output in ("logit", "probability")
    fits = value.size == 1 if single else value.shape == (1, 2)
    if value.dtype.kind not in "fiu" or not fits:
        shape = " x ".join(map(str, value.shape)) or "one number"
        wanted = "one number" if single else "two, 1 x 2"
        raise InputError(
            f"{name} answers one image with {shape} ({value.dtype}); the output `{sidecar.output}` means {wanted}."
        )
    return value.reshape(-1).astype(np.float64)


def _same_in_company(session, output: str, feed: dict[str, np.ndarray], alone: np.ndarray) -> bool:
    try:
        together = np.asarray(session.run([output], feed)[0], dtype=np.float64)
    except Exception:  # it was made for one image at a time, and can be used so
        return False
    same = together.size == alone.size
    return same and np.allclose(together.reshape(alone.shape), alone, CLOSE, CLOSE, equal_nan=True)


def _probability(answers: np.ndarray, sidecar: Sidecar, name: str) -> np.ndarray:
    if not np.isfinite(answers).any():
        raise InputError(f"{name} gives no finite number for any of {IMAGES} trial images; check mean, std and range.")
    known = answers[np.isfinite(answers).all(axis=1)]
    if sidecar.output in ("probability", "softmax") and len(known):
        worst = float(known.flat[np.argmax(np.abs(known - 0.5))])
        if not -MISS <= worst <= 1 + MISS:
            other = "logit" if sidecar.output == "probability" else "two_logits"
            raise InputError(f"{name} answers {worst:.3g}, which is no probability; is its output `{other}`?")
    if sidecar.output == "softmax" and len(known) and np.abs(known.sum(axis=1) - 1).max() > MISS:
        raise InputError(f"{name} answers two numbers that do not add up to one; is its output `two_logits`?")
    if sidecar.output in ("probability", "softmax"):
        high = answers[:, sidecar.index if sidecar.output == "softmax" else 0]
    elif sidecar.output == "logit":
        high = sigmoid(answers[:, 0])
    else:
        high = sigmoid(answers[:, sidecar.index] - answers[:, 1 - sidecar.index])
    return 1 - high if sidecar.positive_class == "real" else high
