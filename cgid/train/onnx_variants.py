"""Smaller copies of a run's model.onnx (fp16, int8): converted, tested, timed, and recorded in the run if accepted.

They are converted from model.onnx itself, so imported runs and ensembles can have them too. Speeds of two files are
measured alternately in one process, so that other load on the machine affects both alike.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cgid.errors import InputError
from cgid.evaluate import operating_points
from cgid.files import read_json, sha256_of, write_bytes, write_json
from cgid.imaging.image_file import ImageFile, UnreadableImage
from cgid.models.onnx_model import VARIANTS, OnnxModel, describe, variant_file
from cgid.progress import Progress
from cgid.runs import predictions
from cgid.runs.run import Run
from cgid.train import onnx_acceptance
from cgid.train.checkpoint import reason
from cgid.train.onnx_convert import CONVERTERS, silenced

BATCHES = (1, 32)
ROUNDS = 5


def speed(models: Mapping[str, OnnxModel], inputs: Sequence[np.ndarray]) -> dict[str, Any]:
    """{"images_per_second": {name: {"1", "32"}}, "ratio": {"1", "32"} of the second to the first, "rounds"}.

    squares: uint8 (S, S, 3); repeated where they are fewer than a batch. The best of ROUNDS counts.
    """
    rates: dict[str, dict[str, float]] = {name: {} for name in models}
    for batch in BATCHES:
        chosen = [inputs[i % len(inputs)] for i in range(batch)]
        best = dict.fromkeys(models, float("inf"))
        for _ in range(ROUNDS):
            for name, model in models.items():
                started = time.perf_counter()
                model.logits_of_inputs(chosen)
                best[name] = min(best[name], time.perf_counter() - started)
        for name, seconds in best.items():
            rates[name][str(batch)] = batch / max(seconds, 1e-9)
    first, second = models
    ratio = {str(batch): rates[second][str(batch)] / rates[first][str(batch)] for batch in BATCHES}
    return {"images_per_second": rates, "ratio": ratio, "rounds": ROUNDS}


CALIBRATION_IMAGES = 64  # of the validation half that chose the epoch; never of test
MAX_TEST_IMAGES = 2000  # test images
CHUNK = 32


def names_of(text: str) -> list[str]:
    """`fp16,int8` as a list. Raises InputError where one is unknown."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if unknown := [name for name in names if name not in VARIANTS]:
        raise InputError(f"--variants {unknown[0]!r} is not one of {', '.join(VARIANTS)}.")
    return list(dict.fromkeys(names))


def make(run: Run, names: Sequence[str], progress: Progress) -> dict[str, Any]:
    """Convert, test and record each; {name: block} as run_manifest.json holds it under `onnx_variants`.

    A refused one is not written; `reason` says why in one sentence, and a good earlier file of that name stays.
    Raises InputError: no usable model.onnx, or no image of the run is left to test on.
    """
    exact = OnnxModel.load(run.folder)
    thresholds = _read_thresholds(run)
    steps = len(names) + 1
    progress(0, steps, "reading validation images")
    inputs = [pixels for _, pixels in _network_inputs(exact, _epoch_selection_half(run), CALIBRATION_IMAGES)]
    blocks: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        variants: dict[str, OnnxModel] = {}
        for step, name in enumerate(names):
            progress(step, steps, f"converting to {name}")
            file = Path(temporary) / variant_file(name)
            try:
                _convert(name, run.onnx_path, file, inputs, exact)
                variants[name] = OnnxModel(file)
            except Exception as error:  # converters raise errors of any type; the other variants go on
                blocks[name] = {
                    "kept": False,
                    "reason": f"{name} was not accepted: it cannot be converted ({reason(error)}).",
                }
        progress(len(names), steps, "testing on test images")
        rows, logit, sample = _predict(exact, variants, _table(run, "test"))
        for name, model in variants.items():
            blocks[name] = _acceptance(name, rows, logit, thresholds)
            blocks[name]["speed"] = speed({"float32": exact, "variant": model}, sample)
            if blocks[name]["kept"]:
                data = (Path(temporary) / variant_file(name)).read_bytes()
                write_bytes(run.folder / variant_file(name), data)
                about = {"file": variant_file(name), "sha256": sha256_of(run.folder / variant_file(name))}
                blocks[name] |= about | {"bytes": len(data), "made_from": exact.sha256}
    manifest = read_json(run.manifest_path)
    before = manifest.get("onnx_variants") or {}
    recorded = {name: _or_previous(run, name, before.get(name), block, exact.sha256) for name, block in blocks.items()}
    write_json(run.manifest_path, {**manifest, "onnx_variants": {**before, **recorded}})
    progress(steps, steps, "recorded")
    return blocks


