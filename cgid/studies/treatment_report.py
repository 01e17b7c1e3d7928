"""Reads what the jobs of a treatment study left behind and writes it side by side, with intervals and in sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cgid import __version__
from cgid.artifacts import LEAKAGE_SUMMARY, SCANNED_MANIFEST
from cgid.data.manifest import write_table
from cgid.errors import InputError
from cgid.files import read_json, sha256_of, write_json, write_text
from cgid.params import canonical
from cgid.report import Report, silent
from cgid.studies import treatment_words
from cgid.studies.treatment_params import UNTREATED, TreatmentReportParams, named
from cgid.studies.treatment_scores import MODEL_A, VARIANTS, crossed, difference, trained

NAME = "treatment_study"
COUNTS = {
    "perfect_separators": "perfect_separator_count",
    "near_perfect": "near_perfect_count",
    "features": "feature_count",
    "rows": "total_rows",
}


def write_report(params: TreatmentReportParams, report: Report = silent) -> dict[str, Any]:
    """Write treatment_study.csv, .md and, last, .json. Raises InputError where a job's files are missing or damaged."""
    names = named(params.treatments)
    models = [*VARIANTS, *([MODEL_A] if params.model_a else [])]
    before: dict[str, Any] = {}
    found = []
    simulated = True
    for done, name in enumerate(names):
        report(done, len(names), name)
        try:
            audit = read_json(params.study / name / "audit" / LEAKAGE_SUMMARY)
            one = _probes(name, audit) | _treated(params.study, name)
            one["models"] = {m: _model(params.study, name, m, before) for m in models}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(f"{params.study / name} is not complete ({error}); start the study again.") from error
        simulated = simulated and bool(audit.get("simulated"))
        found.append(one)
    report(len(names), len(names), "done")
    content = {
        "treatments": found,
        "simulated": simulated,
        "config": canonical(params),
        "manifest": _manifest(params.study),
        "versions": {"cgid": __version__},
    }
    content["sentences"] = treatment_words.sentences(content)
    write_table(treatment_words.table(content), params.study / f"{NAME}.csv")
    write_text(params.study / f"{NAME}.md", treatment_words.page_of(content))
    write_json(params.study / f"{NAME}.json", content)
    return {
        "summary": " ".join(content["sentences"]),
        "table_text": treatment_words.plain_table(content),
        "output_dir": str(params.study),
    }


def _probes(name: str, audit: dict[str, Any]) -> dict[str, Any]:
    families = audit["families"]
    return {
        "treatment": name,
        "probes": {f: {k: families[f][k] for k in ("balanced_accuracy", "auc")} for f in families},
        **{ours: audit[theirs] for ours, theirs in COUNTS.items()},
    }


def _treated(study: Path, name: str) -> dict[str, Any]:
    """What the treatment did to the images."""
    if name == UNTREATED:
        return {"said": [], "dropped": {}}
    record = read_json(study / name / "data" / "treatment.json")
    return {"said": record["sentences"], "dropped": record["dropped"]}


def _model(study: Path, name: str, model: str, before: dict[str, Any]) -> dict[str, Any]:
    """Figures of one model, trained on the treatment and trained on the untreated images, less those untreated."""
    own = trained(study, name, model)
    if name == UNTREATED:
        before[model] = own
        return {"trained": own.figures()}
    stranger = crossed(study, name, model)
    return {
        "trained": own.figures(),
        "trained_difference": difference(own, before[model]),
        "crossed": stranger.figures(),
        "crossed_difference": difference(stranger, before[model]),
    }


def _manifest(study: Path) -> dict[str, str]:
    path = study / UNTREATED / "data" / SCANNED_MANIFEST
    return {"path": str(path), "sha256": sha256_of(path)}
