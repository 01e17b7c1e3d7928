"""A treatment study in sentences, as a table and as a page: what the format told, and what is left without it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from cgid.evaluate import figure_words

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
    return figure_words.share(figure, unknown="not known")


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
