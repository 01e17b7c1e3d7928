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
from cgid.files import plain, read_json, sha256_of, write_bytes, write_json
from cgid.models import model_card
from cgid.models.foreign_graph import describe
from cgid.models.merged_graph import merged
from cgid.models.onnx_model import OnnxModel
from cgid.report import Report
from cgid.studies.average_params import AverageRunsParams
from cgid.studies.members import Member, mean_tables, read_members
from cgid.train import calibrate, exports, parity, predictions, record
from cgid.train.run_folder import RunFolder

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
    with _open_folder(params.output_dir, identity) as folder:
        if done := folder.done():
            return _result(folder, done)
        folder.manifest.unlink(missing_ok=True)
        val = tables["val"]
        frozen = calibrate.freeze(val[val["calibration"]], "calibration half of the validation rows")
        tables = {split: _calibrated(table, frozen) for split, table in tables.items()}
        frozen["error_rates"] = calibrate.errors_of(frozen, tables)
        for split, table in tables.items():
            predictions.write(table, folder.predictions(split))
        write_json(folder.thresholds, frozen)
        report(1, 3, "merging the networks")
        onnx = _write_onnx(folder, members, frozen)
        report(2, 3, "measuring")
        outside = members[0].manifest["metrics"]["external"]
        figures = record.metrics(frozen, tables, {block["name"]: Path(block["manifest"]) for block in outside})
        judged = {split: table for split, table in tables.items() if split not in ("train", "oof")}
        exports.write(folder.path / "exports", folder.path.name, judged, frozen, figures)
        metrics = figures | {"members": _spread(members)}
        write_json(folder.metrics, metrics)
        seconds = time.monotonic() - begun
        manifest = _manifest(folder, members, tables, metrics, onnx) | {"seconds": _seconds(members) + seconds}
        model_card.write(folder.path, manifest)
        write_json(folder.manifest, manifest)
        report(3, 3, "written")
        return _result(folder, manifest)


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
def _open_folder(path: Path, identity: dict[str, Any]) -> Iterator[RunFolder]:
    """The run folder, held against another writer. Raises InputError where it holds anything but this average."""
    folder = RunFolder(Path(path).expanduser().absolute())
    if folder.path.exists() and not folder.path.is_dir():
        raise InputError(f"{folder.path} is a file; choose another --output-dir.")
    try:
        there = read_json(folder.config)
    except (OSError, ValueError):
        there = None
    if there != identity and any(p.name != ".lock" for p in folder.path.glob("*")):
        raise InputError(f"{folder.path} holds something other than this average; choose another --output-dir.")
    folder.path.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder.path / ".lock", timeout=0):
            write_json(folder.config, identity)
            yield folder
    except Timeout:
        raise InputError(f"Another job is writing into {folder.path}; wait for it or choose another folder.") from None


def _calibrated(table: pd.DataFrame, frozen: dict[str, Any]) -> pd.DataFrame:
    return predictions.calibrated(table, lambda logit: calibrate.probability(frozen, logit))


def _write_onnx(folder: RunFolder, members: Sequence[Member], frozen: dict[str, Any]) -> dict[str, Any]:
    """The manifest's block `onnx`. Raises InputError where the file disagrees with its members on real images."""
    import onnx

    files = [OnnxModel.load(member.folder.path) for member in members]
    model = merged([onnx.load(member.folder.onnx) for member in members], [member.name for member in members])
    kept = {k: frozen[k] for k in FROZEN}
    about = files[0].metadata | {"run_id": folder.path.name, "members": len(members), "calibration": kept}
    about["weights_sha256"] = [member.manifest["weights"]["sha256"] for member in members]
    describe(model, plain(about))
    content = model.SerializeToString()
    images = parity.parity_images(folder)
    expected = 1 / (1 + np.exp(-np.mean([file.logits(images) for file in files], axis=0)))
    with tempfile.TemporaryDirectory() as temporary:
        file = Path(temporary) / folder.onnx.name
        file.write_bytes(content)
        found = parity.compare(OnnxModel(file), images, expected)
    if not found["passed"]:
        raise InputError(
            f"The merged file and its members differ by up to {found['largest_difference']:.2g} in probability on real "
            "images, so it was not written; run `cgid export-onnx` on the members and average again."
        )
    write_bytes(folder.onnx, content)
    exporters = sorted({str(member.manifest["onnx"].get("exporter")) for member in members})
    opset = next(entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx"))
    block = {"file": folder.onnx.name, "sha256": sha256_of(folder.onnx), "opset": opset}
    return block | {"exporter": f"merged from {' and '.join(exporters)}", "parity": found}


def _spread(members: Sequence[Member]) -> dict[str, Any]:
    """How each network does alone, and how far they part: {"runs": […], "spread": {split: {"lowest", "highest"}}}."""
    alone = []
    for member in members:
        metrics = member.manifest["metrics"]
        blocks = {"test": metrics["test"]} | {f"external_{i}": b for i, b in enumerate(metrics["external"])}
        alone.append({split: block["auc"] for split, block in blocks.items()})
    names = {f"external_{i}": f"external_{b['name']}" for i, b in enumerate(members[0].manifest["metrics"]["external"])}
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
    folder: RunFolder,
    members: Sequence[Member],
    tables: dict[str, pd.DataFrame],
    metrics: dict[str, Any],
    onnx: dict[str, Any],
) -> dict[str, Any]:
    first = members[0].manifest
    counts = {split: len(table) for split, table in tables.items() if split != "oof"}
    return {
        "kind": "model_a",
        "run_id": folder.path.name,
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
        "weights": {"file": folder.onnx.name, "sha256": onnx["sha256"]},  # no copy of the members' own files
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
    content = {"run_id": member.name, "path": str(member.folder.path)}
    content |= {key: member.manifest.get(key) for key in ("seed", "best_epoch", "created")}
    return content | {f"{key}_sha256": member.manifest[key]["sha256"] for key in ("weights", "onnx")}


def _seconds(members: Sequence[Member]) -> float:
    return sum(float(member.manifest.get("seconds") or 0) for member in members)


def _result(folder: RunFolder, manifest: dict[str, Any]) -> dict[str, Any]:
    metrics = manifest["metrics"]
    figures = [f"AUC on test {record.figure_words(metrics['test']['auc'])}"]
    figures += [f"AUC on {e['name']} {record.figure_words(e['auc'])}" for e in metrics["external"]]
    words = [f"Average of {len(manifest['members'])} runs, {manifest['run_id']}: {'; '.join(figures)}."]
    if spread := metrics["members"]["spread"].get("test"):
        words.append(f"Alone they ranged from {spread['lowest']:.3f} to {spread['highest']:.3f} on test.")
    return {
        "summary": " ".join([*words, *manifest["warnings"]]),
        "run": str(folder.path),
        "metrics": metrics,
        "warnings": manifest["warnings"],
    }
