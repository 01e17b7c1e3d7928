"""Trains Model B: a fusion of forensic features and Model A's probability, with and without file-format features.

Two variants are trained and reported: `all` (every column the flags leave) and `content_only` (nothing that describes
the file). The second is the primary variant, and checks use it, since traces of the format do not survive
recompression.
A run takes seconds, so it is not resumed: its files appear at the end, run_manifest.json last.
"""

from __future__ import annotations

import dataclasses
import platform
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cgid
from cgid.artifacts import EXTRACTION_PROGRESS, all_simulated
from cgid.audit import gate
from cgid.errors import InputError
from cgid.files import read_json, sha256_of
from cgid.model_b import cross_validate, evaluate, write
from cgid.model_b.cross_validate import CrossValidated
from cgid.model_b.cross_validate import cross_validate as cross_validate_model_b_cv
from cgid.model_b.linear import LINEAR_KINDS
from cgid.model_b.params import MODEL_B_KINDS as KINDS
from cgid.model_b.params import TrainModelBParams
from cgid.model_b.rows import ROLES, Rows, chosen_columns, read_rows
from cgid.model_b.variants import Variant, content_columns, train_variant
from cgid.params import canonical
from cgid.progress import Progress
from cgid.settings import settings


def train(params: TrainModelBParams, progress: Progress) -> dict:
    """Feature table in, run folder out. Raises InputError on a table or flags that cannot be worked with.

    Progress counts epochs over both variants and, with --cv, their parts. Returns run_id, run, the headline figures
    and a sentence.
    """
    started = time.perf_counter()
    _check(params)
    from cgid.features.table import feature_columns

    progress(0, _steps(params), "reading the table")
    rows = read_rows(params.features_csv, params.seed, params.external_features)
    columns = chosen_columns(feature_columns(rows.frame), params.exclude_features, params.exclude_prefixes)
    training_rows = rows.frame[rows.where("train")]
    probes = gate.require_table(
        params.gate, training_rows, columns, f"the training rows of {params.features_csv}", params.seed
    )
    variants, left_out = _variants(rows, columns, params, progress)
    evaluations = {name: evaluate.evaluate_variant(variant, rows) for name, variant in variants.items()}
    headline = next(iter(evaluations))
    cross_validated = _cross_validated(rows, variants, params, progress)
    warnings = [*rows.notes, *evaluate.leakage_warning(rows), *_other_model_a(params)]
    metrics = {
        "headline": headline,
        **evaluations[headline].metrics,
        "variants": {name: one.metrics for name, one in evaluations.items()},
        "comparison": evaluate.compare(rows, evaluations),
        "cross_validation": {name: one.figures for name, one in cross_validated.items()} or None,
    }
    fit = variants[headline].fit
    manifest = {
        "kind": "model_b",
        "run_id": params.output_dir.name,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "cgid_version": cgid.__version__,
        "versions": _versions(params.kind),
        "estimator": params.kind,
        "config": canonical(params),
        "seed": params.seed,
        "device": "cpu",
        "simulated": _simulated(rows),
        "data": _data(params, rows, variants, left_out),
        "manifests": _inputs(params, rows),
        "model_a": _model_a(params.features_csv),
        "gate": {"limit": params.gate, "probes": probes},
        "warnings": warnings,
        "history": fit.history,
        "best_epoch": fit.best_epoch,
        "metrics": metrics,
        "seconds": time.perf_counter() - started,
    }
    write.write(params.output_dir, params.kind, rows, variants, evaluations, manifest, cross_validated)
    progress(_steps(params), _steps(params), "done")
    figure = metrics["test"]["auc"]
    return {
        "run_id": params.output_dir.name,
        "run": str(params.output_dir),
        "headline": headline,
        "test": {k: metrics["test"][k] for k in ("n", "auc", "balanced_accuracy", "accuracy")},
        "warnings": warnings,
        "summary": _sentence(headline, figure, metrics["test"]["n"]),
    }


def _check(params: TrainModelBParams) -> None:
    if params.kind not in KINDS:
        raise InputError(f"--kind {params.kind} is not one of {', '.join(KINDS)}.")
    if params.epochs < 1 or params.batch_size < 1 or not params.lr > 0:
        raise InputError("--epochs and --batch-size must be at least 1 and --lr above 0.")
    gate.check_gate(params.gate)
    cross_validate.check(params.cv)
    if not params.features_csv.is_file():
        raise InputError(f"{params.features_csv} is not there; make it with `cgid features extract` first.")


