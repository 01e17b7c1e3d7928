"""Several trainings of one network, averaged into one Model A run: the mean of their logits, in one ONNX file.

One training with one seed is one draw; the mean of some is steadier, and how far they part says how much to trust one.
Calibration and thresholds are frozen anew on the members' calibration rows, which no member learnt from or chose on.
"""

from __future__ import annotations

import contextlib
import platform
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from filelock import FileLock, Timeout

import cgid
from cgid.errors import InputError
from cgid.evaluate import operating_points
from cgid.evaluate.calibration import sigmoid
from cgid.files import plain, read_json, sha256_of, write_bytes, write_json
from cgid.models.onnx_merge import merged
from cgid.models.onnx_model import OnnxModel, describe
from cgid.progress import Report
from cgid.runs import exports, model_card, predictions
from cgid.runs.run import Run
from cgid.schema import external_split
from cgid.train import export_onnx, record
from cgid.train.average_members import Member, mean_tables, read_members
from cgid.train.params import AverageRunsParams

FROZEN = ("temperature", "bias", "thresholds", "inconclusive")


def average_runs(params: AverageRunsParams, report: Report) -> dict[str, Any]:
    """Write the whole run folder; nothing where it holds this very average already.

    Raises InputError: runs that cannot be averaged (see `members`), a folder that holds something else, a merged file
    that disagrees with its members.
    """
    begun = time.monotonic()
    report(0, 3, "checking the runs")
    members = read_members(params.run)
    identity, tables = _identity(members), mean_tables(members)
    with _open_folder(params.output_dir, identity) as run:
        if done := run.completed_manifest():
            return _result(run, done)
        run.manifest_path.unlink(missing_ok=True)
        val = tables["val"]
        frozen = operating_points.freeze(val[val["calibration"]], "calibration half of the validation rows")
        tables = {split: _calibrated(table, frozen) for split, table in tables.items()}
        frozen["error_rates"] = operating_points.errors_of(frozen, tables)
        for split, table in tables.items():
            predictions.write(table, run.predictions_path(split))
        write_json(run.thresholds_path, frozen)
        report(1, 3, "merging the networks")
        onnx = _write_onnx(run, members, frozen)
        report(2, 3, "measuring")
        outside = members[0].manifest["metrics"]["external"]
        figures = record.metrics(frozen, tables, {block["name"]: Path(block["manifest"]) for block in outside})
        judged = {split: table for split, table in tables.items() if split not in ("train", "oof")}
        exports.write(run.exports_folder, run.id, judged, frozen, figures)
        metrics = figures | {"members": _spread(members)}
        write_json(run.metrics_path, metrics)
        seconds = time.monotonic() - begun
        manifest = _manifest(run, members, tables, metrics, onnx) | {"seconds": _seconds(members) + seconds}
        model_card.write(run.folder, manifest)
        write_json(run.manifest_path, manifest)
        report(3, 3, "written")
        return _result(run, manifest)


def _identity(members: Sequence[Member]) -> dict[str, Any]:
    """config.json: what the average depends on."""
    first = members[0].manifest
    return plain(
        {
            "config": {k: v for k, v in _common(members).items() if k != "seeds"},
            "manifests": [{"role": m["role"], "sha256": m["sha256"]} for m in first["manifests"]],
            "weights_sha256": None,
            "members": sorted(member.manifest["weights"]["sha256"] for member in members),
        }
    )


def _common(members: Sequence[Member]) -> dict[str, Any]:
    """Settings that all members share, and their seeds."""
    configs = [member.manifest["config"] for member in members]
    apart = ("seed", "output_dir", "resume", "workers", "device")
    same = {k: v for k, v in configs[0].items() if k not in apart and all(c.get(k) == v for c in configs)}
    return same | {"seeds": [member.manifest.get("seed") for member in members]}


@contextlib.contextmanager
def _open_folder(path: Path, identity: dict[str, Any]) -> Iterator[Run]:
    """The run folder, held against another writer. Raises InputError where it holds anything but this average."""
    run = Run.under_way(path)
    if run.folder.exists() and not run.folder.is_dir():
        raise InputError(f"{run.folder} is a file; choose another --output-dir.")
    try:
        there = read_json(run.config_path)
    except (OSError, ValueError):
        there = None
    if there != identity and any(p.name != ".lock" for p in run.folder.glob("*")):
        raise InputError(f"{run.folder} holds something other than this average; choose another --output-dir.")
    run.folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(run.folder / ".lock", timeout=0):
            write_json(run.config_path, identity)
            yield run
    except Timeout:
        raise InputError(f"Another job is writing into {run.folder}; wait for it or choose another folder.") from None


def _calibrated(table: pd.DataFrame, frozen: dict[str, Any]) -> pd.DataFrame:
    return predictions.calibrated(table, lambda logit: operating_points.probability(frozen, logit))


