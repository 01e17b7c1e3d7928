"""A network whose answer depends on one place only, as a run folder or as a file, for tests without training."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from cgid.files import sha256_of, write_json
from cgid.models.onnx_model import METADATA
from cgid.models.preprocess import Preprocess


def planted(folder: Path, weight: np.ndarray, fit: str = "resize", bias: float = 0.0) -> Path:
    """folder/model.onnx: logit = sum(weight * brightness in 0..1) + bias; weight (S, S). Returns the file."""
    size = weight.shape[0]
    folder.mkdir(parents=True, exist_ok=True)
    constants = [
        numpy_helper.from_array(np.repeat(weight[None] / 3, 3, axis=0).astype(np.float32), "weight"),
        numpy_helper.from_array(np.array([1, 2, 3]), "axes"),
        numpy_helper.from_array(np.array([bias], np.float32), "bias"),
    ]
    nodes = [
        helper.make_node("Mul", ["image", "weight"], ["weighted"]),
        helper.make_node("ReduceSum", ["weighted", "axes"], ["summed"], keepdims=0),
        helper.make_node("Add", ["summed", "bias"], ["logit"]),
    ]
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, size, size])
    logit = helper.make_tensor_value_info("logit", TensorProto.FLOAT, ["batch"])
    graph = helper.make_graph(nodes, "planted", [image], [logit], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    entry = model.metadata_props.add()
    preprocess = Preprocess(size, fit, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    entry.key, entry.value = METADATA, json.dumps({"preprocess": preprocess.to_json()})
    onnx.save(model, folder / "model.onnx")
    return folder / "model.onnx"


def planted_run(folder: Path, weight: np.ndarray, fit: str = "resize", bias: float = 0.0) -> Path:
    """A Model A run folder of it with thresholds, so that it can be promoted and judged by. Returns the folder."""
    file = planted(folder, weight, fit, bias)
    block = {"file": file.name, "sha256": sha256_of(file)}
    about = {"kind": "model_a", "run_id": folder.name, "metrics": {}, "weights": block, "onnx": block}
    write_json(folder / "run_manifest.json", about)
    write_json(folder / "thresholds.json", {"thresholds": {"balanced": 0.5}, "inconclusive": {"low": 0.3, "high": 0.7}})
    return folder