def summary(blocks: dict[str, dict[str, Any]]) -> str:
    """The outcome of each conversion, in sentences."""
    sentences = []
    for name, block in blocks.items():
        if block["kept"]:
            speedup = block["speed"]["ratio"]
            sentences.append(
                f"{name} accepted: {block['bytes'] / 1e6:.1f} MB, {speedup['1']:.1f} and {speedup['32']:.1f} times "
                f"float32's speed "
                f"for 1 and 32 images, {100 * (1 - block['parity']['other_labels']):.1f} % of the labels the same."
            )
        else:
            sentences.append(block["reason"])
    return " ".join(sentences)


def _read_thresholds(run: Run) -> dict[str, Any]:
    try:
        thresholds = read_json(run.thresholds_path)
        thresholds["thresholds"][operating_points.DEFAULT_POINT], thresholds["temperature"], thresholds["bias"]
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{run.thresholds_path} is missing or damaged; train the run again.") from None
    return thresholds


def _epoch_selection_half(run: Run) -> pd.DataFrame:
    val = _table(run, "val")
    return val[~val["calibration"]] if "calibration" in val and not val["calibration"].all() else val


def _table(run: Run, split: str) -> pd.DataFrame:
    try:
        return predictions.read(run.predictions_path(split))
    except (OSError, ValueError) as error:  # pyarrow's errors are of these two
        raise InputError(f"{run.predictions_path(split)} cannot be read ({reason(error)}).") from None


def _network_inputs(model: OnnxModel, rows: pd.DataFrame, max_images: int):
    """(index in rows, input pixels) of at most `max_images` images, evenly spaced; missing or changed files are
    skipped."""
    for index in np.unique(np.linspace(0, len(rows) - 1, min(max_images, len(rows))).astype(int)) if len(rows) else ():
        try:
            image = ImageFile.open(rows["filepath"].iloc[index])
        except UnreadableImage:
            continue
        if image.sha256 == rows["sha256"].iloc[index]:
            yield int(index), model.preprocess.input_pixels(image.rgb)


def _convert(name: str, source: Path, file: Path, inputs: list[np.ndarray], exact: OnnxModel) -> None:
    if name == "int8" and not inputs:
        raise InputError("none of the run's validation images can be read")
    with silenced():
        model = CONVERTERS[name](source, inputs)
    describe(model, exact.metadata | {"variant": name, "made_from": exact.sha256})
    file.write_bytes(model.SerializeToString())


def _predict(
    exact: OnnxModel, variants: dict[str, OnnxModel], test: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, np.ndarray], list[np.ndarray]]:
    """(rows predicted, {name or `float32`: logits}, the first inputs)."""
    models = {"float32": exact} | variants
    logits: dict[str, list[np.ndarray]] = {name: [] for name in models}
    indices: list[int] = []
    sample: list[np.ndarray] = []
    chunk: list[np.ndarray] = []

    def answer() -> None:
        for name, model in models.items():
            logits[name].append(model.logits_of_inputs(chunk))
        sample.extend(chunk[: CHUNK - len(sample)])
        chunk.clear()

    for index, pixels in _network_inputs(exact, test, MAX_TEST_IMAGES):
        indices.append(index)
        chunk.append(pixels)
        if len(chunk) == CHUNK:
            answer()
    if chunk:
        answer()
    if not indices:
        raise InputError("None of the run's test images can be read, so smaller copies cannot be tested.")
    return test.iloc[indices], {name: np.concatenate(parts) for name, parts in logits.items()}, sample


def _acceptance(
    name: str, rows: pd.DataFrame, logit: dict[str, np.ndarray], thresholds: dict[str, Any]
) -> dict[str, Any]:
    threshold = thresholds["thresholds"][operating_points.DEFAULT_POINT]
    exact, variant = (operating_points.probability(thresholds, logit[key]) for key in ("float32", name))
    parity = onnx_acceptance.parity(exact, variant, threshold, onnx_acceptance.LIMITS[name])
    accuracy = onnx_acceptance.accuracy(rows["label"].to_numpy(), exact, variant, rows["group"].to_numpy(), threshold)
    accepted = parity["passed"] and accuracy["passed"]
    message = "" if accepted else onnx_acceptance.refusal_message(name, parity, accuracy)
    return {
        "kept": accepted,
        "reason": message,
        "parity": parity,
        "accuracy": accuracy,
        "judged": time.strftime("%Y-%m-%d"),
    }


def _or_previous(run: Run, name: str, before: Any, block: dict[str, Any], source: str) -> dict[str, Any]:
    """The new block; where it was refused, a good earlier one of the same model.onnx, with the reason."""
    if block["kept"]:
        return block
    try:
        good = before["kept"] and before["made_from"] == source
        good = good and sha256_of(run.folder / variant_file(name)) == before["sha256"]
    except (OSError, KeyError, TypeError):
        good = False
    return before | {"last_refusal": block["reason"]} if good else block
