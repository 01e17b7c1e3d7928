"""What leave-one-source-out found: a row for each source left out and tier, the mean over sources, in plain words.

Intervals of a row: by group, as everywhere. The mean's interval: Student's t over the sources left out. Trainings that
leave out one source each share most of their images, so that interval is rather too narrow than too wide.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cgid.escape import escaped
from cgid.evaluate import operating_points
from cgid.evaluate.significance import corrected_t
from cgid.runs.model_card_limits import figure
from cgid.train.source_folds import Fold

FIGURES = {
    "auc": "AUC",
    "balanced_accuracy": "balanced accuracy",
    "false_positive_rate": "real called AI",
    "false_negative_rate": "AI called real",
}
COUNTS = ("n", "n_real", "n_ai", "groups", "threshold")
MEAN = "mean over sources"


def rows(fold: Fold, judged: Mapping[str, Any], tiers: Sequence[str]) -> list[dict[str, Any]]:
    """One row per tier. judged: {"frozen", "tables"}: the tables carry `images` (left_out or in_domain) and `tier`."""
    found = {}
    for table in judged["tables"]:
        block = operating_points.figures(judged["frozen"], table)
        found[table["images"].iloc[0], table["tier"].iloc[0]] = {k: block[k] for k in (*COUNTS, *FIGURES)}
    head = {"left_out": fold.title, "sources": list(fold.sources), "fold": fold.name, "dropped_kin": fold.kin}
    head |= {"n_train": int((fold.rest["split"] == "train").sum())}
    return [head | {"tier": tier} | found["left_out", tier] | {"in_domain": found["in_domain", tier]} for tier in tiers]


def means(rows: Sequence[Mapping[str, Any]], tiers: Sequence[str]) -> list[dict[str, Any]]:
    """One entry per tier: {"tier", "sources", FIGURES: {"value", "low", "high"}, "in_domain": the same}."""
    result = []
    for tier in tiers:
        mine = [row for row in rows if row["tier"] == tier]
        inside = {name: _mean([row["in_domain"][name] for row in mine]) for name in FIGURES}
        unseen = {name: _mean([row[name] for row in mine]) for name in FIGURES}
        result.append({"tier": tier, "sources": len(mine), **unseen, "in_domain": inside})
    return result


def _mean(blocks: Sequence[Mapping[str, Any]]) -> dict[str, float | None]:
    values = [block["value"] for block in blocks if block["value"] is not None]
    found = corrected_t(values, 0.0)
    # Sources that all give the same figure (1.0, say) have no spread to read an interval from: certainty it is not.
    known = found["low"] is not None and found["low"] < found["high"]
    sides = {side: min(1.0, max(0.0, found[side])) if known else None for side in ("low", "high")}
    return {"value": found["mean"], **sides, "n": len(values)}


def repeated(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """A sentence for each source that was left out more than once, since the mean counts it as often."""
    times = Counter(source for sources in {row["fold"]: row["sources"] for row in rows}.values() for source in sources)
    return [
        f"{source} was left out {n} times, each time together with another source; the mean counts it as often."
        for source, n in times.items()
        if n > 1
    ]


def sentences(content: Mapping[str, Any]) -> list[str]:
    """The answer first: the means at the first tier, the worst source, and what the network is to be trusted with."""
    first = content["means"][0]
    tier, n = first["tier"], first["sources"]
    said = [
        f"On a source it has never seen ({tier} images, mean of {n} left out): AUC {figure(first['auc'])}, balanced "
        f"accuracy {figure(first['balanced_accuracy'])}; balanced accuracy 0.5 is a coin toss."
    ]
    inside = first["in_domain"]
    said.append(
        f"On other images of the sources it learnt from: AUC {figure(inside['auc'])}, balanced accuracy "
        f"{figure(inside['balanced_accuracy'])}."
    )
    mine = [row for row in content["rows"] if row["tier"] == tier and row["false_positive_rate"]["value"] is not None]
    if mine:
        worst = max(mine, key=lambda row: row["false_positive_rate"]["value"])
        said.append(
            f"Most real photos wrongly accused: {worst['left_out']}, "
            f"{figure(worst['false_positive_rate'], percent=True)} of {worst['n_real']} (false positive rate)."
        )
    if content["simulated"]:
        said.insert(0, "Simulated demo data.")
    return said


def table(content: Mapping[str, Any]) -> pd.DataFrame:
    """leave_one_source_out.csv: a line per source left out and tier, then the means; figures with low and high."""
    lines = []
    for row in content["rows"]:
        head = {k: row[k] for k in ("left_out", "tier", "n", "n_real", "n_ai", "groups", "n_train", "dropped_kin", "threshold")}  # fmt: skip
        lines.append(head | _flat(row))
    for mean in content["means"]:
        lines.append({"left_out": MEAN, "tier": mean["tier"]} | _flat(mean))
    frame = pd.DataFrame(lines)
    counts = ["n", "n_real", "n_ai", "groups", "n_train", "dropped_kin"]
    return frame.astype(dict.fromkeys(counts, "Int64"))


def _flat(row: Mapping[str, Any]) -> dict[str, float | None]:
    flat: dict[str, float | None] = {}
    for prefix, block in (("", row), ("in_domain_", row["in_domain"])):
        for name in FIGURES:
            for side, ending in (("value", ""), ("low", "_low"), ("high", "_high")):
                flat[f"{prefix}{name}{ending}"] = block[name][side]
    return flat


def plain_table(content: Mapping[str, Any]) -> str:
    """For a terminal."""
    lines = []
    for row in [*content["rows"], *({"left_out": MEAN} | mean for mean in content["means"])]:
        cells = {title: figure(row[name]) for name, title in FIGURES.items()}
        lines.append({"left out": row["left_out"], "tier": row["tier"], **cells, "AUC in-domain": figure(row["in_domain"]["auc"])})  # fmt: skip
    return pd.DataFrame(lines).to_string(index=False)


def page_of(content: Mapping[str, Any]) -> str:
    """leave_one_source_out.md."""
    lines = ["# How it does on a source it has never seen", ""]
    lines += [escaped(sentence, 400) for sentence in content["sentences"]]
    lines += ["", "| left out | tier | real / AI | " + " | ".join(FIGURES.values()) + " | in-domain AUC | in-domain balanced accuracy |"]  # fmt: skip
    lines += ["|---" * (len(FIGURES) + 5) + "|"]
    for row in content["rows"]:
        lines.append(_line(escaped(row["left_out"], 80), row, f"{row['n_real']} / {row['n_ai']}"))
    lines += [_line(f"**{MEAN}**", mean, f"{mean['sources']} sources") for mean in content["means"]]
    lines += [
        "",
        f"Figures of the mean logit of {content['seeds']} network(s) a source, at the threshold frozen on images of the "
        "sources learnt from. Brackets: 95 % intervals, of a row by group, of the mean by Student's t over the sources "
        "left out (their trainings share images, so it is rather too narrow). In-domain: other images of the sources "
        "learnt from. No image, near-duplicate or group of a source left out was learnt from.",
    ]
    lines += ["", *(f"- {escaped(note, 400)}" for note in content["notes"])] if content["notes"] else []
    return "\n".join(lines) + "\n"


def _line(name: str, row: Mapping[str, Any], counts: str) -> str:
    cells = [figure(row[key]) for key in FIGURES]
    cells += [figure(row["in_domain"][key]) for key in ("auc", "balanced_accuracy")]
    return f"| {name} | {row['tier']} | {counts} | " + " | ".join(cells) + " |"
