"""Imports an external detector, given as ONNX with a sidecar, as a Model A run that can be evaluated, promoted and
used."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cgid.artifacts import ONNX_MODEL
from cgid.data import manifest as data_manifest
from cgid.data.manifest import LABELS
from cgid.errors import InputError
from cgid.evaluate.calibration import sigmoid
from cgid.external import run as external_run
from cgid.external.onnx_adapter import adapt
from cgid.external.onnx_file import read_model
from cgid.external.onnx_trial import reason_of, smoke_test
from cgid.external.params import ImportDetectorParams
from cgid.external.run import Evaluation
from cgid.external.sidecar import Sidecar
from cgid.files import sha256_of
from cgid.models.image_cache import Images, reader
from cgid.models.onnx_model import OnnxModel, describe
from cgid.params import canonical
from cgid.progress import Progress
from cgid.runs import predictions
from cgid.schema import external_split

TOLERANCE = (
    1e-3  # largest difference of a probability from the sidecar's reference; half-precision files round that much
)
NO_NUMBER = "the detector gave no finite score for it"


def import_detector(params: ImportDetectorParams, progress: Progress) -> dict[str, Any]:
    """Adapt the file to our input and output, evaluate it on every manifest, fit thresholds, write the run folder.

    Raises InputError: a file or sidecar that cannot be used (see `onnx_file`, `sidecar`, `onnx_trial`), bad
    manifests, no image with an answer, one class only in val, another run in the folder.
    """
    onnx, manifests = (
        Path(params.onnx),
        [Path(params.val_manifest), Path(params.test_manifest), *params.external_manifest],
    )
    names = data_manifest.external_names([Path(p) for p in params.external_manifest])
    splits = ["val", "test", *map(external_split, names)]
    with external_run.open_folder(params.output_dir) as run:
        sidecar = Sidecar.read(Path(params.sidecar))
        frames = dict(zip(splits, (data_manifest.read_examples(Path(p)) for p in manifests)))
        model = read_model(onnx)
        origin = {"path": str(onnx), "sha256": sha256_of(onnx), "sidecar": sidecar.to_json()}
        test_run = smoke_test(model, sidecar, onnx.name)
        adapt(model, sidecar, onnx.name, test_run.batch)
        details = {
            "run_id": run.id,
            "weights_sha256": origin["sha256"],
            "arch": "imported",
            "name": params.name,
            "labels": LABELS,
            "positive": "ai",
            "preprocess": sidecar.preprocess.to_json(),
        }
        describe(model, details)
        with tempfile.TemporaryDirectory() as temporary:
            file = Path(temporary) / ONNX_MODEL
            file.write_bytes(model.SerializeToString())
            network = OnnxModel(file)
        parity = _parity(network, test_run.inputs, test_run.probability, onnx.name)
        tables, skipped, images_before = {}, [], 0
        total = sum(map(len, frames.values()))
        for (split, frame), path in zip(frames.items(), manifests):
            tables[split], left = _predict(
                network, frame, Path(path), split, _SplitProgress(progress, images_before, total, split)
            )
            skipped += left
            images_before += len(frame)
        evaluation = Evaluation.of(tables, dict(zip(names, params.external_manifest)), Path(params.val_manifest))
        keys = ("temperature", "bias", "thresholds", "inconclusive")
        describe(model, {**details, "calibration": {k: evaluation.frozen[k] for k in keys}})
        roles = ["val", "test"] + ["external"] * len(names)
        manifest = external_run.write(
            run,
            evaluation,
            {
                "name": params.name,
                "config": {"arch": "imported detector", **canonical(params)},
                "data": {"name": manifests[0].absolute().parent.name, **{k: len(t) for k, t in tables.items()}},
                "manifests": [
                    {"path": str(path), "sha256": sha256_of(path), "rows": len(tables[split]), "role": role}
                    for path, split, role in zip(manifests, splits, roles)
                ],
                "detector": origin | {"parity": parity, "one_at_a_time": test_run.batch == 1},
                "preprocess": sidecar.preprocess.to_json(),
                "skipped": skipped,
                "simulated": data_manifest.simulated(list(frames.values())),
            },
            model.SerializeToString(),
        )
        return external_run.result(run, manifest)


class _SplitProgress:
    """Progress of one split within all of them."""

    def __init__(self, progress: Progress, before: int, total: int, split: str) -> None:
        self.progress, self.before, self.total, self.split = progress, before, total, split

    def __call__(self, done: int, of: int) -> None:
        self.progress(self.before + done, self.total, f"evaluated {done} of {of} images of {self.split}")


def _parity(network: OnnxModel, inputs: np.ndarray, expected: np.ndarray, name: str) -> dict[str, Any]:
    """Parity of the adapted file with the reference computed from the sidecar, on the same images."""
    probabilities = sigmoid(network.logits_of_inputs(list(inputs)))
    finite = np.isfinite(probabilities) & np.isfinite(expected)
    difference = float(np.abs(probabilities - expected)[finite].max(initial=0))
    if difference > TOLERANCE:
        raise InputError(
            f"{name} and its adapted copy differ by {difference:.2g} in probability; export it as float32."
        )
    return {"images": len(inputs), "largest_difference": difference, "tolerance": TOLERANCE}


def _predict(
    network: OnnxModel, frame: pd.DataFrame, path: Path, split: str, on_progress: _SplitProgress
) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    """(predictions of the images with a score, the others with their reason)."""
    logit = np.full(len(frame), np.nan)
    with reader(0) as pool:
        images = Images(frame["path"], network.preprocess, pool)
        for rows, inputs in images.read(on_progress):
            try:
                logit[rows] = network.logits_of_inputs(list(inputs))
            except Exception as error:  # onnxruntime raises its own errors without a common base
                raise InputError(f"The detector failed on images of {path} ({reason_of(error)}).") from None
    good = np.flatnonzero(np.isfinite(logit))
    if not len(good) and len(images.problems) < len(frame):
        raise InputError(f"The detector gave no finite score for any image of {path}; check the sidecar.")
    data_manifest.require_classes(path, frame["target"].to_numpy()[good], both=split == "val")
    reasons = {row: images.problems.get(row, NO_NUMBER) for row in np.flatnonzero(~np.isfinite(logit)).tolist()}
    skipped = [{"role": split, "filepath": frame["path"].iloc[r], "reason": why} for r, why in reasons.items()]
    sha256 = [images.sha256[r] for r in good]
    return predictions.table(frame, good, sha256, logit[good]), skipped
