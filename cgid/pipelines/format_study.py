"""The format-matching experiment as a list of jobs: the same images unmatched and matched, audited and trained on.

For each condition: match the formats, extract, audit, Model B and, on request, Model A; then a report. Each job is
identified by its inputs, so an interrupted experiment resumes and a second one over the same images repeats nothing.
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
    REQUIRED_SPLITS,
    UNMATCHED,
    FormatStudyParams,
    FormatStudyReportParams,
    MatchFormatsParams,
    parse_conditions,
)
from cgid.jobs.submit import Step
from cgid.model_b.params import TrainModelBParams
from cgid.pipelines.demo import MODEL_A
from cgid.runs.params import EvaluateParams
from cgid.train.params import TrainModelAParams


def chain(params: FormatStudyParams) -> list[Step]:
    """The jobs, each after its dependencies; first writes the unmatched manifests into the experiment's folder.

    Every condition starts from the same rows and splits.
    Raises InputError on an unknown condition, or where the manifest lacks a class in train, val or test.
    """
    names = parse_conditions(params.treatments)
    manifest = _unmatched(params)
    steps: list[Step] = []
    ends: list[int] = []

    def add(kind: str, of: object, *after: int) -> int:
        steps.append(Step(kind, of, after))
        return len(steps) - 1

    first_a: tuple[int, ...] = ()
    for name in names:
        folder = params.output_dir / name
        data, table = folder / "data", folder / FEATURE_TABLE
        matched: tuple[int, ...] = ()
        if name != UNMATCHED:
            match_params = MatchFormatsParams(manifest, data, name, params.quality, params.size, seed=params.seed)
            matched = (add("data-treat", match_params),)
        extracted = add("extract", ExtractParams(data / SCANNED_MANIFEST, table, groups=_all_but_model_a()), *matched)
        ends.append(add("audit", AuditParams(table, folder / "audit", seed=params.seed), extracted))
        model_b = TrainModelBParams(table, folder / "model_b", kind=params.model_b, seed=params.seed)
        ends.append(add("train-model-b", model_b, extracted))
        if params.model_a == "none":
            continue
        recipe = MODEL_A | {"cross_fit": 0, "seed": params.seed}
        manifests = [data / f"{part}.csv" for part in REQUIRED_SPLITS]
        train = TrainModelAParams(manifests[0], manifests[1], manifests[2], folder / "model_a", **recipe)
        trained = add("train-model-a", train, *matched)
        ends.append(trained)
        if name == UNMATCHED:
            first_a = (trained,)
        else:
            evaluation = EvaluateParams(
                params.output_dir / UNMATCHED / "model_a", data / "test.csv", folder / "crossed_model_a"
            )
            ends.append(add("evaluate", evaluation, *first_a, *matched))
    report = FormatStudyReportParams(params.output_dir, ",".join(names), params.model_a != "none")
    add("treatment-report", report, *ends)
    return steps


def _unmatched(params: FormatStudyParams) -> Path:
    """Write the manifest that all conditions start from, with one for each split next to it; its path."""
    frame = _split_rows(params.manifest)
    for part in REQUIRED_SPLITS:
        labels = set(frame["label"][frame["split"] == part])
        if missing := [name for name in ("real", "ai") if name not in labels]:
            raise InputError(
                f"{params.manifest}: the split `{part}` holds no {missing[0]} image; split it with `cgid data "
                f"split` first."
            )
    folder = params.output_dir / UNMATCHED / "data"
    for part in REQUIRED_SPLITS:
        write_manifest(frame[frame["split"] == part], folder / f"{part}.csv")
    write_manifest(frame, folder / SCANNED_MANIFEST)
    return folder / SCANNED_MANIFEST


def _split_rows(manifest: Path) -> pd.DataFrame:
    """Rows of train, val and test of a manifest or of a data set's folder, with `path`."""
    if not manifest.is_dir():
        frame = read_manifest(manifest)
    elif whole := [f for n in (SPLIT_MANIFEST, SCANNED_MANIFEST) if (f := manifest / n).is_file()]:
        frame = read_manifest(whole[0])
    elif all((manifest / f"{part}.csv").is_file() for part in REQUIRED_SPLITS):
        frame = pd.concat(
            [read_manifest(manifest / f"{p}.csv").assign(split=p) for p in REQUIRED_SPLITS], ignore_index=True
        )
    else:
        raise InputError(f"{manifest} holds no split.csv, and not train.csv, val.csv and test.csv.")
    return frame[frame["split"].isin(REQUIRED_SPLITS)].drop(columns="filepath").reset_index(drop=True)


def _all_but_model_a() -> str:
    """Model A has its own line in the report; as a feature of Model B it would score images it was trained on."""
    return ",".join(key for key in all_groups() if key != "model_a")
