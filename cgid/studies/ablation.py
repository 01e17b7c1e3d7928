"""Runs an ablation plan on a feature table, fold by fold, so that a stopped run goes on where it was."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cgid import __version__
from cgid.ablation.params import NAMED_PLANS, AblateParams
from cgid.artifacts import ABLATION_FOLDS, ABLATION_RESULTS, ABLATION_SCORES, ABLATION_SUMMARY
from cgid.errors import InputError
from cgid.files import atomic, sha256_of, write_json
from cgid.report import Report, silent
from cgid.settings import settings
from cgid.studies.ablation_workers import Folds

if TYPE_CHECKING:
    import pandas as pd

PARTS = ".parts"
CODE = 2  # raise it when a fold of the same work would come out differently: parts of earlier code are then not reused


def ablate(params: AblateParams, report: Report = silent) -> dict[str, Any]:
    """Write ABLATION_RESULTS, ABLATION_FOLDS, ABLATION_SCORES and, last, ABLATION_SUMMARY into `output_dir`.

    ABLATION_SCORES holds every arm's out-of-fold score of every image, repeat and kind of model. Each finished fold is
    committed below PARTS, which goes away at the end; the files are the same for any number of workers.
    Raises InputError: no such table, plan, kind of model or cluster, too few independent images.
    """
    from cgid.evaluate import ablation
    from cgid.evaluate.model_kinds import chosen
    from cgid.features.table import feature_columns, read_features

    if params.folds < 2 or params.repeats < 1:
        raise InputError(
            f"--folds {params.folds} --repeats {params.repeats}: at least 2 folds and 1 repeat are needed."
        )
    models = chosen(params.models)
    folds_at = Folds.at(params.executor, params.workers or settings().workers, first_here=not params.workers)
    report(0, 0, "reading the table")
    frame = read_features(params.features_csv)
    columns = feature_columns(frame)
    plans = read_plan(params.plan, columns)
    table = sha256_of(params.features_csv)
    work = json.dumps([CODE, table, plans, params.folds, params.repeats, params.seed], sort_keys=True)
    parts = params.output_dir / PARTS / hashlib.sha256(work.encode()).hexdigest()[:16]
    found = ablation.run(
        frame,
        columns,
        plans,
        params.folds,
        params.repeats,
        params.seed,
        report,
        finished=lambda fold: _read_part(_part(parts, fold)),
        keep=lambda fold, scores: _write_parquet(_part(parts, fold), scores),
        models=models,
        map_folds=folds_at.map,
    )
    summary = full_summary(found.summary, frame, columns, params.plan, plans) | {
        "input": {"path": str(params.features_csv), "sha256": table, "seed": params.seed}
    }
    _write_csv(params.output_dir / ABLATION_RESULTS, found.results)
    _write_csv(params.output_dir / ABLATION_FOLDS, found.folds)
    scores = found.scores
    if "record_id" in frame:
        scores = scores.assign(record_id=frame["record_id"].to_numpy()[scores["row"]])
    _write_parquet(params.output_dir / ABLATION_SCORES, scores)
    write_json(params.output_dir / ABLATION_SUMMARY, summary)
    shutil.rmtree(params.output_dir / PARTS, ignore_errors=True)
    prefix = "Simulated data. " if summary["simulated"] else ""
    return {
        "summary": prefix + " ".join(summary["sentences"][:3]),
        "output_dir": str(params.output_dir),
        "plans": summary["plans"],
        "notes": summary["notes"],
    }


def full_summary(
    summary: Mapping[str, Any], frame: pd.DataFrame, columns: list[str], plan: str, arms: Mapping[str, Any]
) -> dict[str, Any]:
    """`Ablation.summary` with what the summary file says beside the figures, without `input`. plan: its name; arms: what
    it holds."""
    from cgid.evaluate.plan_text import unmatched
    from cgid.features.owners import families, groups, simulated

    lost = unmatched(arms, columns) if plan not in NAMED_PLANS else []
    return {
        **summary,
        "notes": [*summary["notes"], *lost],
        "plan": plan,
        "simulated": simulated(frame),
        "arms": arms,
        "owners": {"family": families(columns), "group": groups(columns)},
        "versions": {"cgid": __version__},
    }


def read_plan(plan: str, columns: list[str]) -> dict[str, dict[str, list[str]]]:
    """The arms of one of NAMED_PLANS or of a YAML file. Raises InputError on an unknown name or a plan that makes no sense."""
    from cgid.evaluate.plan_text import LARGEST_TEXT, read_plan_text
    from cgid.evaluate.plans import PRESETS, every_plan, group_plans
    from cgid.features.owners import families, groups

    if plan == "presets":
        return PRESETS
    if plan in NAMED_PLANS:
        return (group_plans if plan == "groups" else every_plan)(families(columns), groups(columns))
    path = Path(plan)
    if not path.is_file():
        raise InputError(f"There is no plan `{plan}`; choose {', '.join(NAMED_PLANS)} or a YAML file.")
    if path.stat().st_size > 4 * LARGEST_TEXT:
        raise InputError(f"{path} is too large for a plan; it holds at most {LARGEST_TEXT} characters.")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as problem:
        raise InputError(f"{path} is not a YAML plan: it is no text in UTF-8.") from problem
    return read_plan_text(text, str(path))


def _part(parts: Path, fold: tuple[str, int, int]) -> Path:
    model, repeat, number = fold
    return parts / f"{model}-{repeat:03d}-{number:03d}.parquet"


def _read_part(path: Path) -> pd.DataFrame | None:
    import pandas as pd

    return pd.read_parquet(path) if path.is_file() else None


def _write_parquet(path: Path, frame: pd.DataFrame) -> None:
    with atomic(path) as temporary:
        frame.to_parquet(temporary, index=False)


def _write_csv(path: Path, frame: pd.DataFrame) -> None:
    with atomic(path) as temporary:
        frame.to_csv(temporary, index=False, encoding="utf-8")
