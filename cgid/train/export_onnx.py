"""Exports a trained network to the ONNX file that inference uses, and refuses it where the two disagree on real
images."""

from __future__ import annotations

import contextlib
import io
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

import cgid.train.threads  # noqa: F401  (before torch)
from cgid.data.manifest import LABELS
from cgid.errors import InputError
from cgid.files import plain, read_json, sha256_of, write_bytes, write_json
from cgid.imaging.image_file import ImageFile, UnreadableImage
from cgid.models.networks.network import NetworkSpec
from cgid.models.onnx_model import OnnxModel, describe, scores_only
from cgid.models.preprocess import Preprocess
from cgid.progress import Progress
from cgid.runs.predictions import read
from cgid.runs.run import Run
from cgid.train import onnx_variants
from cgid.train.checkpoint import load_network, reason
from cgid.train.params import ExportOnnxParams

TOLERANCE = 1e-4  # largest difference of a probability
IMAGES = 64


def parity_images(run: Run) -> list[np.ndarray]:
    """Some of the run's test and validation images, evenly spaced, uint8 (H, W, 3); missing files are skipped."""
    paths = [p for split in ("test", "val") for p in read(run.predictions_path(split))["filepath"]]
    chosen = [paths[i] for i in np.unique(np.linspace(0, len(paths) - 1, IMAGES).astype(int))]
    images = []
    for path in chosen:
        try:
            images.append(ImageFile.open(path).rgb)
        except UnreadableImage:
            continue
    if not images:
        raise InputError("None of the run's test and validation images can be read, so the export cannot be compared.")
    return images


def compare(model: OnnxModel, images: list[np.ndarray], expected: np.ndarray) -> dict[str, Any]:
    """Parity of the file's probabilities with the network's, `expected` (n,), on the same images."""
    probabilities = model.probabilities(images)
    difference = float(np.abs(probabilities - expected).max())
    same = bool(((probabilities >= 0.5) == (expected >= 0.5)).all())
    passed = difference <= TOLERANCE and same
    return {
        "images": len(images),
        "largest_difference": difference,
        "tolerance": TOLERANCE,
        "same_labels": same,
        "passed": passed,
    }


# isort: split


OPSET = 18


def export(params: ExportOnnxParams, progress: Progress) -> dict[str, Any]:
    """Rewrite model.onnx of a finished run and record it in run_manifest.json; with `variants`, write smaller copies,
    and
    model.onnx itself only where it is not the recorded one."""
    run = Run.at(params.run)
    names = onnx_variants.names_of(params.variants)
    if not names or not _is_intact(run):
        result = _export(run, progress)
        if not names:
            return result
    blocks = onnx_variants.make(run, names, progress)
    return {"summary": onnx_variants.summary(blocks), "onnx": str(run.onnx_path), "variants": blocks}


