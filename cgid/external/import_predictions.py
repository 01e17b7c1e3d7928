"""Imports the scores of an external detector as a run, joined with a manifest by content or path."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cgid.data import manifest as data_manifest
from cgid.data.paths import PathResolver
from cgid.errors import InputError
from cgid.evaluate import operating_points
from cgid.external import run as external_run
from cgid.external import scores as external_scores
from cgid.external.params import ImportPredictionsParams
from cgid.external.run import Evaluation
from cgid.external.scores import read_scores
from cgid.files import sha256_of
from cgid.params import canonical
from cgid.progress import Progress
from cgid.robustness import record
from cgid.robustness.points import CLEAN, Condition
from cgid.runs import predictions
from cgid.schema import external_split

REQUIRED = ("val", "test")
NO_SCORE = "no score was given for it"


def import_predictions(params: ImportPredictionsParams, progress: Progress) -> dict[str, Any]:
    """Join, calibrate on half of val, evaluate, export; scores of degraded images become robustness/.

    Raises InputError: unreadable scores, no row of the manifest scored, labels that contradict the manifest, two
    different scores of one image, val or test missing, one class only in val, another run in the folder, an unknown
    tier, degradation or level.
    """
    path, manifest = Path(params.predictions), Path(params.manifest)
    all_scores = read_scores(path, params.score)
    scores, damaged = external_scores.split(all_scores, path.name)
    frame = data_manifest.read_examples(manifest)
    if missing := [s for s in REQUIRED if not (frame["split"] == s).any()]:
        raise InputError(
            f"{manifest} has no row of the split {' or '.join(missing)}; `cgid data split` writes such a manifest."
        )
    with external_run.open_folder(params.output_dir) as run:
        frame["content"] = _contents(frame, progress)
        logit, unknown = join(scores, frame, path, manifest)
        scored = np.isfinite(logit)
        tables = {}
        for split in ("val", "test", "train", "external"):
            rows = np.flatnonzero((frame["split"] == split).to_numpy() & scored)
            if split in REQUIRED and not len(rows):
                raise InputError(
                    f"{path.name} scores no image of the {split} split of {manifest}; check its paths or sha256."
                )
            if len(rows):
                tables[split] = predictions.table(frame, rows, frame["content"].iloc[rows].tolist(), logit[rows])
        external = {}
        if "external" in tables:
            name = data_manifest.external_names([manifest])[0]
            tables[external_split(name)] = tables.pop("external")
            external = {name: manifest}
        skipped = frame[~scored & (frame["split"] != "").to_numpy()]
        details = {
            "name": params.name,
            "config": {"arch": "imported predictions", **canonical(params)},
            "data": {"name": manifest.absolute().parent.name, **{k: len(t) for k, t in tables.items()}},
            "manifests": [{"path": str(manifest), "sha256": sha256_of(manifest), "rows": len(frame), "role": "all"}],
            "predictions": {"path": str(path), "sha256": sha256_of(path), "rows": len(all_scores)},
            "skipped": [{"role": r.split, "filepath": r.path, "reason": NO_SCORE} for r in skipped.itertuples()],
            "simulated": data_manifest.simulated([frame]),
            "warnings": _warnings(unknown, int((scored & (frame["split"] == "").to_numpy()).sum())),
        }
        logit_by_condition = {point: join(some, frame, path, manifest)[0] for point, some in damaged.items()}
        robust = (
            external_scores.rows_of({Condition(tier=CLEAN): logit} | logit_by_condition, frame, path.name)
            if logit_by_condition
            else None
        )
        evaluation = Evaluation.of(tables, external, manifest)
        written = external_run.write(run, evaluation, details)
        if robust:
            _write_robustness(run.folder, *robust, written, evaluation.frozen, path)
        return external_run.result(run, written)


def _write_robustness(run: Path, rows: pd.DataFrame, left: list, manifest: dict, thresholds: dict, path: Path) -> None:
    rows = predictions.calibrated(rows, lambda logit: operating_points.probability(thresholds, logit))
    details = {"run_id": run.name, "judged_by": manifest["predictions"]["sha256"], "seed": None}
    details |= {"images": external_scores.images_of(rows, path), "simulated": manifest["simulated"]}
    record.write(run, rows, left, manifest, thresholds, details)


def join(scores: pd.DataFrame, frame: pd.DataFrame, path: Path, manifest: Path) -> tuple[np.ndarray, int]:
    """(logit of each row of the manifest's frame, NaN where it has no score; number of scores of images not listed).

    A row's sha256 decides where the manifest's content is known, so that copies of an image share its score; else the
    filepath, as written in the manifest or relative to the scores' or the manifest's folder. `source` and `generator`
    fill empty cells of the manifest.
    """
    by_cell = {cell: i for i, cell in enumerate(frame["filepath"])}
    by_path = {p: i for i, p in enumerate(frame["path"])}
    by_content: dict[str, list[int]] = {}
    for i, content in enumerate(frame["content"]):
        by_content.setdefault(content, []).append(i)
    resolvers = (PathResolver(path.parent), PathResolver(manifest.parent))
    contents, target = frame["content"].to_numpy(), frame["target"].to_numpy()
    logit, scored_by = np.full(len(frame), np.nan), np.full(len(frame), -1)
    fill = {c: frame[c].to_numpy(dtype=object).copy() for c in ("source", "generator")}
    unknown = 0
    columns = ("filepath", "sha256", "source", "generator", "logit", "label")
    for n, cell, sha256, source, generator, value, label in zip(scores.index, *(scores[c] for c in columns)):
        rows = by_content.get(sha256, []) if sha256 else []
        if not rows and cell:
            row = by_cell.get(cell)
            tried = (by_path.get(place(cell)) for place in resolvers)
            row = row if row is not None else next((i for i in tried if i is not None), None)
            changed = row is not None and sha256 and not contents[row].startswith(UNREAD_PREFIX)
            rows = [] if row is None or changed else [row]
        unknown += not rows
        for i in rows:
            if label == label and label != target[i]:
                raise InputError(
                    f"{path.name} row {n + 1}: its label contradicts {manifest.name} for {frame['path'].iloc[i]};"
                    " correct one of them."
                )
            if np.isfinite(logit[i]) and np.isfinite(value) and logit[i] != value:
                raise InputError(
                    f"{path.name} rows {scored_by[i] + 1} and {n + 1} give {frame['path'].iloc[i]} two different "
                    f"scores;"
                    " remove one."
                )
            if np.isfinite(value):
                logit[i], scored_by[i] = value, n
            for column, value_ in (("source", source), ("generator", generator)):
                fill[column][i] = fill[column][i] or value_
    for column, values in fill.items():
        frame[column] = values
    return logit, unknown


UNREAD_PREFIX = "path:"


def _contents(frame: pd.DataFrame, progress: Progress) -> list[str]:
    """sha256 of each image: the manifest's, else of its file; for a missing file an identifier from its path."""
    known = frame["sha256"].fillna("").astype(str).str.strip().str.lower() if "sha256" in frame else [""] * len(frame)
    result = []
    for i, (sha256, path) in enumerate(zip(known, frame["path"])):
        if not sha256:
            sha256 = _content(path)
            progress(i + 1, len(frame), "reading images' content")
        result.append(sha256)
    return result


def _content(path: str) -> str:
    try:
        return sha256_of(path) if os.path.isfile(path) else UNREAD_PREFIX + path
    except OSError:
        return UNREAD_PREFIX + path


def _warnings(unknown: int, unsplit: int) -> list[str]:
    warnings = []
    if unknown:
        warnings.append(f"{unknown} scores are of images that the manifest does not list; they were left out.")
    if unsplit:
        warnings.append(f"{unsplit} scored images of the manifest belong to no split; they were left out.")
    return warnings
