"""Report of the format-matching experiment: how much the file format leaks, as sentences, a table and a Markdown page.

Reads the files that the jobs of the experiment wrote and compares the conditions, with intervals.
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
from cgid.format_matching.params import UNMATCHED, FormatStudyReportParams, parse_conditions
from cgid.format_matching.study_scores import MODEL_A, VARIANTS, cross_evaluated, difference, trained
from cgid.params import canonical
from cgid.progress import Progress, silent

TITLES = {
    "none": "unmatched",
    "ai-jpeg": "AI as JPEG",
    "both-jpeg": "both as JPEG",
    "matched": "both cropped and saved identically",
}
MODELS = {
    "model_b_all": "Model B, all features",
    "model_b_content_only": "Model B, content only",
    "model_a": "Model A",
}
METRIC_TITLES = {"balanced_accuracy": "balanced accuracy", "auc": "AUC"}


def percent(metric: Mapping[str, Any] | None) -> str:
    """{"value", "low", "high"} as `51 % (47 to 55 %)`."""
    return formatting.percentage(metric, unknown="not known")


def points(metric: Mapping[str, Any] | None) -> str:
    """A difference of fractions as `-8 points (-12 to -3)`."""
    if not metric or metric.get("value") is None:
        return "not known"
    interval = "" if metric.get("low") is None else f" ({100 * metric['low']:+.0f} to {100 * metric['high']:+.0f})"
    return f"{100 * metric['value']:+.0f} points{interval}"


def sentences(content: Mapping[str, Any]) -> list[str]:
    """The last condition against the unmatched images, in balanced accuracy, where guessing gives 50 %."""
    before, after = content["treatments"][0], content["treatments"][-1]
    title = TITLES[after["treatment"]]
    result = ["Simulated demo data."] if content["simulated"] else []
    for family, what in (("container", "the file format (container and size)"), ("provenance", "the metadata")):
        pair = [one["probes"].get(family, {}).get("balanced_accuracy") for one in (before, after)]
        if all(p and p["value"] is not None for p in pair):
            result.append(
                f"A probe of {what} alone reaches a balanced accuracy of {percent(pair[0])} before and {percent(pair[1])} after ({title}; guessing gives 50 %)."
            )
    content_metric = after["probes"].get("content", {}).get("balanced_accuracy")
    if content_metric and content_metric["value"] is not None:
        result.append(f"A probe of the pixel content alone still reaches {percent(content_metric)}.")
    result += [_trained_sentence(MODELS[m], before["models"][m], after["models"][m]) for m in after["models"]]
    result += [_cross_evaluated_sentence(MODELS[m], before["models"][m], after["models"][m]) for m in after["models"]]
    result.append(
        f"Features that separate the classes perfectly on their own: {before['perfect_separators']} before, "
        f"{after['perfect_separators']} after."
    )
    return result


def _trained_sentence(model: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    pair = [one["trained"]["balanced_accuracy"] for one in (before, after)]
    change = after["trained_difference"]["balanced_accuracy"]
    start = f"{model}, trained and tested before and after: {percent(pair[0])} and {percent(pair[1])}"
    return f"{start}, {points(change)}{_interpretation(change, ': the contribution of the format and of traces that recompression removed')}."


def _cross_evaluated_sentence(model: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    change = after["crossed_difference"]["balanced_accuracy"]
    start = f"{model}, trained on the unmatched images and tested on the matched ones: {percent(after['crossed']['balanced_accuracy'])}"  # fmt: skip
    return f"{start}, {points(change)}{_interpretation(change, ': this part of its performance does not carry over')}."


def _interpretation(change: Mapping[str, Any], lost: str) -> str:
    """What a change means: only an interval that excludes zero is evidence."""
    if change["low"] is None or change["high"] is None:
        return ""
    if change["high"] < 0:
        return lost
    return ", which is not statistically significant" if change["low"] <= 0 else ", so nothing was lost"


def metric_rows(content: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every metric: `treatment`, `what`, `figure`, value, low, high, n, and the paired difference from the unmatched images."""
    for one in content["treatments"]:
        head = {"treatment": one["treatment"]}
        for family, block in one["probes"].items():
            for name in METRIC_TITLES:
                yield head | {"what": f"probe {family}", "figure": name} | block[name] | {"n": one["rows"]}
        for model, block in one["models"].items():
            for way in ("trained", "crossed"):
                for name in METRIC_TITLES if way in block else ():
                    change = (block.get(f"{way}_difference") or {}).get(name) or {}
                    yield (
                        head
                        | {"what": f"{model} {way}", "figure": name}
                        | block[way][name]
                        | {
                            "n": block[way]["n"],
                            "difference": change.get("value"),
                            "difference_low": change.get("low"),
                            "difference_high": change.get("high"),
                        }
                    )
        yield head | {"what": "perfect separators", "figure": "count", "value": one["perfect_separators"]}


