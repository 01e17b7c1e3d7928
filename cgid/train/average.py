"""Model A ensembles: several trainings of one network merged into one run whose logit is the mean of theirs, as one
ONNX file.

A single seed is one sample of a random training; the mean of several is more stable, and their range shows how far one
can be trusted. Calibration and thresholds are fitted again on the members' calibration rows, on which no member was
trained or selected.
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
from cgid.progress import Progress
from cgid.runs import exports, model_card, predictions
from cgid.runs.run import Run
from cgid.schema import external_split
from cgid.train import export_onnx, record
from cgid.train.average_members import Member, mean_tables, read_members
from cgid.train.params import AverageRunsParams

CALIBRATION_KEYS = ("temperature", "bias", "thresholds", "inconclusive")


def average_runs(params: AverageRunsParams, progress: Progress) -> dict[str, Any]:
    """Write the whole run folder; nothing where it already holds the same ensemble.

    Raises InputError: runs that cannot be averaged (see `members`), a folder that holds something else, a merged file
    that disagrees with its members.
    """
    started = time.monotonic()
    progress(0, 3, "checking the runs")
    members = read_members(params.run)
    identity, tables = _identity(members), mean_tables(members)
    with _open_folder(params.output_dir, identity) as run:
        if done := run.completed_manifest():
            return _result(run, done)
        run.manifest_path.unlink(missing_ok=True)
        val = tables["val"]
        thresholds = operating_points.fit_thresholds(val[val["calibration"]], "calibration half of the validation rows")
        tables = {split: _calibrated(table, thresholds) for split, table in tables.items()}
        thresholds["error_rates"] = operating_points.errors_of(thresholds, tables)
        for split, table in tables.items():
            predictions.write(table, run.predictions_path(split))
        write_json(run.thresholds_path, thresholds)
        progress(1, 3, "merging the networks")
        onnx = _write_onnx(run, members, thresholds)
        progress(2, 3, "measuring")
        external = members[0].manifest["metrics"]["external"]
        metrics_blocks = record.metrics(
            thresholds, tables, {block["name"]: Path(block["manifest"]) for block in external}
        )
        evaluated = {split: table for split, table in tables.items() if split not in ("train", "oof")}
        exports.write(run.exports_folder, run.id, evaluated, thresholds, metrics_blocks)
        metrics = metrics_blocks | {"members": _auc_range(members)}
        write_json(run.metrics_path, metrics)
        seconds = time.monotonic() - started
        manifest = _manifest(run, members, tables, metrics, onnx) | {"seconds": _seconds(members) + seconds}
        model_card.write(run.folder, manifest)
        write_json(run.manifest_path, manifest)
        progress(3, 3, "written")
        return _result(run, manifest)


def _identity(members: Sequence[Member]) -> dict[str, Any]:
    """config.json: what the ensemble depends on."""
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
    excluded = ("seed", "output_dir", "resume", "workers", "device")
    same = {k: v for k, v in configs[0].items() if k not in excluded and all(c.get(k) == v for c in configs)}
    return same | {"seeds": [member.manifest.get("seed") for member in members]}


@contextlib.contextmanager
def _open_folder(path: Path, identity: dict[str, Any]) -> Iterator[Run]:
    """The run folder, locked against other writers. Raises InputError where it holds anything but this ensemble."""
    run = Run.at(path)
    if run.folder.exists() and not run.folder.is_dir():
        raise InputError(f"{run.folder} is a file; choose another --output-dir.")
    try:
        there = read_json(run.config_path)
    except (OSError, ValueError):
        there = None
    if there != identity and any(p.name != ".lock" for p in run.folder.glob("*")):
        raise InputError(f"{run.folder} holds something other than this ensemble; choose another --output-dir.")
    run.folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(run.folder / ".lock", timeout=0):
            write_json(run.config_path, identity)
            yield run
    except Timeout:
        raise InputError(f"Another job is writing into {run.folder}; wait for it or choose another folder.") from None


def _calibrated(table: pd.DataFrame, thresholds: dict[str, Any]) -> pd.DataFrame:
    return predictions.calibrated(table, lambda logit: operating_points.probability(thresholds, logit))


def _write_onnx(run: Run, members: Sequence[Member], thresholds: dict[str, Any]) -> dict[str, Any]:
    """The manifest's block `onnx`. Raises InputError where the file disagrees with its members on real images."""
    import onnx

    files = [OnnxModel.load(member.run.folder) for member in members]
    model = merged([onnx.load(member.run.onnx_path) for member in members], [member.name for member in members])
    calibration = {k: thresholds[k] for k in CALIBRATION_KEYS}
    about = files[0].metadata | {"run_id": run.id, "members": len(members), "calibration": calibration}
    about["weights_sha256"] = [member.manifest["weights"]["sha256"] for member in members]
    describe(model, plain(about))
    content = model.SerializeToString()
    images = export_onnx.parity_images(run)
    expected: np.ndarray = np.asarray(sigmoid(np.mean([file.logits(images) for file in files], axis=0)))
    with tempfile.TemporaryDirectory() as temporary:
        file = Path(temporary) / run.onnx_path.name
        file.write_bytes(content)
        parity = export_onnx.compare(OnnxModel(file), images, expected)
    if not parity["passed"]:
        raise InputError(
            f"The merged file and its members differ by up to {parity['largest_difference']:.2g} in probability on "
            f"real "
            "images, so it was not written; run `cgid model-a export-onnx` on the members and average again."
        )
    write_bytes(run.onnx_path, content)
    exporters = sorted({str(member.manifest["onnx"].get("exporter")) for member in members})
    opset = next(entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx"))
    block = {"file": run.onnx_path.name, "sha256": sha256_of(run.onnx_path), "opset": opset}
    return block | {"exporter": f"merged from {' and '.join(exporters)}", "parity": parity}


def _auc_range(members: Sequence[Member]) -> dict[str, Any]:
    """AUC of each member and their range: {"runs": […], "spread": {split: {"lowest", "highest"}}}."""
    member_aucs = []
    for member in members:
        metrics = member.manifest["metrics"]
        blocks = {"test": metrics["test"]} | {external_split(i): b for i, b in enumerate(metrics["external"])}
        member_aucs.append({split: block["auc"] for split, block in blocks.items()})
    external = members[0].manifest["metrics"]["external"]
    names = {external_split(i): external_split(b["name"]) for i, b in enumerate(external)}
    spread = {}
    for split in member_aucs[0]:
        values = [of[split]["value"] for of in member_aucs if of[split]["value"] is not None]
        if values:
            spread[names.get(split, split)] = {"lowest": min(values), "highest": max(values)}
    runs = [
        {"run_id": member.name, "seed": member.manifest.get("seed")}
        | {"auc": {names.get(split, split): auc for split, auc in of.items()}}
        for member, of in zip(members, member_aucs)
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
    """Identity of a member; its weights stay in its own folder."""
    content: dict[str, Any] = {"run_id": member.name, "path": str(member.run.folder)}
    content |= {key: member.manifest.get(key) for key in ("seed", "best_epoch", "created")}
    return content | {f"{key}_sha256": member.manifest[key]["sha256"] for key in ("weights", "onnx")}


def _seconds(members: Sequence[Member]) -> float:
    return sum(float(member.manifest.get("seconds") or 0) for member in members)


def _result(run: Run, manifest: dict[str, Any]) -> dict[str, Any]:
    metrics = manifest["metrics"]
    metric_texts = [f"AUC on test {exports.metric_text(metrics['test']['auc'])}"]
    metric_texts += [f"AUC on {e['name']} {exports.metric_text(e['auc'])}" for e in metrics["external"]]
    sentences = [f"Average of {len(manifest['members'])} runs, {manifest['run_id']}: {'; '.join(metric_texts)}."]
    if spread := metrics["members"]["spread"].get("test"):
        sentences.append(f"Alone they ranged from {spread['lowest']:.3f} to {spread['highest']:.3f} on test.")
    return {
        "summary": " ".join([*sentences, *manifest["warnings"]]),
        "run": str(run.folder),
        "metrics": metrics,
        "warnings": manifest["warnings"],
    }
