"""Run an ablation plan on a feature table, fold by fold, resumable; in this process, in local processes or on Dask."""

from __future__ import annotations

import hashlib
import json
import math
import shutil
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cgid import __version__
from cgid.ablation.params import NAMED_PLANS, AblateParams
from cgid.artifacts import ABLATION_FOLDS, ABLATION_RESULTS, ABLATION_SCORES, ABLATION_SUMMARY
from cgid.compute.limits import WorkerLost, is_local
from cgid.compute.map import map_chunks
from cgid.errors import InputError
from cgid.files import atomic, sha256_of, write_json
from cgid.progress import Progress, silent
from cgid.settings import settings

if TYPE_CHECKING:
    import pandas as pd

MIN_PARALLEL_SECONDS = (
    15.0  # of remaining processor time: below it, starting further processes costs more than it saves
)
ATTEMPTS = 3  # for a fold whose worker died


@dataclass(frozen=True, slots=True)
class FoldExecutor:
    """Where folds are computed. first_here: start in this process, to estimate whether further processes pay off."""

    executor: str
    workers: int
    first_here: bool

    @classmethod
    def at(cls, executor: str, workers: int, first_here: bool) -> FoldExecutor:
        """The executor of that name. Raises InputError: unknown executor, cluster unreachable or with another version of cgid."""
        if workers < 1:
            raise InputError(f"--workers {workers}: 0 or more processes are needed.")
        if is_local(executor):
            return cls(executor, workers, first_here)
        from cgid.compute.cluster import survey

        return cls(executor, survey(executor, {}).threads, False)

    def map(self, function: Callable[[Any], Any], chunks: Sequence[Any]) -> Generator[tuple[int, Any], None, None]:
        """(index, result) as folds finish. A fold whose worker died is repeated; one that raised ends the run."""
        left = list(range(len(chunks)))
        if is_local(self.executor) and (self.first_here or self.workers == 1):
            fastest = math.inf  # the first fold also imports libraries
            while left:
                if self.workers > 1 and MIN_PARALLEL_SECONDS < fastest * len(left) < math.inf:
                    break
                began, index = time.process_time(), left.pop(0)
                result = function(chunks[index])
                if len(chunks) - len(left) > 1:
                    fastest = min(fastest, time.process_time() - began)
                yield index, result
        yield from self._in_processes(function, chunks, left)

    def _in_processes(
        self, function: Callable[[Any], Any], chunks: Sequence[Any], left: list[int]
    ) -> Iterator[tuple[int, Any]]:
        for _ in range(ATTEMPTS):
            if not left:
                return
            lost: list[tuple[int, WorkerLost]] = []
            work = [chunks[i] for i in left]
            workers = min(self.workers, len(left))
            with closing(map_chunks(function, work, executor=self.executor, workers=workers)) as results:
                for place, result in results:
                    if isinstance(result, WorkerLost):
                        lost.append((left[place], result))
                    elif isinstance(result, Exception):
                        raise result
                    else:
                        yield left[place], result
            left = [index for index, _ in lost]
        if left:
            raise InputError(
                f"A fold was given up after {ATTEMPTS} attempts: {lost[0][1]}. Memory may be insufficient; try again with "
                "--workers 1. Finished folds are retained."
            )


PARTS = ".parts"
CODE_VERSION = 2  # increase when results of a fold change, so that stored folds are not reused


def ablate(params: AblateParams, progress: Progress = silent) -> dict[str, Any]:
    """Write ABLATION_RESULTS, ABLATION_FOLDS, ABLATION_SCORES and, last, ABLATION_SUMMARY into `output_dir`.

    ABLATION_SCORES holds the out-of-fold score of every image per configuration, repeat and kind of model. Each finished
    fold is stored in PARTS, which is removed at the end; the files do not depend on the number of workers.
    Raises InputError: no such table, plan, kind of model or cluster, too few independent images.
    """
    from cgid.ablation import cross_validate
    from cgid.evaluate.cross_validation import parse_kinds
    from cgid.features.table import feature_columns, read_features

    if params.folds < 2 or params.repeats < 1:
        raise InputError(
            f"--folds {params.folds} --repeats {params.repeats}: at least 2 folds and 1 repeat are needed."
        )
    models = parse_kinds(params.models)
    folds_at = FoldExecutor.at(params.executor, params.workers or settings().workers, first_here=not params.workers)
    progress(0, 0, "reading the table")
    frame = read_features(params.features_csv)
    columns = feature_columns(frame)
    plans = read_plan(params.plan, columns)
    table = sha256_of(params.features_csv)
    work = json.dumps([CODE_VERSION, table, plans, params.folds, params.repeats, params.seed], sort_keys=True)
    parts = params.output_dir / PARTS / hashlib.sha256(work.encode()).hexdigest()[:16]
    result = cross_validate.run(
        frame,
        columns,
        plans,
        params.folds,
        params.repeats,
        params.seed,
        progress,
        finished=lambda fold: _read_part(_part(parts, fold)),
        save=lambda fold, scores: _write_parquet(_part(parts, fold), scores),
        models=models,
        map_folds=folds_at.map,
    )
    summary = full_summary(result.summary, frame, columns, params.plan, plans) | {
        "input": {"path": str(params.features_csv), "sha256": table, "seed": params.seed}
    }
    _write_csv(params.output_dir / ABLATION_RESULTS, result.results)
    _write_csv(params.output_dir / ABLATION_FOLDS, result.folds)
    scores = result.scores
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
    summary: Mapping[str, Any], frame: pd.DataFrame, columns: list[str], plan: str, configurations: Mapping[str, Any]
) -> dict[str, Any]:
    """`Ablation.summary` with the remaining fields of the summary file, without `input`. plan: its name; configurations:
    its content."""
    from cgid.ablation.plans import unmatched
    from cgid.features.registry import families, groups_of, is_simulated

    lost = unmatched(configurations, columns) if plan not in NAMED_PLANS else []
    return {
        **summary,
        "notes": [*summary["notes"], *lost],
        "plan": plan,
        "simulated": is_simulated(frame),
        "arms": configurations,
        "owners": {"family": families(columns), "group": groups_of(columns)},
        "versions": {"cgid": __version__},
    }


def read_plan(plan: str, columns: list[str]) -> dict[str, dict[str, list[str]]]:
    """The configurations of one of NAMED_PLANS or of a YAML file. Raises InputError on an unknown name or an invalid plan."""
    from cgid.ablation.plans import MAX_PLAN_CHARS, PRESETS, every_plan, group_plans, read_plan_text
    from cgid.features.registry import families, groups_of

    if plan == "presets":
        return PRESETS
    if plan in NAMED_PLANS:
        return (group_plans if plan == "groups" else every_plan)(families(columns), groups_of(columns))
    path = Path(plan)
    if not path.is_file():
        raise InputError(f"There is no plan `{plan}`; choose {', '.join(NAMED_PLANS)} or a YAML file.")
    if path.stat().st_size > 4 * MAX_PLAN_CHARS:
        raise InputError(f"{path} is too large for a plan; it holds at most {MAX_PLAN_CHARS} characters.")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as problem:
        raise InputError(f"{path} is not a YAML plan: it is not UTF-8 text.") from problem
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
