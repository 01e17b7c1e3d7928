"""Generalisation to unseen sources: train without each source in turn and evaluate on the source left out.

Each fold is written below `folds/NAME/`: `train.csv`, `val.csv`, `test.csv` (other images of the training sources: the
in-domain evaluation), `left_out.csv`; `seed_N/` (a Model A run); `judged/` (its evaluations). Finished parts are not
repeated. Near-duplicates are searched over all manifests together, as `cgid data clean` does.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cgid import __version__
from cgid.artifacts import ONNX_MODEL, predictions_file
from cgid.data import manifest
from cgid.data.clean import clean
from cgid.data.manifest import read_manifest, write_manifest, write_table
from cgid.data.params import CleanParams
from cgid.data.paths import images_fingerprint
from cgid.errors import InputError
from cgid.evaluate import operating_points
from cgid.evaluate.calibration import sigmoid
from cgid.files import atomic, read_json, sha256_of, write_json, write_text
from cgid.imaging.degrade import parse_tiers
from cgid.params import canonical
from cgid.progress import Progress, silent, subrange
from cgid.runs import predictions
from cgid.runs.evaluate import evaluate
from cgid.runs.params import EvaluateParams
from cgid.train import source_summary
from cgid.train.params import TRAINING, LeaveOneSourceOutParams, TrainModelAParams
from cgid.train.source_folds import Fold, combine_manifests, leave_out_folds

NAME = "leave_one_source_out"
IN_DOMAIN, LEFT_OUT = "in_domain", "left_out"
IGNORED_PARAMETERS = ("device", "workers")  # do not change the result


def leave_one_source_out(params: LeaveOneSourceOutParams, progress: Progress = silent) -> dict[str, Any]:
    """Write leave_one_source_out.csv, .json, .md and predictions.parquet (every evaluated image, by fold and tier).

    Raises InputError: one source only, a source missing for training, a bad manifest or setting; earlier folds stay.
    """
    tiers = parse_tiers(params.tiers)
    if params.seeds < 1:
        raise InputError(f"--seeds must be at least 1, not {params.seeds}.")
    folder = params.output_dir
    frame = _clean_manifests(params, progress)
    folds, problems = leave_out_folds(frame, params.seed)
    results = []
    for number, fold in enumerate(folds):
        _write_manifests(folder / "folds" / fold.name, fold)
        title = f"{fold.title} left out, {number + 1} of {len(folds)}"
        results.append(
            _run_fold(params, folder / "folds" / fold.name, tiers, subrange(progress, number, len(folds), title))
        )
    rows = [row for fold, result in zip(folds, results) for row in source_summary.rows(fold, result, tiers)]
    with atomic(folder / "predictions.parquet") as temporary:
        tables = [part.assign(fold=fold.name) for fold, result in zip(folds, results) for part in result["tables"]]
        pd.concat(tables, ignore_index=True).to_parquet(temporary, index=False)
    content: dict[str, Any] = {
        "rows": rows,
        "means": source_summary.means(rows, tiers),
        "tiers": tiers,
        "seeds": params.seeds,
        "notes": [*problems, *source_summary.repeated_sources(rows)],
        "simulated": manifest.simulated([frame]),
        "config": canonical(params),
        "manifests": [{"path": str(path), "sha256": sha256_of(path)} for path in params.manifest],
        "versions": {"cgid": __version__},
    }
    content["sentences"] = source_summary.sentences(content)
    write_table(source_summary.table(content), folder / f"{NAME}.csv")
    write_text(folder / f"{NAME}.md", source_summary.page_of(content))
    write_json(folder / f"{NAME}.json", content)
    return {
        "summary": " ".join([*content["sentences"], *problems]),
        "table_text": source_summary.plain_table(content),
        "output_dir": str(folder),
        "means": content["means"],
        "notes": content["notes"],
    }


def _clean_manifests(params: LeaveOneSourceOutParams, progress: Progress) -> pd.DataFrame:
    """All manifests as one, without copies and unreadable files, groups merged across sources. Written once.

    Raises InputError where the folder holds networks of another experiment: the folds would not be comparable.
    """
    combined_path, cleaned, file = (
        params.output_dir / n for n in ("combined.csv", "combined.cleaned.csv", "study.json")
    )
    settings = canonical(params)
    study = {name: settings[name] for name in ("seed", *TRAINING) if name not in IGNORED_PARAMETERS}
    study |= {"manifests": [sha256_of(path) for path in params.manifest], "images": images_fingerprint(params.manifest)}
    if cleaned.is_file() and file.is_file() and any(params.output_dir.glob("folds/*/seed_*/config.json")):
        recorded = read_json(file)
        if changed := [name for name in study if recorded.get(name) != study[name]]:
            raise InputError(
                f"{params.output_dir} holds another experiment ({', '.join(changed)} differ); choose another "
                f"--output-dir or "
                "remove it."
            )
    else:
        write_manifest(combine_manifests(params.manifest), combined_path)
        clean(CleanParams(combined_path, cleaned), progress)
        write_json(file, study)
    return read_manifest(cleaned)


def _write_manifests(folder: Path, fold: Fold) -> None:
    for part in ("train", "val", "test"):
        write_manifest(fold.rest[fold.rest["split"] == part], folder / f"{part}.csv")
    write_manifest(fold.left_out, folder / f"{LEFT_OUT}.csv")


def _run_fold(params: LeaveOneSourceOutParams, folder: Path, tiers: list[str], progress: Progress) -> dict[str, Any]:
    """Train and evaluate the networks of one fold: {"frozen", "tables"}, a table for each tier and kind of images."""
    from cgid.train.model_a import train

    runs = []
    for i in range(params.seeds):
        run, fold_progress = (
            folder / f"seed_{params.seed + i}",
            subrange(progress, i, params.seeds, f"seed {params.seed + i}"),
        )
        manifests = [folder / f"{part}.csv" for part in ("train", "val", "test")]
        settings: dict[str, Any] = {name: getattr(params, name) for name in TRAINING}
        settings |= {"cross_fit": 0, "seed": params.seed + i}
        train(TrainModelAParams(manifests[0], manifests[1], manifests[2], run, **settings), fold_progress)
        for kind, file_name in ((LEFT_OUT, "left_out.csv"), (IN_DOMAIN, "test.csv")):
            fold_progress(1, 1, f"evaluating {kind.replace('_', ' ')} images")
            _evaluate(run, folder / file_name, folder / "judged" / run.name / kind, tiers)
        runs.append(run)
    val = _mean_predictions(predictions.read(run / predictions_file("val")) for run in runs)
    thresholds = operating_points.fit_thresholds(val[val["calibration"]], "calibration half of the validation rows")
    tables = []
    for kind in (LEFT_OUT, IN_DOMAIN):
        for tier in tiers:
            files = (folder / "judged" / run.name / kind / predictions_file(tier) for run in runs)
            table = predictions.calibrated(_mean_predictions(map(predictions.read, files)), _probability(thresholds))
            tables.append(
                table.assign(images=kind, tier=tier, threshold=thresholds["thresholds"][operating_points.DEFAULT_POINT])
            )
    return {"frozen": thresholds, "tables": tables}


def _evaluate(run: Path, manifest: Path, output: Path, tiers: list[str]) -> None:
    """Evaluate the ONNX file of a run on a manifest at each tier, unless the same evaluation is there."""
    work = {"onnx": sha256_of(run / ONNX_MODEL), "manifest": sha256_of(manifest), "tiers": tiers}
    done = output / "judged.json"
    if done.is_file() and read_json(done) == work:
        return
    evaluate(EvaluateParams(run, manifest, output, ",".join(tiers)), silent)
    write_json(done, work)


def _mean_predictions(tables: Iterator[pd.DataFrame]) -> pd.DataFrame:
    """Mean logit of several networks on the same images, with its raw probability."""
    parts = list(tables)
    first = parts[0].copy()
    first["logit"] = np.mean([part.set_index("filepath").loc[first["filepath"], "logit"] for part in parts], axis=0)
    first["probability"] = sigmoid(first["logit"].to_numpy())
    return first


def _probability(thresholds: dict[str, Any]) -> Any:
    return lambda logit: operating_points.probability(thresholds, logit)
