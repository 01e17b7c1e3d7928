"""Evaluates a trained Model A on images of another data set, also after recompression and resizing (tiers)."""

from __future__ import annotations

import hashlib
import shutil
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cgid.artifacts import RUN_MANIFEST, predictions_file
from cgid.data import manifest as data_manifest
from cgid.errors import InputError
from cgid.evaluate import operating_points
from cgid.files import read_json, sha256_of
from cgid.imaging.degrade import degrade, parse_tiers
from cgid.imaging.image_file import ImageFile, UnreadableImage
from cgid.models.image_cache import reader
from cgid.models.onnx_model import OnnxModel
from cgid.models.preprocess import Preprocess
from cgid.progress import Progress
from cgid.runs import exports, model_card, predictions
from cgid.runs.params import EvaluateParams, ExportModelAResultsParams
from cgid.runs.run import Run
from cgid.runs.store import load_run
from cgid.schema import external_split
from cgid.settings import settings

IMAGES_PER_FILE = 256  # images between two files of intermediate results


def evaluate(params: EvaluateParams, progress: Progress) -> dict[str, Any]:
    """Evaluate a run on a manifest at each tier; exports and predictions_<tier>.parquet go to output_dir.

    An interrupted evaluation resumes. Raises InputError: no run, bad manifest, unknown tier,
    no image that can be read.
    """
    tiers, run, manifest, thresholds = parse_tiers(params.tiers), *open_run(Path(params.run))
    model = OnnxModel.load(run.folder, settings().workers)
    frame = data_manifest.read_examples(Path(params.manifest))
    work = f"{model.sha256} {sha256_of(params.manifest)} {tiers}"
    parts = params.output_dir / ".parts" / hashlib.sha256(work.encode()).hexdigest()[:16]
    with reader(0) as pool:
        for start in range(0, len(frame), IMAGES_PER_FILE):
            file = parts / f"{start:08d}.parquet"
            if not file.exists():
                predictions.write(_predict(model, frame.iloc[start : start + IMAGES_PER_FILE], tiers, pool), file)
            done = min(start + IMAGES_PER_FILE, len(frame))
            progress(done, len(frame), f"evaluated {done} of {len(frame)} images at {len(tiers)} tiers")
    table = pd.concat([predictions.read(f) for f in sorted(parts.glob("*.parquet"))], ignore_index=True)
    skipped = table[table["problem"] != ""]
    table = table[table["problem"] == ""]
    data_manifest.require_classes(params.manifest, table["label"].to_numpy(), both=False)
    result = _write(params.output_dir, run.id, tiers, table, thresholds, manifest)
    shutil.rmtree(params.output_dir / ".parts")
    skipped_files = [
        {"filepath": r.filepath, "reason": r.problem} for r in skipped.drop_duplicates("filepath").itertuples()
    ]
    return result | {"skipped": skipped_files[:100], "n_skipped": len(skipped_files)}


def export_model_a_results(params: ExportModelAResultsParams, progress: Progress) -> dict[str, Any]:
    """Rewrite exports/ of a finished run from its prediction tables."""
    path = Path(params.run_manifest)
    if path.name != RUN_MANIFEST:
        raise InputError(f"{path} is not a run_manifest.json.")
    run, manifest, thresholds = open_run(path.parent)
    splits = ["val", "test", *(external_split(e["name"]) for e in manifest["metrics"]["external"])]
    tables = {}
    for i, split in enumerate(splits):
        file = run.predictions_path(split)
        if not file.is_file():
            raise InputError(f"{file} is missing; train the run again.")
        tables[split] = predictions.read(file)
        progress(i + 1, len(splits), split)
    folder = run.exports_folder
    exports.write(folder, run.id, tables, thresholds, manifest["metrics"])
    model_card.write(run.folder, manifest)
    return {"summary": f"Wrote the metrics of {len(splits)} splits to {folder}.", "folder": str(folder)}


def open_run(path: Path) -> tuple[Run, dict[str, Any], dict[str, Any]]:
    """(run, run_manifest.json, thresholds.json) of a Model A run. Raises InputError where one is missing or damaged."""
    run = load_run(path)
    if run.kind != "model_a":
        raise InputError(f"{path} is a {run.kind} run; this needs a Model A run.")
    try:
        return run, run.manifest, read_json(run.thresholds_path)
    except (OSError, ValueError) as error:
        raise InputError(f"{run.thresholds_path} cannot be read ({error}); train the run again.") from None


def _predict(model: OnnxModel, frame: pd.DataFrame, tiers: list[str], pool: Executor) -> pd.DataFrame:
    """One line per image and tier; `problem` says why an image gave no logit."""
    tasks = [pool.submit(_degraded_inputs, path, tiers, model.preprocess) for path in frame["path"]]
    results = [task.result() for task in tasks]
    good = [i for i, r in enumerate(results) if not isinstance(r, str)]
    sha256 = [results[i][0] if i in set(good) else "" for i in range(len(results))]
    tables = []
    for k, tier in enumerate(tiers):
        logit = np.full(len(results), np.nan)
        logit[good] = model.logits_of_inputs([np.asarray(results[i][1][k]) for i in good])
        problem = [r if isinstance(r, str) else "" for r in results]
        table = predictions.table(frame, range(len(frame)), sha256, logit)
        tables.append(table.assign(tier=tier, problem=problem))
    return pd.concat(tables, ignore_index=True)


def _degraded_inputs(path: str, tiers: list[str], preprocess: Preprocess) -> tuple[str, list[np.ndarray]] | str:
    try:
        image = ImageFile.open(path)
    except UnreadableImage as error:
        return str(error)
    return image.sha256, [preprocess.input_pixels(degrade(image.rgb, tier)) for tier in tiers]


def _write(
    folder: Path,
    run_id: str,
    tiers: list[str],
    predictions_: pd.DataFrame,
    thresholds: dict[str, Any],
    manifest: dict[str, Any],
) -> dict[str, Any]:
    tables = {}
    for tier in tiers:
        table = predictions_[predictions_["tier"] == tier].drop(columns=["tier", "problem"]).reset_index(drop=True)
        tables[tier] = predictions.calibrated(table, lambda logit: operating_points.probability(thresholds, logit))
        predictions.write(tables[tier], folder / predictions_file(tier))
    overall = {tier: operating_points.metrics(thresholds, table) for tier, table in tables.items()}
    in_domain = manifest["metrics"]["test"]
    exports.write(folder, run_id, tables, thresholds, overall, beside={"in-domain test": in_domain})
    text = ", ".join(f"{tier} AUC {exports.metric_text(overall[tier]['auc'])}" for tier in tiers)
    return {
        "summary": f"{run_id}: {text}; in-domain test AUC {exports.metric_text(in_domain['auc'])}.",
        "metrics": overall,
        "in_domain": in_domain,
        "folder": str(folder),
    }
