"""Inference of Model A: logits and probabilities by onnxruntime on the CPU, without torch."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cgid.artifacts import ONNX_MODEL, RUN_MANIFEST
from cgid.errors import InputError
from cgid.evaluate.calibration import sigmoid
from cgid.files import read_json, sha256_of
from cgid.models.preprocess import Preprocess

if TYPE_CHECKING:
    from onnx import ModelProto

VARIANTS = ("fp16", "int8")  # smaller copies of model.onnx, made by `cgid model-a export-onnx --variants`
METADATA = "cgid"  # key of the JSON text inside the ONNX file
BATCH = 32


class OnnxModel:
    """preprocess: pixels to input. metadata: labels, thresholds, run id, as written into the file. sha256: of the
    file."""

    def __init__(self, path: Path, threads: int = 0) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # others may need the processor
        options.add_session_config_entry(
            "session.dynamic_block_base", "4"
        )  # redistributes work when a thread is taken away
        try:
            self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
            self.metadata: dict[str, Any] = json.loads(self.session.get_modelmeta().custom_metadata_map[METADATA])
            self.preprocess = Preprocess.from_json(self.metadata["preprocess"])
        except Exception as error:  # onnxruntime raises its own errors without a common base
            reason = (str(error) or type(error).__name__).splitlines()[0][:200]
            raise InputError(
                f"{path} is not a model this program wrote ({reason}); run `cgid model-a export-onnx`."
            ) from error
        graph_input = self.session.get_inputs()[0]
        self.input = graph_input.name
        self.batch = 1 if graph_input.shape[:1] == [1] else BATCH  # some external detectors take one image at a time
        self.sha256 = ""

    @classmethod
    def load(cls, run_folder: Path | str, threads: int = 0, variant: str = "") -> OnnxModel:
        """The run's model.onnx, once its sha256 is the one run_manifest.json records. threads: 0 = onnxruntime's
        choice.

        variant: "" or one of VARIANTS, a smaller copy that was found to answer as model.onnx does.
        Raises InputError where any of it is missing, damaged or changed.
        """
        folder = Path(run_folder)
        manifest = folder / RUN_MANIFEST
        try:
            content = read_json(manifest)
            problem = scores_only(folder, content)
            recorded = "" if problem else content["onnx"]["sha256"]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise InputError(
                f"{manifest} is missing, damaged or records no {ONNX_MODEL}; run `cgid model-a export-onnx`."
            ) from None
        if problem:
            raise InputError(problem)
        path, suggestion = folder / ONNX_MODEL, f"run `cgid model-a export-onnx --run {folder}`."
        if variant:
            suggestion = f"{suggestion[:-2]} --variants {variant}`."
            path, recorded = folder / variant_file(variant), _recorded(content, variant, folder, suggestion)
        if not path.is_file():
            raise InputError(f"{folder} holds no {path.name}; {suggestion}")
        sha256 = sha256_of(path)
        if sha256 != recorded:
            raise InputError(f"{path} was changed since it was written; {suggestion}")
        model = cls(path, threads)
        model.sha256 = sha256
        return model

    def logits(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """uint8 (H, W, 3) images of any size, upright, to raw logits, float64 (n,)."""
        return self.logits_of_inputs([self.preprocess.input_pixels(image) for image in images])

    def logits_of_inputs(self, inputs: Sequence[np.ndarray]) -> np.ndarray:
        """As `logits` for what `preprocess.input_pixels` gave, uint8 (S, S, 3) each."""
        parts = [
            self.session.run(None, {self.input: self.preprocess.normalise(np.stack(inputs[i : i + self.batch]))})[0]
            for i in range(0, len(inputs), self.batch)
        ]
        return np.concatenate(parts).reshape(-1).astype(np.float64) if parts else np.empty(0)

    def probabilities(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """P(ai) as the network says it, raw and uncalibrated, float64 (n,)."""
        return sigmoid(self.logits(images))


def variant_file(variant: str) -> str:
    """Name of a smaller copy in its run folder. Raises InputError where there is no such variant."""
    if variant not in VARIANTS:
        raise InputError(f"{str(variant)[:60]!r} is not one of {', '.join(VARIANTS)}.")
    return f"model_{variant}.onnx"


def scores_only(folder: Path, manifest: dict[str, Any]) -> str | None:
    """One sentence where a run holds imported scores without the detector that gave them; else None."""
    if not manifest.get("imported") or manifest.get("onnx"):
        return None
    return (
        f"{folder} holds imported scores, but not the detector that gave them, so it cannot evaluate other images;"
        " import the detector itself by `cgid external import-detector`."
    )


def describe(model: ModelProto, about: Mapping[str, Any]) -> None:
    """Write what the file says about itself, its input and output too, in place of what stood under our key before."""
    others = [(p.key, p.value) for p in model.metadata_props if p.key != METADATA]
    del model.metadata_props[:]
    described = {**about, "interface": _interface(model)}
    for key, value in (*others, (METADATA, json.dumps(described))):
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value


def _interface(model: ModelProto) -> dict[str, Any]:
    """Names, shapes and meaning, for a reader that has the file alone."""
    image, logit = model.graph.input[0], model.graph.output[0]
    return {
        "input": image.name,
        "input_shape": [d.dim_value or d.dim_param for d in image.type.tensor_type.shape.dim],
        "input_type": "float32 RGB, normalised as `preprocess` says",
        "output": logit.name,
        "meaning": "log odds of the positive class for each image, before calibration",
    }


def _recorded(content: dict[str, Any], variant: str, folder: Path, suggestion: str) -> str:
    """sha256 of a kept variant of the present model.onnx. Raises InputError where there is none."""
    block: Any = (content.get("onnx_variants") or {}).get(variant)
    try:
        accepted, source, sha256 = block["kept"], block.get("made_from"), block.get("sha256")
    except (KeyError, TypeError, AttributeError):
        raise InputError(f"{folder} has no {variant} copy of its {ONNX_MODEL}; {suggestion}") from None
    if not accepted:
        raise InputError(str(block.get("reason") or f"{folder}: its {variant} copy was refused; {suggestion}"))
    if source != content["onnx"]["sha256"]:
        raise InputError(f"{folder}: its {variant} copy was made from another {ONNX_MODEL}; {suggestion}")
    return str(sha256)
