"""Robustness of a Model A: the same images under every condition (tiers and degradations), each decoded once."""

from __future__ import annotations

import hashlib
import shutil
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from filelock import FileLock, Timeout

from cgid.artifacts import predictions_file
from cgid.data import manifest as data_manifest
from cgid.errors import InputError
from cgid.evaluate import operating_points
from cgid.imaging.image_file import ImageFile, UnreadableImage
from cgid.models.image_cache import reader
from cgid.models.onnx_model import OnnxModel
from cgid.models.preprocess import Preprocess
from cgid.progress import Progress
from cgid.robustness import record
from cgid.robustness.params import RobustnessParams
from cgid.robustness.points import Condition, all_conditions, describe_images, own_test, sample_images
from cgid.runs import predictions
from cgid.runs.evaluate import open_run
from cgid.settings import settings

IMAGES_PER_BLOCK = 16  # images per file of intermediate results
MAX_INPUT_BYTES = 64 * 1024**2  # of network inputs in memory at once


def robustness(params: RobustnessParams, progress: Progress) -> dict[str, Any]:
    """Evaluate the run under every condition and write robustness/; an interrupted evaluation resumes.

    Raises InputError: no Model A run, no ONNX file, no images, another robustness job of this run is running.
    """
    if params.seed < 0:
        raise InputError(f"--seed {params.seed} is negative; give 0 or more.")
    run, manifest, thresholds = open_run(Path(params.run))
    model = OnnxModel.load(run.folder, settings().workers)
    frame = data_manifest.read_examples(Path(params.manifest)) if params.manifest else own_test(run)
    sample = sample_images(frame, params.images, params.seed)
    target = run.folder / record.FOLDER
    target.mkdir(exist_ok=True)
    try:
        with FileLock(target / ".lock", timeout=0):
            evaluated = _evaluate(model, sample, params.seed, target / ".parts", progress)
            about = {
                "run_id": run.id,
                "judged_by": model.sha256,
                "images": describe_images(params.manifest, frame, sample),
                "seed": params.seed,
                "simulated": bool(manifest.get("simulated"))
                if not params.manifest
                else data_manifest.simulated([frame]),
            }
            result = record.write(
                run.folder, *_complete_rows(evaluated, params, thresholds), manifest, thresholds, about
            )
            shutil.rmtree(target / ".parts", ignore_errors=True)
    except Timeout:
        raise InputError(
            f"Another job is evaluating the robustness of {run.folder}; wait until it has finished."
        ) from None
    return result


def _evaluate(model: OnnxModel, frame: pd.DataFrame, seed: int, parts: Path, progress: Progress) -> pd.DataFrame:
    conditions = all_conditions()
    content = pd.util.hash_pandas_object(frame[["path", "target", "group"]].astype(str), index=False)
    work = f"{model.sha256} {conditions} {seed} {hashlib.sha256(content.to_numpy().tobytes()).hexdigest()}"
    folder = parts / hashlib.sha256(work.encode()).hexdigest()[:16]
    tables = []
    with reader(0) as pool:
        for start in range(0, len(frame), IMAGES_PER_BLOCK):
            file = folder / f"{start:08d}.parquet"
            if not file.exists():
                predictions.write(
                    _block(model, frame.iloc[start : start + IMAGES_PER_BLOCK], conditions, seed, pool), file
                )
            tables.append(predictions.read(file))
            done = min(start + IMAGES_PER_BLOCK, len(frame))
            progress(
                done, len(frame), f"evaluated {done} of {len(frame)} images, each under {len(conditions)} conditions"
            )
    return pd.concat(tables, ignore_index=True)


def _block(
    model: OnnxModel, frame: pd.DataFrame, conditions: list[Condition], seed: int, pool: Executor
) -> pd.DataFrame:
    """One row per image and condition; problem: why an image has no logit."""
    side = model.preprocess.image_size
    window = max(1, MAX_INPUT_BYTES // (len(conditions) * side * side * 3))
    known = frame["sha256"] if "sha256" in frame else pd.Series("", index=frame.index)
    requests = list(zip(frame["path"], known.fillna("").astype(str)))
    logit, sha256, problem = np.full((len(frame), len(conditions)), np.nan), [""] * len(frame), [""] * len(frame)
    for start in range(0, len(frame), window):
        rows = range(start, min(start + window, len(frame)))
        for row, task in [
            (r, pool.submit(_network_inputs, *requests[r], conditions, model.preprocess, seed)) for r in rows
        ]:
            result = task.result()
            if isinstance(result, str):
                problem[row] = result
                continue
            sha256[row], inputs = result
            logit[row] = model.logits_of_inputs(inputs)
            if not np.isfinite(logit[row]).all():
                problem[row] = f"{Path(requests[row][0]).name}: the detector returned no finite value."
    tables = [
        predictions.table(frame, range(len(frame)), sha256, logit[:, k]).assign(
            tier=condition.tier, degradation=condition.degradation, level=condition.level, problem=problem
        )
        for k, condition in enumerate(conditions)
    ]
    return pd.concat(tables, ignore_index=True)


def _network_inputs(
    path: str, known: str, conditions: list[Condition], preprocess: Preprocess, seed: int
) -> tuple[str, list[np.ndarray]] | str:
    """(sha256, the network input under each condition), or the reason why there is none."""
    try:
        image = ImageFile.open(path)
        if known and image.sha256 != known.strip().lower():
            return f"{image.name} is no longer the listed image (its sha256 differs)."
        return image.sha256, [preprocess.input_pixels(p.of(image.rgb, image.sha256, seed)) for p in conditions]
    except UnreadableImage as error:
        return str(error)
    except (OSError, ValueError) as error:  # such as a side that is too long for a JPEG
        return f"{Path(path).name} cannot be degraded: {str(error).splitlines()[0][:200] or type(error).__name__}."


def _complete_rows(
    evaluated: pd.DataFrame, params: RobustnessParams, thresholds: dict[str, Any]
) -> tuple[pd.DataFrame, list[dict]]:
    """(calibrated rows of the images evaluated under every condition; skipped images with reasons)."""
    left = evaluated[evaluated["problem"] != ""].drop_duplicates("filepath")
    rows = evaluated[evaluated["problem"] == ""].drop(columns="problem").reset_index(drop=True)
    where = Path(params.manifest) if params.manifest else Path(params.run) / predictions_file("test")
    data_manifest.require_classes(where, rows["label"].to_numpy(), both=False)
    rows = predictions.calibrated(rows, lambda logit: operating_points.probability(thresholds, logit))
    return rows, [{"filepath": r.filepath, "reason": r.problem} for r in left.itertuples()]
