"""Extraction: images of a manifest in, feature table out; parallel, resumable, never the same work twice."""

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
from cgid.extraction.dispatch import Measuring, find_place
from cgid.extraction.params import ExtractParams
from cgid.extraction.plan import Content, identify
from cgid.extraction.progress_file import Progress
from cgid.features.group import FeatureGroup
from cgid.features.registry import choose
from cgid.features.table import write_features
from cgid.files import sha256_of
from cgid.progress import Report, silent
from cgid.settings import settings

if TYPE_CHECKING:
    import pandas as pd


def extract(params: ExtractParams, report: Report = silent) -> dict[str, Any]:
    """Measure every image of `params.manifest` and write the table `params.output`, rows in the manifest's order.

    Beside it: training_progress.json (while it runs) and failures.csv (filepath, reason). Images that cannot be read
    are no rows. Killed at any point, the next run starts from the store: only uncommitted work (three seconds or 2048
    images, and the chunks in flight) is done again. Failed images are tried again each run.
    An image may take 60 s (`place.SECONDS_PER_IMAGE`) and 2 GB of memory (`settings().memory_limit`); one that takes
    more, or ends its process, costs only itself.
    Raises InputError: bad manifest, unknown group, no image readable, no usable Model A where it was asked for, no such
    cluster or none fit for this.
    """
    from cgid.data.manifest import read_manifest

    started = time.monotonic()
    is_local(params.executor)  # a wrong address is said before an hour of reading
    frame = read_manifest(params.manifest)
    if frame.empty:
        raise InputError(f"{params.manifest} names no images.")
    groups = choose(params.groups)
    measured, model_a, files = _tied_to_model_a(groups, params)
    output = params.output.expanduser().absolute()
    workers = params.workers or settings().workers
    paths = [str(p) for p in frame["path"]]

    progress = Progress(output.parent, len(frame), list(measured), report, model_a, all_simulated(frame["source"]))
    contents, unreadable = identify(paths, workers, report)
    run = Measuring(measured, progress, paths)
    for row, reason in unreadable.items():
        run.fail([row], reason)
    place = find_place(params.executor, workers, settings().memory_limit, contents, files, params.send_files)
    run.measure_all(contents, place)
    progress.finish(paths)
    if len(progress.failed) == len(frame):
        raise InputError(f"No image of {params.manifest} could be read: {progress.failed[0]['reason']}")

    table, problems = _table(frame, run, groups, contents)
    write_features(table, output)
    for store in run.stores.values():
        store.merge()
    seconds = time.monotonic() - started
    return {
        "summary": _summary(len(table), progress, len(measured), seconds),
        "output": output,
        "rows": len(table),
        "failed": len(progress.failed),
        "cached": progress.cached,
        "measured": progress.done - progress.cached - len(progress.failed),
        "groups": list(measured),
        "problems": problems,
        "seconds": round(seconds, 2),
    }


def _tied_to_model_a(
    groups: Mapping[str, FeatureGroup], params: ExtractParams
) -> tuple[dict[str, FeatureGroup], dict[str, str] | None, SharedFiles | None]:
    """(the groups that can be measured: `model_a` only where there is a run, {"run", "sha256"} of that run, its files)."""
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
    frame: pd.DataFrame, run: Measuring, groups: Mapping[str, FeatureGroup], contents: Sequence[Content]
) -> tuple[pd.DataFrame, dict[str, dict[str, Any]]]:
    """(the feature table, {group: how often it failed and one reason}). Groups without values are NaN and missing."""
    import pandas as pd

    name_of = {row: content.name for content in contents for row in content.rows if row not in run.failed_rows}
    rows = sorted(name_of)
    names = [name_of[row] for row in rows]
    kept = frame.iloc[rows].reset_index(drop=True)
    columns: dict[str, Any] = {
        "record_id": [name.partition(".")[0] for name in names],
        "filepath": kept["path"].astype(str),
        "filename": [Path(p).name for p in kept["path"]],
        "label": kept["label"],
        "target_label": (kept["label"] == "ai").astype(int),
        **{c: kept[c] for c in ("source", "generator", "split")},
    }
    columns["group"] = kept["group"] if "group" in kept else columns["record_id"]
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


def _summary(rows: int, progress: Progress, groups: int, seconds: float) -> str:
    words = f"{rows} images measured by {groups} feature groups in {seconds:.0f} s"
    if progress.cached:
        words += f", {progress.cached} of them taken from the store"
    if progress.failed:
        words += f"; {len(progress.failed)} could not be read and are listed in failures.csv"
    return words + "."
