"""Feature extraction: from the images of a manifest to a feature table; parallel, cached and resumable."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cgid.artifacts import ONNX_MODEL, all_simulated
from cgid.compute.limits import SharedFiles, is_local
from cgid.errors import InputError
from cgid.extraction.dispatch import ExtractionRun, choose_target
from cgid.extraction.params import ExtractParams
from cgid.extraction.plan import Content, identify
from cgid.extraction.progress_file import ProgressFile
from cgid.features.group import FeatureGroup
from cgid.features.registry import select_groups
from cgid.features.table import write_features
from cgid.files import sha256_of
from cgid.progress import Progress, silent
from cgid.settings import settings

if TYPE_CHECKING:
    import pandas as pd


def extract(params: ExtractParams, progress: Progress = silent) -> dict[str, Any]:
    """Extract features of every image of `params.manifest` into the table `params.output`, in the manifest's order.

    Also writes training_progress.json (while running) and failures.csv (filepath, reason) to the same folder. Unreadable
    images have no row. An interrupted run resumes from the store: only uncommitted work (three seconds or 2048 images,
    and the chunks in flight) is repeated. Failed images are retried in each run.
    An image may take 60 s (`dispatch.SECONDS_PER_IMAGE`) and 2 GB of memory (`settings().memory_limit`); one that exceeds
    them, or ends its process, fails alone.
    Raises InputError: bad manifest, unknown group, no readable image, no usable Model A where requested, cluster
    unreachable or unsuitable.
    """
    from cgid.data.manifest import read_manifest

    started = time.monotonic()
    is_local(params.executor)  # reject a wrong address before reading the files
    frame = read_manifest(params.manifest)
    if frame.empty:
        raise InputError(f"{params.manifest} names no images.")
    groups = select_groups(params.groups)
    bound_groups, model_a, files = _bind_model_a(groups, params)
    output = params.output.expanduser().absolute()
    workers = params.workers or settings().workers
    paths = [str(p) for p in frame["path"]]

    progress_file = ProgressFile(
        output.parent, len(frame), list(bound_groups), progress, model_a, all_simulated(frame["source"])
    )
    contents, unreadable = identify(paths, workers, progress)
    run = ExtractionRun(bound_groups, progress_file, paths)
    for row, reason in unreadable.items():
        run.fail([row], reason)
    target = choose_target(params.executor, workers, settings().memory_limit, contents, files, params.send_files)
    run.extract_all(contents, target)
    progress_file.finish(paths)
    if len(progress_file.failed) == len(frame):
        raise InputError(f"No image of {params.manifest} could be read: {progress_file.failed[0]['reason']}")

    table, problems = _table(frame, run, groups, contents)
    write_features(table, output)
    for store in run.stores.values():
        store.merge()
    seconds = time.monotonic() - started
    return {
        "summary": _summary(len(table), progress_file, len(bound_groups), seconds),
        "output": output,
        "rows": len(table),
        "failed": len(progress_file.failed),
        "cached": progress_file.cached,
        "measured": progress_file.done - progress_file.cached - len(progress_file.failed),
        "groups": list(bound_groups),
        "problems": problems,
        "seconds": round(seconds, 2),
    }


def _bind_model_a(
    groups: Mapping[str, FeatureGroup], params: ExtractParams
) -> tuple[dict[str, FeatureGroup], dict[str, str] | None, SharedFiles | None]:
    """(the groups that can be extracted, with `model_a` only where there is a run; {"run", "sha256"} of that run; its files)."""
    if "model_a" not in groups:
        return dict(groups), None, None
    from cgid.extraction.model_a import bind, files_of, run_folder

    folder = run_folder(params.model_a)
    if folder is not None:
        bound = bind(groups["model_a"], folder)
        about = {"run": Path(folder).name, "sha256": sha256_of(Path(folder) / ONNX_MODEL)}
        return {k: bound if k == "model_a" else g for k, g in groups.items()}, about, files_of(bound, folder)
    if "model_a" in params.groups:
        raise InputError("Group model_a needs a Model A run: train one and promote it, or give --model-a.")
    return {k: g for k, g in groups.items() if k != "model_a"}, None, None


def _table(
    frame: pd.DataFrame, run: ExtractionRun, groups: Mapping[str, FeatureGroup], contents: Sequence[Content]
) -> tuple[pd.DataFrame, dict[str, dict[str, Any]]]:
    """(the feature table, {group: number of failures and one reason}). Groups without values are NaN and flagged missing."""
    import pandas as pd

    name_of = {row: content.name for content in contents for row in content.rows if row not in run.failed_rows}
    rows = sorted(name_of)
    names = [name_of[row] for row in rows]
    readable = frame.iloc[rows].reset_index(drop=True)
    columns: dict[str, Any] = {
        "record_id": [name.partition(".")[0] for name in names],
        "filepath": readable["path"].astype(str),
        "filename": [Path(p).name for p in readable["path"]],
        "label": readable["label"],
        "target_label": (readable["label"] == "ai").astype(int),
        **{c: readable[c] for c in ("source", "generator", "split")},
    }
    columns["group"] = readable["group"] if "group" in readable else columns["record_id"]
    problems: dict[str, dict[str, Any]] = {}
    for key, group in groups.items():
        if key not in run.stores:
            columns |= {c: np.full(len(rows), 1.0 if c == group.missing_column else np.nan) for c in group.columns}
            continue
        values, reasons = run.stores[key].columns_for([run.keys.of(key, name) for name in names])
        columns |= values
        if counted := Counter(r for r in reasons if r):
            problems[key] = {"images": counted.total(), "reason": counted.most_common(1)[0][0]}
    return pd.DataFrame(columns), problems


def _summary(rows: int, progress: ProgressFile, groups: int, seconds: float) -> str:
    text = f"{rows} images, {groups} feature groups extracted in {seconds:.0f} s"
    if progress.cached:
        text += f", {progress.cached} of them from the store"
    if progress.failed:
        text += f"; {len(progress.failed)} could not be read and are listed in failures.csv"
    return text + "."