def _write_onnx(run: Run, members: Sequence[Member], frozen: dict[str, Any]) -> dict[str, Any]:
    """The manifest's block `onnx`. Raises InputError where the file disagrees with its members on real images."""
    import onnx

    files = [OnnxModel.load(member.run.folder) for member in members]
    model = merged([onnx.load(member.run.onnx_path) for member in members], [member.name for member in members])
    kept = {k: frozen[k] for k in FROZEN}
    about = files[0].metadata | {"run_id": run.id, "members": len(members), "calibration": kept}
    about["weights_sha256"] = [member.manifest["weights"]["sha256"] for member in members]
    describe(model, plain(about))
    content = model.SerializeToString()
    images = export_onnx.parity_images(run)
    expected = sigmoid(np.mean([file.logits(images) for file in files], axis=0))
    with tempfile.TemporaryDirectory() as temporary:
        file = Path(temporary) / run.onnx_path.name
        file.write_bytes(content)
        found = export_onnx.compare(OnnxModel(file), images, expected)
    if not found["passed"]:
        raise InputError(
            f"The merged file and its members differ by up to {found['largest_difference']:.2g} in probability on real "
            "images, so it was not written; run `cgid export-onnx` on the members and average again."
        )
    write_bytes(run.onnx_path, content)
    exporters = sorted({str(member.manifest["onnx"].get("exporter")) for member in members})
    opset = next(entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx"))
    block = {"file": run.onnx_path.name, "sha256": sha256_of(run.onnx_path), "opset": opset}
    return block | {"exporter": f"merged from {' and '.join(exporters)}", "parity": found}


def _spread(members: Sequence[Member]) -> dict[str, Any]:
    """How each network does alone, and how far they part: {"runs": […], "spread": {split: {"lowest", "highest"}}}."""
    alone = []
    for member in members:
        metrics = member.manifest["metrics"]
        blocks = {"test": metrics["test"]} | {external_split(i): b for i, b in enumerate(metrics["external"])}
        alone.append({split: block["auc"] for split, block in blocks.items()})
    external = members[0].manifest["metrics"]["external"]
    names = {external_split(i): external_split(b["name"]) for i, b in enumerate(external)}
    spread = {}
    for split in alone[0]:
        values = [of[split]["value"] for of in alone if of[split]["value"] is not None]
        if values:
            spread[names.get(split, split)] = {"lowest": min(values), "highest": max(values)}
    runs = [
        {"run_id": member.name, "seed": member.manifest.get("seed")}
        | {"auc": {names.get(split, split): auc for split, auc in of.items()}}
        for member, of in zip(members, alone)
    ]
    return {"runs": runs, "spread": spread}


def _manifest(
    run: Run,
    members: Sequence[Member],
    tables: dict[str, pd.DataFrame],
    metrics: dict[str, Any],
    onnx: dict[str, Any],
) -> dict[str, Any]:
    first = members[0].manifest
    counts = {split: len(table) for split, table in tables.items() if split != "oof"}
    return {
        "kind": "model_a",
        "run_id": run.id,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "cgid_version": cgid.__version__,
        "versions": {"python": platform.python_version(), **{p: version(p) for p in record.PACKAGES}},
        "config": _common(members),
        "seed": None,
        "device": " and ".join(sorted({str(member.manifest.get("device")) for member in members})),
        "data": {"name": (first.get("data") or {}).get("name"), **counts},
        "manifests": first["manifests"],
        "history": [],
        "best_epoch": None,
        "metrics": metrics,
        "weights": {"file": run.onnx_path.name, "sha256": onnx["sha256"]},  # no copy of the members' own files
        "onnx": onnx,
        "members": [_about(member) for member in members],
        "network": first.get("network"),
        "preprocess": first["preprocess"],
        "skipped": first.get("skipped", []),
        "simulated": all(member.manifest.get("simulated") for member in members),
        **({"early_stop_source": held} if (held := first.get("early_stop_source")) else {}),
        "warnings": list(dict.fromkeys(w for member in members for w in member.manifest.get("warnings", []))),
    }


def _about(member: Member) -> dict[str, Any]:
    """What names a member for good: its weights are its own folder's and are not copied."""
    content = {"run_id": member.name, "path": str(member.run.folder)}
    content |= {key: member.manifest.get(key) for key in ("seed", "best_epoch", "created")}
    return content | {f"{key}_sha256": member.manifest[key]["sha256"] for key in ("weights", "onnx")}


def _seconds(members: Sequence[Member]) -> float:
    return sum(float(member.manifest.get("seconds") or 0) for member in members)


def _result(run: Run, manifest: dict[str, Any]) -> dict[str, Any]:
    metrics = manifest["metrics"]
    figures = [f"AUC on test {exports.figure_text(metrics['test']['auc'])}"]
    figures += [f"AUC on {e['name']} {exports.figure_text(e['auc'])}" for e in metrics["external"]]
    words = [f"Average of {len(manifest['members'])} runs, {manifest['run_id']}: {'; '.join(figures)}."]
    if spread := metrics["members"]["spread"].get("test"):
        words.append(f"Alone they ranged from {spread['lowest']:.3f} to {spread['highest']:.3f} on test.")
    return {
        "summary": " ".join([*words, *manifest["warnings"]]),
        "run": str(run.folder),
        "metrics": metrics,
        "warnings": manifest["warnings"],
    }