def table(content: Mapping[str, Any]) -> pd.DataFrame:
    """The table of treatment_study.csv."""
    columns = ["treatment", "what", "figure", "value", "low", "high", "n"]
    frame = pd.DataFrame(metric_rows(content), columns=[*columns, "difference", "difference_low", "difference_high"])
    return frame.astype({"n": "Int64"})


def side_by_side(content: Mapping[str, Any]) -> list[dict[str, str]]:
    """A row per condition, with balanced accuracies as text."""
    rows = []
    for one in content["treatments"]:
        row = {"images": TITLES[one["treatment"]]}
        for family, block in one["probes"].items():
            row[f"{family} alone"] = percent(block["balanced_accuracy"])
        for model, block in one["models"].items():
            row[MODELS[model]] = percent(block["trained"]["balanced_accuracy"])
            row[f"{MODELS[model]}, trained unmatched"] = percent((block.get("crossed") or block["trained"])["balanced_accuracy"])  # fmt: skip
        rows.append(row | {"perfect separators": str(one["perfect_separators"])})
    return rows


def terminal_table(content: Mapping[str, Any]) -> str:
    """The comparison as a text table for a terminal."""
    rows = pd.DataFrame(side_by_side(content)).set_index("images").T
    rows.columns.name = None
    return rows.to_string()


def report_markdown(content: Mapping[str, Any]) -> str:
    """The page of treatment_study.md."""
    rows = side_by_side(content)
    lines = ["# How much does the file format leak?", "", *(f"- {s}" for s in content["sentences"]), ""]
    lines += ["| | " + " | ".join(row["images"] for row in rows) + " |", "|---" * (len(rows) + 1) + "|"]
    for name in list(rows[0])[1:]:
        lines.append(f"| {name} | " + " | ".join(row[name] for row in rows) + " |")
    lines += [
        "",
        "Balanced accuracy, where guessing gives 50 %, with 95 % intervals by group. `alone`: a small model of one family "
        "of features, cross-validated over all images. Models: on the test images, at the threshold fixed on "
        "validation images; `trained unmatched`: the model trained on the unmatched images, tested on these.",
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


def write_report(params: FormatStudyReportParams, progress: Progress = silent) -> dict[str, Any]:
    """Write treatment_study.csv, .md and, last, .json. Raises InputError where a job's files are missing or damaged."""
    names = parse_conditions(params.treatments)
    models = [*VARIANTS, *([MODEL_A] if params.model_a else [])]
    before: dict[str, Any] = {}
    conditions = []
    simulated = True
    for done, name in enumerate(names):
        progress(done, len(names), name)
        try:
            audit = read_json(params.study / name / "audit" / LEAKAGE_SUMMARY)
            one = _probes(name, audit) | _matching_record(params.study, name)
            one["models"] = {m: _model_metrics(params.study, name, m, before) for m in models}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(f"{params.study / name} is not complete ({error}); run the experiment again.") from error
        simulated = simulated and bool(audit.get("simulated"))
        conditions.append(one)
    progress(len(names), len(names), "done")
    content: dict[str, Any] = {
        "treatments": conditions,
        "simulated": simulated,
        "config": canonical(params),
        "manifest": _manifest(params.study),
        "versions": {"cgid": __version__},
    }
    content["sentences"] = sentences(content)
    write_table(table(content), params.study / f"{NAME}.csv")
    write_text(params.study / f"{NAME}.md", report_markdown(content))
    write_json(params.study / f"{NAME}.json", content)
    return {
        "summary": " ".join(content["sentences"]),
        "table_text": terminal_table(content),
        "output_dir": str(params.study),
    }


def _probes(name: str, audit: dict[str, Any]) -> dict[str, Any]:
    families = audit["families"]
    return {
        "treatment": name,
        "probes": {f: {k: families[f][k] for k in ("balanced_accuracy", "auc")} for f in families},
        **{key: audit[source] for key, source in COUNTS.items()},
    }


def _matching_record(study: Path, name: str) -> dict[str, Any]:
    """Sentences and dropped images of the record of format matching."""
    if name == UNMATCHED:
        return {"said": [], "dropped": {}}
    record = read_json(study / name / "data" / "treatment.json")
    return {"said": record["sentences"], "dropped": record["dropped"]}


def _model_metrics(study: Path, name: str, model: str, before: dict[str, Any]) -> dict[str, Any]:
    """Metrics of one model trained on the condition and of one trained on the unmatched images, and their differences."""
    scores = trained(study, name, model)
    if name == UNMATCHED:
        before[model] = scores
        return {"trained": scores.metrics()}
    cross = cross_evaluated(study, name, model)
    return {
        "trained": scores.metrics(),
        "trained_difference": difference(scores, before[model]),
        "crossed": cross.metrics(),
        "crossed_difference": difference(cross, before[model]),
    }


def _manifest(study: Path) -> dict[str, str]:
    path = study / UNMATCHED / "data" / SCANNED_MANIFEST
    return {"path": str(path), "sha256": sha256_of(path)}
