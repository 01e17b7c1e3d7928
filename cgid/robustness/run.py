"""What is left of a Model A after the web: the same images at every tier and strength, each decoded once."""

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
from cgid.progress import Report
from cgid.robustness import record
from cgid.robustness.params import RobustnessParams
from cgid.robustness.points import Point, all_points, described, draw, own_test
from cgid.runs import predictions
from cgid.runs.evaluate import open_run
from cgid.settings import settings

BLOCK = 16  # images between two files of intermediate results
SQUARES = 64 * 1024**2  # bytes of inputs held at once


def robustness(params: RobustnessParams, report: Report) -> dict[str, Any]:
    """Judge the run at every point and write robustness/; images judged before an interruption are not judged again.

    Raises InputError: no Model A run, no ONNX file, no images, another measurement of this run under way.
    """
    if params.seed < 0:
        raise InputError(f"--seed {params.seed} is negative; give 0 or more.")
    run, manifest, frozen = open_run(Path(params.run))
    model = OnnxModel.load(run.folder, settings().workers)
    frame = data_manifest.read_examples(Path(params.manifest)) if params.manifest else own_test(run)
    drawn = draw(frame, params.images, params.seed)
    target = run.folder / record.FOLDER
    target.mkdir(exist_ok=True)
    try:
        with FileLock(target / ".lock", timeout=0):
            judged = _judged(model, drawn, params.seed, target / ".parts", report)
            about = {
                "run_id": run.id,
                "judged_by": model.sha256,
                "images": described(params.manifest, frame, drawn),
                "seed": params.seed,
                "simulated": bool(manifest.get("simulated"))
                if not params.manifest
                else data_manifest.simulated([frame]),
            }
            result = record.write(run.folder, *_whole(judged, params, frozen), manifest, frozen, about)
            shutil.rmtree(target / ".parts", ignore_errors=True)
    except Timeout:
        raise InputError(f"Another job is measuring the robustness of {run.folder}; wait for it.") from None
    return result


def _judged(model: OnnxModel, frame: pd.DataFrame, seed: int, parts: Path, report: Report) -> pd.DataFrame:
    points = all_points()
    content = pd.util.hash_pandas_object(frame[["path", "target", "group"]].astype(str), index=False)
    work = f"{model.sha256} {points} {seed} {hashlib.sha256(content.to_numpy().tobytes()).hexdigest()}"
    folder = parts / hashlib.sha256(work.encode()).hexdigest()[:16]
    tables = []
    with reader(0) as pool:
        for start in range(0, len(frame), BLOCK):
            file = folder / f"{start:08d}.parquet"
            if not file.exists():
                predictions.write(_block(model, frame.iloc[start : start + BLOCK], points, seed, pool), file)
            tables.append(predictions.read(file))
            done = min(start + BLOCK, len(frame))
            report(done, len(frame), f"judged {done} of {len(frame)} images, each in {len(points)} states")
    return pd.concat(tables, ignore_index=True)


def _block(model: OnnxModel, frame: pd.DataFrame, points: list[Point], seed: int, pool: Executor) -> pd.DataFrame:
    """One line per image and point; `problem` says why an image gave no logit."""
    side = model.preprocess.image_size
    window = max(1, SQUARES // (len(points) * side * side * 3))
    known = frame["sha256"] if "sha256" in frame else pd.Series("", index=frame.index)
    asked = list(zip(frame["path"], known.fillna("").astype(str)))
    logit, sha256, problem = np.full((len(frame), len(points)), np.nan), [""] * len(frame), [""] * len(frame)
    for start in range(0, len(frame), window):
        rows = range(start, min(start + window, len(frame)))
        for row, task in [(r, pool.submit(_squares, *asked[r], points, model.preprocess, seed)) for r in rows]:
            found = task.result()
            if isinstance(found, str):
                problem[row] = found
                continue
            sha256[row], squares = found
            logit[row] = model.logits_of_squares(squares)
            if not np.isfinite(logit[row]).all():
                problem[row] = f"{Path(asked[row][0]).name}: the detector gave no finite number for it."
    tables = [
        predictions.table(frame, range(len(frame)), sha256, logit[:, k]).assign(
            tier=point.tier, degradation=point.degradation, level=point.level, problem=problem
        )
        for k, point in enumerate(points)
    ]
    return pd.concat(tables, ignore_index=True)


def _squares(
    path: str, known: str, points: list[Point], preprocess: Preprocess, seed: int
) -> tuple[str, list[np.ndarray]] | str:
    """(sha256, the network's input at each point), or why there is none."""
    try:
        image = ImageFile.open(path)
        if known and image.sha256 != known.strip().lower():
            return f"{image.name} is not the image any more that was listed (its sha256 differs)."
        return image.sha256, [preprocess.square(p.of(image.rgb, image.sha256, seed)) for p in points]
    except UnreadableImage as error:
        return str(error)
    except (OSError, ValueError) as error:  # such as a side that is too long for a JPEG
        return f"{Path(path).name} cannot be degraded: {str(error).splitlines()[0][:200] or type(error).__name__}."


def _whole(judged: pd.DataFrame, params: RobustnessParams, frozen: dict[str, Any]) -> tuple[pd.DataFrame, list[dict]]:
    """(rows of images judged at every point, calibrated; the images left out, with the reason)."""
    left = judged[judged["problem"] != ""].drop_duplicates("filepath")
    rows = judged[judged["problem"] == ""].drop(columns="problem").reset_index(drop=True)
    where = Path(params.manifest) if params.manifest else Path(params.run) / predictions_file("test")
    data_manifest.require_classes(where, rows["label"].to_numpy(), both=False)
    rows = predictions.calibrated(rows, lambda logit: operating_points.probability(frozen, logit))
    return rows, [{"filepath": r.filepath, "reason": r.problem} for r in left.itertuples()]
