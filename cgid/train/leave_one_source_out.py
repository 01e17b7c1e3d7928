"""How good is a recipe on a source it has never seen? Train without each source in turn, judge what was left out.

Every fold is a training and four kinds of files below `folds/NAME/`: `train.csv`, `val.csv`, `test.csv` (other images of
the sources learnt from: the in-domain figure), `left_out.csv`; `seed_N/` (a Model A run); `judged/`. What is finished
is not done again. Near-duplicates are sought over all manifests together, as `cgid data clean` does.
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
from cgid.data.paths import images_stamp
from cgid.errors import InputError
from cgid.evaluate import operating_points
from cgid.evaluate.calibration import sigmoid
from cgid.files import atomic, read_json, sha256_of, write_json, write_text
from cgid.imaging.degrade import tiers_of
from cgid.params import canonical
from cgid.progress import Report, silent, subrange
from cgid.runs import predictions
from cgid.runs.evaluate import evaluate
from cgid.runs.params import EvaluateParams
from cgid.train import source_summary
from cgid.train.params import TRAINING, LeaveOneSourceOutParams, TrainModelAParams
from cgid.train.source_folds import Fold, combined, folds_of

NAME = "leave_one_source_out"
IN_DOMAIN, LEFT_OUT = "in_domain", "left_out"
FREE = ("device", "workers")  # where and how fast, not what is learnt


def leave_one_source_out(params: LeaveOneSourceOutParams, report: Report = silent) -> dict[str, Any]:
    """Write leave_one_source_out.csv, .json, .md and predictions.parquet (every image judged, by fold and tier).

    Raises InputError: one source only, a source missing for training, a bad manifest or setting; earlier folds stay.
    """
    tiers = tiers_of(params.tiers)
    if params.seeds < 1:
        raise InputError(f"--seeds must be at least 1, not {params.seeds}.")
    folder = params.output_dir
    frame = _cleaned(params, report)
    folds, problems = folds_of(frame, params.seed)
    judged = []
    for number, fold in enumerate(folds):
        _write_manifests(folder / "folds" / fold.name, fold)
        said = f"{fold.title} left out, {number + 1} of {len(folds)}"
        judged.append(_fold(params, folder / "folds" / fold.name, tiers, subrange(report, number, len(folds), said)))
    rows = [row for fold, found in zip(folds, judged) for row in source_summary.rows(fold, found, tiers)]
    with atomic(folder / "predictions.parquet") as temporary:
        tables = [part.assign(fold=fold.name) for fold, found in zip(folds, judged) for part in found["tables"]]
        pd.concat(tables, ignore_index=True).to_parquet(temporary, index=False)
    content = {
        "rows": rows,
        "means": source_summary.means(rows, tiers),
        "tiers": tiers,
        "seeds": params.seeds,
        "notes": [*problems, *source_summary.repeated(rows)],
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


def _cleaned(params: LeaveOneSourceOutParams, report: Report) -> pd.DataFrame:
    """All manifests as one, without copies and unreadable files, groups united over the sources. Made once.

    Raises InputError where networks of another study lie in the folder: the folds would not be comparable.
    """
    together, cleaned, file = (params.output_dir / n for n in ("combined.csv", "combined.cleaned.csv", "study.json"))
    wanted = canonical(params)
    study = {name: wanted[name] for name in ("seed", *TRAINING) if name not in FREE}
    study |= {"manifests": [sha256_of(path) for path in params.manifest], "images": images_stamp(params.manifest)}
    if cleaned.is_file() and file.is_file() and any(params.output_dir.glob("folds/*/seed_*/config.json")):
        there = read_json(file)
        if changed := [name for name in study if there.get(name) != study[name]]:
            raise InputError(
                f"{params.output_dir} holds another study ({', '.join(changed)} differ); choose another --output-dir or "
                "remove it."
            )
    else:
        write_manifest(combined(params.manifest), together)
        clean(CleanParams(together, cleaned), report)
        write_json(file, study)
    return read_manifest(cleaned)


def _write_manifests(folder: Path, fold: Fold) -> None:
    for part in ("train", "val", "test"):
        write_manifest(fold.rest[fold.rest["split"] == part], folder / f"{part}.csv")
    write_manifest(fold.left_out, folder / f"{LEFT_OUT}.csv")


def _fold(params: LeaveOneSourceOutParams, folder: Path, tiers: list[str], report: Report) -> dict[str, Any]:
    """Train and judge the networks of one fold: {"frozen", "tables"}, a table for each tier and kind of images."""
    from cgid.train.model_a import train

    runs = []
    for i in range(params.seeds):
        run, within = folder / f"seed_{params.seed + i}", subrange(report, i, params.seeds, f"seed {params.seed + i}")
        manifests = (folder / f"{part}.csv" for part in ("train", "val", "test"))
        recipe = {name: getattr(params, name) for name in TRAINING}
        train(TrainModelAParams(*manifests, run, cross_fit=0, seed=params.seed + i, **recipe), within)
        for kind, listing in ((LEFT_OUT, "left_out.csv"), (IN_DOMAIN, "test.csv")):
            within(1, 1, f"judging {kind.replace('_', ' ')} images")
            _judge(run, folder / listing, folder / "judged" / run.name / kind, tiers)
        runs.append(run)
    val = _mean(predictions.read(run / predictions_file("val")) for run in runs)
    frozen = operating_points.freeze(val[val["calibration"]], "calibration half of the validation rows")
    tables = []
    for kind in (LEFT_OUT, IN_DOMAIN):
        for tier in tiers:
            files = (folder / "judged" / run.name / kind / predictions_file(tier) for run in runs)
            table = predictions.calibrated(_mean(map(predictions.read, files)), _probability(frozen))
            tables.append(
                table.assign(images=kind, tier=tier, threshold=frozen["thresholds"][operating_points.HEADLINE])
            )
    return {"frozen": frozen, "tables": tables}


def _judge(run: Path, manifest: Path, output: Path, tiers: list[str]) -> None:
    """The ONNX file of a run on a manifest at each tier; not again where the very same is there."""
    work = {"onnx": sha256_of(run / ONNX_MODEL), "manifest": sha256_of(manifest), "tiers": tiers}
    done = output / "judged.json"
    if done.is_file() and read_json(done) == work:
        return
    evaluate(EvaluateParams(run, manifest, output, ",".join(tiers)), silent)
    write_json(done, work)


def _mean(tables: Iterator[pd.DataFrame]) -> pd.DataFrame:
    """The same images judged by several networks: their mean logit, and what that is as a raw probability."""
    parts = list(tables)
    first = parts[0].copy()
    first["logit"] = np.mean([part.set_index("filepath").loc[first["filepath"], "logit"] for part in parts], axis=0)
    first["probability"] = sigmoid(first["logit"].to_numpy())
    return first


def _probability(frozen: dict[str, Any]) -> Any:
    return lambda logit: operating_points.probability(frozen, logit)