def _is_intact(run: Run) -> bool:
    """Whether model.onnx has the recorded sha256. Raises InputError where the run holds imported scores only."""
    try:
        manifest = read_json(run.manifest_path)
        problem = scores_only(run.folder, manifest)
        intact = bool(problem) or sha256_of(run.onnx_path) == manifest["onnx"]["sha256"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    if problem:
        raise InputError(problem)
    return intact


def _export(run: Run, progress: Progress) -> dict[str, Any]:
    try:
        manifest = read_json(run.manifest_path)
        problem = _not_exportable(run, manifest)
        thresholds = read_json(run.thresholds_path)
        spec, run_id = None if problem else NetworkSpec.from_manifest(manifest), manifest["run_id"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"{run.folder} is not the folder of a finished Model A run.") from None
    if problem:
        raise InputError(problem)
    if not run.weights_path.is_file() or sha256_of(run.weights_path) != manifest["weights"]["sha256"]:
        raise InputError(f"{run.weights_path} is gone or was changed since training (its sha256); train the run again.")
    assert spec is not None, "a run that can be exported names its network"
    network = spec.build()
    content = load_network(network, run.weights_path)
    preprocess = Preprocess.from_json(content["preprocess"])
    progress(0, 2, "reading images for the comparison")
    images = parity_images(run)
    progress(1, 2, "exporting")
    details = metadata(run_id, spec, preprocess, thresholds, manifest["weights"]["sha256"])
    details["simulated"] = bool(manifest.get("simulated"))
    block = write_onnx(network, preprocess, run.onnx_path, images, details)
    write_json(run.manifest_path, {**manifest, "onnx": block})
    progress(2, 2, "exported")
    parity = block["parity"]
    summary = (
        f"Exported {run.onnx_path.name}; on {parity['images']} images its probabilities differ from the network's "
        f"by at "
        f"most {parity['largest_difference']:.1e}."
    )
    return {"summary": summary, "onnx": str(run.onnx_path), "parity": parity}


def _not_exportable(run: Run, manifest: dict[str, Any]) -> str | None:
    """Why a run holds no network to export, in one sentence; else None."""
    if manifest.get("members"):
        return (
            f"{run.folder} is an ensemble of runs: its model.onnx is merged from theirs. To rewrite it, run "
            "`cgid model-a average` with the same runs and --output-dir."
        )
    if manifest.get("imported"):
        return f"{run.folder} was imported, so there is nothing to export; import it again if a file is lost."
    return None


def metadata(
    run_id: str, spec: NetworkSpec, preprocess: Preprocess, thresholds: dict[str, Any], weights_sha256: str = ""
) -> dict[str, Any]:
    """Metadata of model.onnx; `describe` adds its input and output. Plain JSON, for any reader."""
    keys = ("temperature", "bias", "thresholds", "inconclusive")
    return {
        "run_id": run_id,
        "weights_sha256": weights_sha256,
        "arch": spec.arch,
        "input": spec.input,
        "tiny_stem": spec.tiny_stem,
        "labels": LABELS,
        "positive": "ai",
        "preprocess": preprocess.to_json(),
        "calibration": {k: thresholds[k] for k in keys},
    }


def write_onnx(
    network: nn.Module, preprocess: Preprocess, path: Path, images: list[np.ndarray], details: dict[str, Any]
) -> dict[str, Any]:
    """Write the network with its metadata as one file; {"file", "sha256", "opset", "exporter", "parity"}.

    images: for the parity test, uint8 (H, W, 3). The newer exporter is tried first, then the older one. Raises
    InputError where both fail; the file at `path` then stays unchanged.
    """
    network = network.cpu().eval().to(memory_format=torch.contiguous_format)
    with torch.inference_mode():
        expected = [torch.sigmoid(network(torch.from_numpy(preprocess.apply(i)[None]))).item() for i in images]
    failures = []
    for exporter, convert in EXPORTERS.items():
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / path.name
            try:
                _quietly(convert, network, preprocess.image_size, file)
                _describe(file, details)
                parity = compare(OnnxModel(file), images, np.array(expected))
            except Exception as error:  # exporters raise errors of any type; the other one is tried
                failures.append(f"{exporter}: {reason(error)}")
                continue
            if parity["passed"]:
                write_bytes(path, file.read_bytes())
                block = {"file": path.name, "sha256": sha256_of(path), "opset": OPSET, "exporter": exporter}
                return block | {"parity": parity}
            failures.append(f"{exporter}: probabilities differ by up to {parity['largest_difference']:.2g}")
    raise InputError(f"No export of this network agrees with it on real images ({'; '.join(failures)}).")


def _by_export(network: nn.Module, size: int, file: Path) -> None:
    torch.onnx.export(
        network,
        (torch.zeros(2, 3, size, size),),
        file,
        dynamo=True,
        external_data=False,
        opset_version=OPSET,
        input_names=["image"],
        output_names=["logit"],
        dynamic_shapes=({0: torch.export.Dim("batch")},),
        verbose=False,
    )


def _by_script(network: nn.Module, size: int, file: Path) -> None:
    torch.onnx.export(
        network,
        (torch.zeros(2, 3, size, size),),
        file,
        dynamo=False,
        opset_version=OPSET,
        input_names=["image"],
        output_names=["logit"],
        dynamic_axes={"image": {0: "batch"}, "logit": {0: "batch"}},
    )


EXPORTERS = {"torch.export": _by_export, "torchscript": _by_script}


def _quietly(convert: Callable[[nn.Module, int, Path], None], network: nn.Module, size: int, file: Path) -> None:
    """Suppress the exporters' advice to developers."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        convert(network, size, file)


def _describe(file: Path, details: dict[str, Any]) -> None:
    import onnx

    model = onnx.load(file)
    describe(model, plain(details))
    onnx.save(model, file)
