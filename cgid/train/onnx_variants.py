"""Smaller copies of a run's model.onnx, written only where they answer as it does: judged, timed, recorded in the run.

They are made from model.onnx itself, so runs that were imported or averaged can have them too.

Images a second of two ONNX files, in turns in one process, so that what else the machine does befalls both alike.
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
from cgid.progress import Report
from cgid.runs import predictions
from cgid.runs.run import Run
from cgid.train import onnx_acceptance
from cgid.train.checkpoint import reason
from cgid.train.onnx_convert import CONVERTERS, quietly

BATCHES = (1, 32)
ROUNDS = 5


def speed(models: Mapping[str, OnnxModel], squares: Sequence[np.ndarray]) -> dict[str, Any]:
    """{"images_per_second": {name: {"1", "32"}}, "ratio": {"1", "32"} of the second to the first, "rounds"}.

    squares: uint8 (S, S, 3); repeated where they are fewer than a batch. The best of ROUNDS counts.
    """
    pace: dict[str, dict[str, float]] = {name: {} for name in models}
    for batch in BATCHES:
        chosen = [squares[i % len(squares)] for i in range(batch)]
        best = dict.fromkeys(models, float("inf"))
        for _ in range(ROUNDS):
            for name, model in models.items():
                begun = time.perf_counter()
                model.logits_of_squares(chosen)
                best[name] = min(best[name], time.perf_counter() - begun)
        for name, seconds in best.items():
            pace[name][str(batch)] = batch / max(seconds, 1e-9)
    first, second = models
    ratio = {str(batch): pace[second][str(batch)] / pace[first][str(batch)] for batch in BATCHES}
    return {"images_per_second": pace, "ratio": ratio, "rounds": ROUNDS}


CALIBRATION_IMAGES = 64  # of the validation half that chose the epoch; never of test
MOST_JUDGED = 2000  # test images
CHUNK = 32


def names_of(text: str) -> list[str]:
    """`fp16,int8` as a list. Raises InputError where one is unknown."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if unknown := [name for name in names if name not in VARIANTS]:
        raise InputError(f"--variants {unknown[0]!r} is not one of {', '.join(VARIANTS)}.")
    return list(dict.fromkeys(names))


def make(run: Run, names: Sequence[str], report: Report) -> dict[str, Any]:
    """Make, judge and record each; {name: block} as run_manifest.json holds it under `onnx_variants`.

    A refused one is not written; `reason` says why in one sentence, and a good earlier file of that name stays.
    Raises InputError: no usable model.onnx, or no image of the run is left to judge on.
    """
    exact = OnnxModel.load(run.folder)
    frozen = _frozen(run)
    steps = len(names) + 1
    report(0, steps, "reading validation images")
    squares = [square for _, square in _squares(exact, _choosing_half(run), CALIBRATION_IMAGES)]
    blocks: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        made: dict[str, OnnxModel] = {}
        for step, name in enumerate(names):
            report(step, steps, f"making {name}")
            file = Path(temporary) / variant_file(name)
            try:
                _convert(name, run.onnx_path, file, squares, exact)
                made[name] = OnnxModel(file)
            except Exception as error:  # the converters fail in ways of their own; the other variants go on
                blocks[name] = {"kept": False, "reason": f"{name} was not kept: it cannot be made ({reason(error)})."}
        report(len(names), steps, "judging on test images")
        rows, logit, sample = _judge(exact, made, _table(run, "test"))
        for name, model in made.items():
            blocks[name] = _gated(name, rows, logit, frozen)
            blocks[name]["speed"] = speed({"float32": exact, "variant": model}, sample)
            if blocks[name]["kept"]:
                data = (Path(temporary) / variant_file(name)).read_bytes()
                write_bytes(run.folder / variant_file(name), data)
                about = {"file": variant_file(name), "sha256": sha256_of(run.folder / variant_file(name))}
                blocks[name] |= about | {"bytes": len(data), "made_from": exact.sha256}
    manifest = read_json(run.manifest_path)
    before = manifest.get("onnx_variants") or {}
    recorded = {name: _or_earlier(run, name, before.get(name), block, exact.sha256) for name, block in blocks.items()}
    write_json(run.manifest_path, {**manifest, "onnx_variants": {**before, **recorded}})
    report(steps, steps, "recorded")
    return blocks


