"""What did the format tell? The same images untreated and treated, audited and learnt from: the study as a list of jobs.

For each treatment: treat, measure, audit, Model B, and if asked Model A; then a report. Each job is recognised by its
inputs, so a study that was stopped goes on where it stood, and another one over the same images repeats nothing.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from cgid.artifacts import FEATURE_TABLE, SCANNED_MANIFEST, SPLIT_MANIFEST
from cgid.audit.params import AuditParams
from cgid.data.manifest import read_manifest, write_manifest
from cgid.errors import InputError
from cgid.extraction.params import ExtractParams
from cgid.features.registry import all_groups
from cgid.format_matching.params import (
    PARTS,
    UNTREATED,
    TreatmentReportParams,
    TreatmentStudyParams,
    TreatParams,
    named,
)
from cgid.jobs.submit import Step
from cgid.model_b.params import TrainModelBParams
from cgid.pipelines.demo import MODEL_A
from cgid.runs.params import EvaluateParams
from cgid.train.params import TrainModelAParams


def chain(params: TreatmentStudyParams) -> list[Step]:
    """The jobs, each after those it needs; writes the untreated manifests into the study's folder first.

    Every treatment starts from the same split rows, so which image is in which split never changes.
    Raises InputError on an unknown treatment, or where the manifest lacks a class in train, val or test.
    """
    names = named(params.treatments)
    manifest = _untreated(params)
    steps: list[Step] = []
    ends: list[int] = []

    def add(kind: str, of: object, *after: int) -> int:
        steps.append(Step(kind, of, after))
        return len(steps) - 1

    first_a: tuple[int, ...] = ()
    for name in names:
        folder = params.output_dir / name
        data, table = folder / "data", folder / FEATURE_TABLE
        made: tuple[int, ...] = ()
        if name != UNTREATED:
            one = TreatParams(manifest, data, name, params.quality, params.size, seed=params.seed)
            made = (add("data-treat", one),)
        measured = add("extract", ExtractParams(data / SCANNED_MANIFEST, table, groups=_all_but_model_a()), *made)
        ends.append(add("audit", AuditParams(table, folder / "audit", seed=params.seed), measured))
        learn = TrainModelBParams(table, folder / "model_b", kind=params.model_b, seed=params.seed)
        ends.append(add("train-model-b", learn, measured))
        if params.model_a == "none":
            continue
        recipe = MODEL_A | {"cross_fit": 0, "seed": params.seed}
        train = TrainModelAParams(*(data / f"{part}.csv" for part in PARTS), folder / "model_a", **recipe)
        trained = add("train-model-a", train, *made)
        ends.append(trained)
        if name == UNTREATED:
            first_a = (trained,)
        else:
            judged = EvaluateParams(
                params.output_dir / UNTREATED / "model_a", data / "test.csv", folder / "crossed_model_a"
            )
            ends.append(add("evaluate", judged, *first_a, *made))
    report = TreatmentReportParams(params.output_dir, ",".join(names), params.model_a != "none")
    add("treatment-report", report, *ends)
    return steps


def _untreated(params: TreatmentStudyParams) -> Path:
    """The manifest all treatments start from, with one for each split beside it."""
    frame = _split_rows(params.manifest)
    for part in PARTS:
        found = set(frame["label"][frame["split"] == part])
        if lacks := [name for name in ("real", "ai") if name not in found]:
            raise InputError(
                f"{params.manifest}: the split `{part}` holds no {lacks[0]} image; split it with `cgid data split` first."
            )
    folder = params.output_dir / UNTREATED / "data"
    for part in PARTS:
        write_manifest(frame[frame["split"] == part], folder / f"{part}.csv")
    write_manifest(frame, folder / SCANNED_MANIFEST)
    return folder / SCANNED_MANIFEST


def _split_rows(manifest: Path) -> pd.DataFrame:
    """Rows of train, val and test of a manifest or of a data set's folder, with `path`."""
    if not manifest.is_dir():
        frame = read_manifest(manifest)
    elif whole := [f for n in (SPLIT_MANIFEST, SCANNED_MANIFEST) if (f := manifest / n).is_file()]:
        frame = read_manifest(whole[0])
    elif all((manifest / f"{part}.csv").is_file() for part in PARTS):
        frame = pd.concat([read_manifest(manifest / f"{p}.csv").assign(split=p) for p in PARTS], ignore_index=True)
    else:
        raise InputError(f"{manifest} holds no split.csv, and not train.csv, val.csv and test.csv.")
    return frame[frame["split"].isin(PARTS)].drop(columns="filepath").reset_index(drop=True)


def _all_but_model_a() -> str:
    """Model A has its own line in the report; inside Model B it would bring an opinion on images it was trained on."""
    return ",".join(key for key in all_groups() if key != "model_a")
