"""Reads what the jobs of a treatment study left behind and writes it side by side, with intervals and in sentences.

A treatment study in sentences, as a table and as a page: what the format told, and what is left without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from cgid import __version__, formatting
from cgid.artifacts import LEAKAGE_SUMMARY, SCANNED_MANIFEST
from cgid.data.manifest import write_table
from cgid.errors import InputError
from cgid.files import read_json, sha256_of, write_json, write_text
from cgid.format_matching.params import UNTREATED, TreatmentReportParams, named
from cgid.format_matching.study_scores import MODEL_A, VARIANTS, crossed, difference, trained
from cgid.params import canonical
from cgid.progress import Report, silent

TITLES = {
    "none": "untreated",
    "ai-jpeg": "AI as JPEG",
    "both-jpeg": "both as JPEG",
    "matched": "both cut and saved alike",
}
MODELS = {
    "model_b_all": "Model B, all features",
    "model_b_content_only": "Model B, content only",
    "model_a": "Model A",
}
FIGURES = {"balanced_accuracy": "balanced accuracy", "auc": "AUC"}


def percent(figure: Mapping[str, Any] | None) -> str:
    """{"value", "low", "high"} as `51 % (47 to 55 %)`."""
    return formatting.share(figure, unknown="not known")


def points(figure: Mapping[str, Any] | None) -> str:
    """A difference of shares as `-8 points (-12 to -3)`."""
    if not figure or figure.get("value") is None:
        return "not known"
    between = "" if figure.get("low") is None else f" ({100 * figure['low']:+.0f} to {100 * figure['high']:+.0f})"
    return f"{100 * figure['value']:+.0f} points{between}"


def sentences(content: Mapping[str, Any]) -> list[str]:
    """The last treatment against the untreated images; shares are balanced accuracy, where guessing gives 50 %."""
    before, after = content["treatments"][0], content["treatments"][-1]
    title = TITLES[after["treatment"]]
    said = ["Simulated demo data."] if content["simulated"] else []
    for family, what in (("container", "The container (format and size of the file)"), ("provenance", "The metadata")):
        pair = [one["probes"].get(family, {}).get("balanced_accuracy") for one in (before, after)]
        if all(p and p["value"] is not None for p in pair):
            said.append(
                f"{what} alone told real from AI for {percent(pair[0])} before and {percent(pair[1])} after ({title}; guessing gives 50 %)."
            )
    content_figure = after["probes"].get("content", {}).get("balanced_accuracy")
    if content_figure and content_figure["value"] is not None:
        said.append(f"What the pixels show still tells it for {percent(content_figure)}.")
    said += [_trained(MODELS[m], before["models"][m], after["models"][m]) for m in after["models"]]
    said += [_crossed(MODELS[m], before["models"][m], after["models"][m]) for m in after["models"]]
    said.append(
        f"Features that separate the classes perfectly: {before['perfect_separators']} before, "
        f"{after['perfect_separators']} after."
    )
    return said


def _trained(model: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    pair = [one["trained"]["balanced_accuracy"] for one in (before, after)]
    change = after["trained_difference"]["balanced_accuracy"]
    start = f"{model}, trained and judged before and after: {percent(pair[0])} and {percent(pair[1])}"
    return f"{start}, {points(change)}{_meaning(change, ': what the format told, and what saving again wiped out')}."


def _crossed(model: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    change = after["crossed_difference"]["balanced_accuracy"]
    start = f"{model}, trained on the untreated images and judged on the treated ones: {percent(after['crossed']['balanced_accuracy'])}"  # fmt: skip
    return f"{start}, {points(change)}{_meaning(change, ': that much of what it had learned does not survive')}."


def _meaning(change: Mapping[str, Any], lost: str) -> str:
    """Only an interval that excludes nought says anything."""
    if change["low"] is None or change["high"] is None:
        return ""
    if change["high"] < 0:
        return lost
    return ", which may be chance" if change["low"] <= 0 else ", so nothing was lost"


def lines(content: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every figure: treatment, what, figure, value, low, high, n, and the paired difference to the untreated images."""
    for one in content["treatments"]:
        head = {"treatment": one["treatment"]}
        for family, found in one["probes"].items():
            for name in FIGURES:
                yield head | {"what": f"probe {family}", "figure": name} | found[name] | {"n": one["rows"]}
        for model, found in one["models"].items():
            for way in ("trained", "crossed"):
                for name in FIGURES if way in found else ():
                    change = (found.get(f"{way}_difference") or {}).get(name) or {}
                    yield (
                        head
                        | {"what": f"{model} {way}", "figure": name}
                        | found[way][name]
                        | {
                            "n": found[way]["n"],
                            "difference": change.get("value"),
                            "difference_low": change.get("low"),
                            "difference_high": change.get("high"),
                        }
                    )
        yield head | {"what": "perfect separators", "figure": "count", "value": one["perfect_separators"]}


def table(content: Mapping[str, Any]) -> pd.DataFrame:
    """treatment_study.csv."""
    columns = ["treatment", "what", "figure", "value", "low", "high", "n"]
    frame = pd.DataFrame(lines(content), columns=[*columns, "difference", "difference_low", "difference_high"])
    return frame.astype({"n": "Int64"})


def side_by_side(content: Mapping[str, Any]) -> list[dict[str, str]]:
    """A row per treatment, balanced accuracies in words, for people."""
    rows = []
    for one in content["treatments"]:
        row = {"images": TITLES[one["treatment"]]}
        for family, found in one["probes"].items():
            row[f"{family} alone"] = percent(found["balanced_accuracy"])
        for model, found in one["models"].items():
            row[MODELS[model]] = percent(found["trained"]["balanced_accuracy"])
            row[f"{MODELS[model]}, trained untreated"] = percent((found.get("crossed") or found["trained"])["balanced_accuracy"])  # fmt: skip
        rows.append(row | {"perfect separators": str(one["perfect_separators"])})
    return rows


def plain_table(content: Mapping[str, Any]) -> str:
    """For a terminal."""
    rows = pd.DataFrame(side_by_side(content)).set_index("images").T
    rows.columns.name = None
    return rows.to_string()


def page_of(content: Mapping[str, Any]) -> str:
    """treatment_study.md."""
    rows = side_by_side(content)
    lines = ["# What did the format tell?", "", *(f"- {s}" for s in content["sentences"]), ""]
    lines += ["| | " + " | ".join(row["images"] for row in rows) + " |", "|---" * (len(rows) + 1) + "|"]
    for name in list(rows[0])[1:]:
        lines.append(f"| {name} | " + " | ".join(row[name] for row in rows) + " |")
    lines += [
        "",
        "Balanced accuracy, where guessing gives 50 %, with 95 % intervals by group. `alone`: a small model that sees one "
        "family of features, cross-validated over all images. Models: on the test images, at the threshold frozen on "
        "validation images; `trained untreated`: the model of the untreated images on these.",
        "",
    ]
    for one in content["treatments"][1:]:
        lines += [f"**{TITLES[one['treatment']]}**: {' '.join(one['said'])}", ""]
    return "\n".join(lines)


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
    content["sentences"] = sentences(content)
    write_table(table(content), params.study / f"{NAME}.csv")
    write_text(params.study / f"{NAME}.md", page_of(content))
    write_json(params.study / f"{NAME}.json", content)
    return {
        "summary": " ".join(content["sentences"]),
        "table_text": plain_table(content),
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