def summary(blocks: dict[str, dict[str, Any]]) -> str:
    """What became of each, for people."""
    words = []
    for name, block in blocks.items():
        if block["kept"]:
            pace = block["speed"]["ratio"]
            words.append(
                f"{name} kept: {block['bytes'] / 1e6:.1f} MB, {pace['1']:.1f} and {pace['32']:.1f} times float32's speed "
                f"for 1 and 32 images, {100 * (1 - block['parity']['other_labels']):.1f} % of the labels the same."
            )
        else:
            words.append(block["reason"])
    return " ".join(words)


def _frozen(run: Run) -> dict[str, Any]:
    try:
        frozen = read_json(run.thresholds_path)
        frozen["thresholds"][operating_points.HEADLINE], frozen["temperature"], frozen["bias"]
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{run.thresholds_path} is missing or damaged; train the run again.") from None
    return frozen


def _choosing_half(run: Run) -> pd.DataFrame:
    val = _table(run, "val")
    return val[~val["calibration"]] if "calibration" in val and not val["calibration"].all() else val


def _table(run: Run, split: str) -> pd.DataFrame:
    try:
        return predictions.read(run.predictions_path(split))
    except (OSError, ValueError) as error:  # pyarrow's errors are of these two
        raise InputError(f"{run.predictions_path(split)} cannot be read ({reason(error)}).") from None


def _squares(model: OnnxModel, rows: pd.DataFrame, most: int):
    """(place in rows, square) of at most `most` images, evenly spread; files that are gone or changed are passed over."""
    for place in np.unique(np.linspace(0, len(rows) - 1, min(most, len(rows))).astype(int)) if len(rows) else ():
        try:
            image = ImageFile.open(rows["filepath"].iloc[place])
        except UnreadableImage:
            continue
        if image.sha256 == rows["sha256"].iloc[place]:
            yield int(place), model.preprocess.square(image.rgb)


def _convert(name: str, source: Path, file: Path, squares: list[np.ndarray], exact: OnnxModel) -> None:
    if name == "int8" and not squares:
        raise InputError("none of the run's validation images can be read")
    with quietly():
        model = CONVERTERS[name](source, squares)
    describe(model, exact.metadata | {"variant": name, "made_from": exact.sha256})
    file.write_bytes(model.SerializeToString())


def _judge(
    exact: OnnxModel, made: dict[str, OnnxModel], test: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, np.ndarray], list[np.ndarray]]:
    """(rows that were judged, {name or `float32`: logits}, the first squares)."""
    models = {"float32": exact} | made
    logits: dict[str, list[np.ndarray]] = {name: [] for name in models}
    places: list[int] = []
    sample: list[np.ndarray] = []
    chunk: list[np.ndarray] = []

    def answer() -> None:
        for name, model in models.items():
            logits[name].append(model.logits_of_squares(chunk))
        sample.extend(chunk[: CHUNK - len(sample)])
        chunk.clear()

    for place, square in _squares(exact, test, MOST_JUDGED):
        places.append(place)
        chunk.append(square)
        if len(chunk) == CHUNK:
            answer()
    if chunk:
        answer()
    if not places:
        raise InputError("None of the run's test images can be read, so smaller copies cannot be judged.")
    return test.iloc[places], {name: np.concatenate(parts) for name, parts in logits.items()}, sample


def _gated(name: str, rows: pd.DataFrame, logit: dict[str, np.ndarray], frozen: dict[str, Any]) -> dict[str, Any]:
    threshold = frozen["thresholds"][operating_points.HEADLINE]
    exact, found = (operating_points.probability(frozen, logit[key]) for key in ("float32", name))
    parity = onnx_acceptance.parity(exact, found, threshold, onnx_acceptance.LIMITS[name])
    held = onnx_acceptance.accuracy(rows["label"].to_numpy(), exact, found, rows["group"].to_numpy(), threshold)
    kept = parity["passed"] and held["passed"]
    why = "" if kept else onnx_acceptance.refusal(name, parity, held)
    return {"kept": kept, "reason": why, "parity": parity, "accuracy": held, "judged": time.strftime("%Y-%m-%d")}


def _or_earlier(run: Run, name: str, before: Any, block: dict[str, Any], source: str) -> dict[str, Any]:
    """The new block; where it was refused, a good earlier one of the same model.onnx with the reason beside."""
    if block["kept"]:
        return block
    try:
        good = before["kept"] and before["made_from"] == source
        good = good and sha256_of(run.folder / variant_file(name)) == before["sha256"]
    except (OSError, KeyError, TypeError):
        good = False
    return before | {"last_refusal": block["reason"]} if good else block
