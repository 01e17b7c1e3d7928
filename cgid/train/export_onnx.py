"""Turns a trained network into the one file that inference uses, and refuses it where the two disagree on real images.

Whether an ONNX file says what it should: its probabilities beside the expected ones, on real images of the run.
"""

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
from cgid.models.networks.network import Network
from cgid.models.onnx_model import OnnxModel, describe, scores_only
from cgid.models.preprocess import Preprocess
from cgid.progress import Report
from cgid.runs.predictions import read
from cgid.runs.run import Run
from cgid.train import onnx_variants
from cgid.train.checkpoint import load_network, reason
from cgid.train.params import ExportOnnxParams

TOLERANCE = 1e-4  # largest difference of a probability
IMAGES = 64


def parity_images(run: Run) -> list[np.ndarray]:
    """Some of the run's test and validation images, evenly spread, uint8 (H, W, 3); files that are gone are passed over."""
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
    """How far the file's probabilities are from the network's, `expected` (n,), on the same images."""
    found = model.probabilities(images)
    difference = float(np.abs(found - expected).max())
    same = bool(((found >= 0.5) == (expected >= 0.5)).all())
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


def export(params: ExportOnnxParams, report: Report) -> dict[str, Any]:
    """Write model.onnx of a finished run anew and record it in run_manifest.json; with `variants`, smaller copies of it,
    and model.onnx itself only where it is not the recorded one."""
    run = Run.under_way(params.run)
    names = onnx_variants.names_of(params.variants)
    if not names or not _whole(run):
        result = _export(run, report)
        if not names:
            return result
    blocks = onnx_variants.make(run, names, report)
    return {"summary": onnx_variants.summary(blocks), "onnx": str(run.onnx_path), "variants": blocks}


def _whole(run: Run) -> bool:
    """Whether model.onnx is the recorded one. Raises InputError where the run holds imported scores only."""
    try:
        manifest = read_json(run.manifest_path)
        problem = scores_only(run.folder, manifest)
        whole = problem or sha256_of(run.onnx_path) == manifest["onnx"]["sha256"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    if problem:
        raise InputError(problem)
    return whole


def _export(run: Run, report: Report) -> dict[str, Any]:
    try:
        manifest = read_json(run.manifest_path)
        problem = _not_ours(run, manifest)
        thresholds = read_json(run.thresholds_path)
        plan, run_id = None if problem else Network.of_run(manifest), manifest["run_id"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"{run.folder} is not the folder of a finished Model A run.") from None
    if problem:
        raise InputError(problem)
    if not run.weights_path.is_file() or sha256_of(run.weights_path) != manifest["weights"]["sha256"]:
        raise InputError(f"{run.weights_path} is gone or was changed since training (its sha256); train the run again.")
    network = plan.build()
    content = load_network(network, run.weights_path)
    preprocess = Preprocess.from_json(content["preprocess"])
    report(0, 2, "reading images for the comparison")
    images = parity_images(run)
    report(1, 2, "exporting")
    about = metadata(run_id, plan, preprocess, thresholds, manifest["weights"]["sha256"])
    about["simulated"] = bool(manifest.get("simulated"))
    block = write_onnx(network, preprocess, run.onnx_path, images, about)
    write_json(run.manifest_path, {**manifest, "onnx": block})
    report(2, 2, "exported")
    parity = block["parity"]
    words = (
        f"Exported {run.onnx_path.name}; on {parity['images']} images its probabilities differ from the network's by at "
        f"most {parity['largest_difference']:.1e}."
    )
    return {"summary": words, "onnx": str(run.onnx_path), "parity": parity}


def _not_ours(run: Run, manifest: dict[str, Any]) -> str | None:
    """One sentence where a run holds no network that could be exported; else None."""
    if manifest.get("members"):
        return (
            f"{run.folder} is an average of runs: its model.onnx is merged from theirs. To make it anew, run "
            "`cgid average-runs` with the same runs and --output-dir."
        )
    if manifest.get("imported"):
        return f"{run.folder} was imported, so there is nothing to export; import it again if a file is lost."
    return None


def metadata(
    run_id: str, plan: Network, preprocess: Preprocess, thresholds: dict[str, Any], weights_sha256: str = ""
) -> dict[str, Any]:
    """What model.onnx says about itself; `describe` adds its input and output. Plain JSON, for any reader."""
    kept = ("temperature", "bias", "thresholds", "inconclusive")
    return {
        "run_id": run_id,
        "weights_sha256": weights_sha256,
        "arch": plan.arch,
        "input": plan.input,
        "tiny_stem": plan.tiny_stem,
        "labels": LABELS,
        "positive": "ai",
        "preprocess": preprocess.to_json(),
        "calibration": {k: thresholds[k] for k in kept},
    }


def write_onnx(
    network: nn.Module, preprocess: Preprocess, path: Path, images: list[np.ndarray], about: dict[str, Any]
) -> dict[str, Any]:
    """Write the network with its metadata as one file; {"file", "sha256", "opset", "exporter", "parity"}.

    images: what the file is compared on, uint8 (H, W, 3). The newer exporter is tried first, the older one where its
    file fails. Raises InputError where both do; what was at `path` before then stays.
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
                _describe(file, about)
                parity = compare(OnnxModel(file), images, np.array(expected))
            except Exception as error:  # an exporter fails in ways of its own; the other one is tried
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
    """The exporters print advice to their developers; none of it is for the person who waits."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        convert(network, size, file)


def _describe(file: Path, about: dict[str, Any]) -> None:
    import onnx

    model = onnx.load(file)
    describe(model, plain(about))
    onnx.save(model, file)
