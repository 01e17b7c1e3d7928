"""Results of leave-one-source-out: a row for each source left out and tier, the mean over sources, a summary in
sentences.

Intervals of a row: by group, as everywhere. The mean's interval: Student's t over the sources left out. Trainings that
leave out one source each share most of their images, so that interval is rather too narrow than too wide.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cgid.escape import escaped
from cgid.evaluate import operating_points
from cgid.evaluate.significance import corrected_t
from cgid.runs.model_card_limits import metric_text
from cgid.train.source_folds import Fold

METRICS = {
    "auc": "AUC",
    "balanced_accuracy": "balanced accuracy",
    "false_positive_rate": "real called AI",
    "false_negative_rate": "AI called real",
}
COUNTS = ("n", "n_real", "n_ai", "groups", "threshold")
MEAN = "mean over sources"


def rows(fold: Fold, result: Mapping[str, Any], tiers: Sequence[str]) -> list[dict[str, Any]]:
    """One row per tier. judged: {"frozen", "tables"}: the tables carry `images` (left_out or in_domain) and `tier`."""
    metrics = {}
    for table in result["tables"]:
        block = operating_points.metrics(result["frozen"], table)
        metrics[table["images"].iloc[0], table["tier"].iloc[0]] = {k: block[k] for k in (*COUNTS, *METRICS)}
    head = {"left_out": fold.title, "sources": list(fold.sources), "fold": fold.name, "dropped_kin": fold.related}
    head |= {"n_train": int((fold.rest["split"] == "train").sum())}
    return [
        head | {"tier": tier} | metrics["left_out", tier] | {"in_domain": metrics["in_domain", tier]} for tier in tiers
    ]


def means(rows: Sequence[Mapping[str, Any]], tiers: Sequence[str]) -> list[dict[str, Any]]:
    """One entry per tier: {"tier", "sources", FIGURES: {"value", "low", "high"}, "in_domain": the same}."""
    result = []
    for tier in tiers:
        tier_rows = [row for row in rows if row["tier"] == tier]
        in_domain = {name: _mean([row["in_domain"][name] for row in tier_rows]) for name in METRICS}
        unseen = {name: _mean([row[name] for row in tier_rows]) for name in METRICS}
        result.append({"tier": tier, "sources": len(tier_rows), **unseen, "in_domain": in_domain})
    return result


def _mean(blocks: Sequence[Mapping[str, Any]]) -> dict[str, float | None]:
    values = [block["value"] for block in blocks if block["value"] is not None]
    interval = corrected_t(np.array(values, dtype=float), 0.0)
    # Equal values at all sources (such as 1.0) have no variance to estimate an interval from; that is no certainty.
    low, high = interval["low"], interval["high"]
    known = low is not None and high is not None and low < high
    sides = {
        side: min(1.0, max(0.0, value)) if known and (value := interval[side]) is not None else None
        for side in ("low", "high")
    }
    return {"value": interval["mean"], **sides, "n": len(values)}


def repeated_sources(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """A sentence for each source that was left out more than once, since the mean counts it as often."""
    times = Counter(source for sources in {row["fold"]: row["sources"] for row in rows}.values() for source in sources)
    return [
        f"{source} was left out {n} times, each time together with another source; the mean counts it as often."
        for source, n in times.items()
        if n > 1
    ]


def sentences(content: Mapping[str, Any]) -> list[str]:
    """The means at the first tier, then the worst source."""
    first = content["means"][0]
    tier, n = first["tier"], first["sources"]
    lines = [
        f"On a source it has never seen ({tier} images, mean of {n} left out): AUC {metric_text(first['auc'])}, "
        f"balanced "
        f"accuracy {metric_text(first['balanced_accuracy'])}; balanced accuracy 0.5 is a coin toss."
    ]
    in_domain = first["in_domain"]
    lines.append(
        f"On other images of the sources it was trained on: AUC {metric_text(in_domain['auc'])}, balanced accuracy "
        f"{metric_text(in_domain['balanced_accuracy'])}."
    )
    tier_rows = [
        row for row in content["rows"] if row["tier"] == tier and row["false_positive_rate"]["value"] is not None
    ]
    if tier_rows:
        worst = max(tier_rows, key=lambda row: row["false_positive_rate"]["value"])
        lines.append(
            f"Highest false positive rate: {worst['left_out']}, "
            f"{metric_text(worst['false_positive_rate'], percent=True)} of {worst['n_real']} (false positive rate)."
        )
    if content["simulated"]:
        lines.insert(0, "Simulated demo data.")
    return lines


def table(content: Mapping[str, Any]) -> pd.DataFrame:
    """leave_one_source_out.csv: a line per source left out and tier, then the means; metrics with low and high."""
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
        for name in METRICS:
            for side, ending in (("value", ""), ("low", "_low"), ("high", "_high")):
                flat[f"{prefix}{name}{ending}"] = block[name][side]
    return flat


def plain_table(content: Mapping[str, Any]) -> str:
    """For a terminal."""
    lines = []
    for row in [*content["rows"], *({"left_out": MEAN} | mean for mean in content["means"])]:
        cells = {title: metric_text(row[name]) for name, title in METRICS.items()}
        lines.append({"left out": row["left_out"], "tier": row["tier"], **cells, "AUC in-domain": metric_text(row["in_domain"]["auc"])})  # fmt: skip
    return pd.DataFrame(lines).to_string(index=False)


def page_of(content: Mapping[str, Any]) -> str:
    """leave_one_source_out.md."""
    lines = ["# Performance on unseen sources", ""]
    lines += [escaped(sentence, 400) for sentence in content["sentences"]]
    lines += ["", "| left out | tier | real / AI | " + " | ".join(METRICS.values()) + " | in-domain AUC | in-domain balanced accuracy |"]  # fmt: skip
    lines += ["|---" * (len(METRICS) + 5) + "|"]
    for row in content["rows"]:
        lines.append(_line(escaped(row["left_out"], 80), row, f"{row['n_real']} / {row['n_ai']}"))
    lines += [_line(f"**{MEAN}**", mean, f"{mean['sources']} sources") for mean in content["means"]]
    lines += [
        "",
        f"Metrics of the mean logit of {content['seeds']} network(s) a source, at the threshold fitted on images of "
        "the training sources. Brackets: 95 % intervals, of a row by group, of the mean by Student's t over the sources "
        "left out (their trainings share images, so it is rather too narrow). In-domain: other images of the training "
        "sources. No image, near-duplicate or group of a source left out was used in training.",
    ]
    lines += ["", *(f"- {escaped(note, 400)}" for note in content["notes"])] if content["notes"] else []
    return "\n".join(lines) + "\n"


def _line(name: str, row: Mapping[str, Any], counts: str) -> str:
    cells = [metric_text(row[key]) for key in METRICS]
    cells += [metric_text(row["in_domain"][key]) for key in ("auc", "balanced_accuracy")]
    return f"| {name} | {row['tier']} | {counts} | " + " | ".join(cells) + " |"