def _variants(
    rows: Rows, columns: list[str], params: TrainModelBParams, progress: Progress
) -> tuple[dict[str, Variant], list[str]]:
    """({name: variant}, the headline first; columns that content_only may not see)."""
    content, left_out = content_columns(columns)
    total = _steps(params)

    def stage(number: int, name: str) -> Progress:
        def on_progress(done: int, _: int, note: str = "", seconds_left: float | None = None) -> None:
            progress(number * params.epochs + done, total, f"{name}: {note}")

        return on_progress

    variants: dict[str, Variant] = {}
    if content:
        try:
            variants["content_only"] = train_variant(
                "content_only", rows, content, params, settings().workers, stage(0, "without file format")
            )
        except InputError:
            rows.notes.append("No content feature varies over the training rows; only the variant `all` was trained.")
    else:
        rows.notes.append("The table has no content features; only the variant `all` was trained.")
    if left_out or not variants:
        variants["all"] = train_variant("all", rows, columns, params, settings().workers, stage(1, "all features"))
    else:
        variants["all"] = dataclasses.replace(variants["content_only"], name="all")
    return variants, left_out


def _steps(params: TrainModelBParams) -> int:
    """Epochs of both variants, and of their cross-validation."""
    return 2 * params.epochs * (1 + params.cv)


def _cross_validated(
    rows: Rows, variants: dict[str, Variant], params: TrainModelBParams, progress: Progress
) -> dict[str, CrossValidated]:
    """{variant: its out-of-fold figures}; empty without --cv. A variant with the columns of another shares its own."""
    results: dict[tuple[str, ...], CrossValidated] = {}
    for number, (name, variant) in enumerate(variants.items() if params.cv else ()):
        columns = variant.preparation.features

        start, label = 2 + number * params.cv, name

        def stage(
            done: int, _: int, note: str = "", seconds_left: float | None = None, start: int = start, label: str = label
        ) -> None:
            progress(start * params.epochs + done, _steps(params), f"{label}, out of fold: {note}")

        if columns not in results:
            results[columns] = cross_validate_model_b_cv(name, rows, list(columns), params, settings().workers, stage)
    return {name: results[v.preparation.features] for name, v in variants.items() if params.cv}


def _data(params: TrainModelBParams, rows: Rows, variants: dict[str, Variant], left_out: list[str]) -> dict[str, Any]:
    path = params.features_csv
    counts = {
        role: {name: int(((rows.role == role) & (rows.label == k)).sum()) for k, name in ((0, "real"), (1, "ai"))}
        for role in (*ROLES, "external", "")
        if (rows.role == role).any()
    }
    return {
        "name": path.parent.name if path.stem == "features" else path.stem,
        "rows": len(rows.frame),
        "counts": {role or "unused": count for role, count in counts.items()},
        "calibration_rows": int(rows.calibration.sum()),
        "groups": len(set(rows.groups)),
        "features": {name: list(variant.preparation.features) for name, variant in variants.items()},
        "dropped": {name: variant.dropped for name, variant in variants.items()},
        "not_content": left_out,
        "intervals": "95 % Wald, the wider of curvature and cluster-robust by group"
        if params.kind in LINEAR_KINDS
        else "smallest and largest AUC loss over five permutations of the validation rows",
    }


def _inputs(params: TrainModelBParams, rows: Rows) -> list[dict[str, Any]]:
    outside = int(rows.where("external").sum()) if params.external_features else 0
    first = {
        "path": str(params.features_csv),
        "sha256": sha256_of(params.features_csv),
        "rows": len(rows.frame) - outside,
        "role": "features",
    }
    return [first, *({"path": str(p), "sha256": sha256_of(p), "role": "external"} for p in params.external_features)]


def _other_model_a(params: TrainModelBParams) -> list[str]:
    """A sentence for each external table whose Model A column came from another run than the training table's."""
    own = _model_a(params.features_csv)
    return [
        f"{path} was measured with another Model A than the training table; extract it again with --model-a."
        for path in params.external_features
        if _model_a(path) != own
    ]


def _model_a(table: Path) -> Any:
    """Which Model A run the column came from, as extraction wrote it beside the table; None where it did not."""
    sidecar = table.parent / EXTRACTION_PROGRESS
    try:
        progress = read_json(sidecar)
    except (OSError, ValueError):
        return None
    return progress.get("model_a") if isinstance(progress, dict) else None


def _simulated(rows: Rows) -> bool:
    """Whether it was trained on demo data only; external evaluation data do not change that."""
    if "source" not in rows.frame:
        return False
    own = rows.frame.loc[~rows.where("external"), "source"]
    return all_simulated(own.astype("string").fillna(""))


def _versions(kind: str) -> dict[str, str]:
    from importlib.metadata import version

    names = ("torch", "numpy") if kind == "linear" else ("scikit-learn", "joblib", "numpy")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}


def _sentence(headline: str, figure: dict[str, Any], count: int) -> str:
    what = "without file-format features" if headline == "content_only" else "with all features"
    if figure["value"] is None:
        return f"Model B is trained; its {count} test images cannot be ranked."
    between = f" (95 % {figure['low']:.3f} to {figure['high']:.3f})" if figure["low"] is not None else ""
    return f"Model B {what}: test AUC {figure['value']:.3f}{between} on {count} images."
