"""The limitations of a run, derived from its own metrics for the model card; false positives come first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cgid.escape import escaped
from cgid.schema import external_name

FEW_SOURCES = (
    100  # independent sources; below that an interval of a proportion is wider than about 10 points either way
)
MIN_AUC_DROP = 0.02  # of AUC from the test split to external data that is reported


def limits(manifest: Mapping[str, Any], thresholds: Mapping[str, Any], exported: Mapping[str, Any]) -> list[str]:
    """The limitations, as sentences in Markdown without line breaks. exported: exports/metrics_summary.json, {}
    where there is none."""
    metrics = manifest.get("metrics") or {}
    own = metrics.get("test") or {}
    external = [b for b in metrics.get("external") or [] if isinstance(b, Mapping)]
    sentences = [_false_positives("its own test images", own)] + [
        _false_positives(escaped(b.get("name", "other data"), 60), b) for b in external
    ]
    sentences += [
        _inconclusive(thresholds),
        _false_negatives(own),
        *_external(own, external),
        *_weakest(exported),
        _few_sources(own),
    ]
    sentences += _members(metrics)
    sentences += [escaped(w) for w in manifest.get("warnings") or []]
    sentences += [
        "The metrics hold for images such as these. What messengers and web sites do to an image (resizing, "
        "recompression) "
        "is not included unless the data contain it: `cgid robustness` measures it.",
        "A score is an indication, not proof, and never sufficient grounds for an accusation.",
    ]
    return [line for line in sentences if line]


def metric_text(block: Any, percent: bool = False) -> str:
    """{"value", "low", "high"} as `0.912 [0.880, 0.940]`, or in whole percent; a dash where undefined."""
    if not isinstance(block, Mapping) or block.get("value") is None:
        return "–"
    value, low, high = (block.get(k) for k in ("value", "low", "high"))
    if percent:
        return f"{value:.0%}" if low is None else f"{value:.0%} [{low:.0%} to {high:.0%}]"
    return f"{value:.3f}" if low is None else f"{value:.3f} [{low:.3f}, {high:.3f}]"


def _false_positives(where: str, block: Mapping[str, Any]) -> str:
    rate = block.get("false_positive_rate") or {}
    if rate.get("value") is None:
        return f"**False accusations** on {where}: not measured, no real photos there."
    return f"**False accusations:** on {where} {metric_text(rate, percent=True)} of {block.get('n_real')} real photos are classified as AI."  # fmt: skip


def _inconclusive(thresholds: Mapping[str, Any]) -> str:
    rates = thresholds.get("error_rates") or {}
    false_positives, inconclusive = rates.get("likely_ai_wrong") or {}, rates.get("inconclusive_real") or {}
    if false_positives.get("value") is None:
        return ""
    return (
        f"With the inconclusive range, `likely AI` is reported for {metric_text(false_positives, percent=True)} of "
        f"real photos, and "
        f"{metric_text(inconclusive, percent=True)} of them stay inconclusive."
    )


def _false_negatives(own: Mapping[str, Any]) -> str:
    rate = own.get("false_negative_rate") or {}
    return "" if rate.get("value") is None else f"Missed: {metric_text(rate, percent=True)} of its own test's AI images are classified as real."  # fmt: skip


def _external(own: Mapping[str, Any], external: list[Mapping[str, Any]]) -> list[str]:
    if not external:
        return ["Not measured on any external data: expect a lower performance there, above all on unseen generators."]
    sentences, own_auc = [], (own.get("auc") or {}).get("value")
    for block in external:
        external_auc = (block.get("auc") or {}).get("value")
        if own_auc is not None and external_auc is not None and own_auc - external_auc > MIN_AUC_DROP:
            sentences.append(
                f"AUC falls from {own_auc:.3f} on its own test split to {external_auc:.3f} on "
                f"{escaped(block.get('name'), 60)}."
            )
    return sentences


def _weakest(exported: Mapping[str, Any]) -> list[str]:
    """The generator, or the real photos, with the lowest accuracy in its own test split."""
    parts = (((exported.get("splits") or {}).get("test") or {}).get("by_generator")) or []
    if len(parts) < 2:
        return []
    worst = parts[0]
    name = "real photographs" if worst.get("name") == "(real)" else escaped(worst.get("name"), 60)
    return [
        f"Weakest in its own test split: {name}, {metric_text(worst.get('accuracy'), percent=True)} right of "
        f"{worst.get('n')}."
    ]


def _few_sources(own: Mapping[str, Any]) -> str:
    groups = own.get("groups")
    if not isinstance(groups, int) or groups >= FEW_SOURCES:
        return ""
    return f"The test holds {groups} independent sources only: the intervals are wide."


def _members(metrics: Mapping[str, Any]) -> list[str]:
    """Of an ensemble: the range of its members' AUC."""
    members = metrics.get("members") or {}
    ranges = []
    for split, of in (members.get("spread") or {}).items():
        where = "its own test split" if split == "test" else escaped(external_name(split) or split, 60)
        ranges.append(f"from AUC {of['lowest']:.3f} to {of['highest']:.3f} on {where}")
    if not ranges:
        return []
    return [f"An ensemble of {len(members.get('runs') or [])} trainings: single seeds ranged {', '.join(ranges)}."]


SHOWN_METRICS = {"auc": "AUC", "false_positive_rate": "real called AI", "false_negative_rate": "AI called real"}


def robustness_section(content: Mapping[str, Any]) -> list[str]:
    """Markdown lines, a heading first; none where robustness was not measured. content: as of `read_robustness`."""
    if not content:
        return []
    lines = ["", "## After recompression and resizing (95 % intervals in brackets)", ""]
    lines += [f"On {escaped(content.get('images', 'images not named'))}, the same under every condition.", ""]
    lines += ["| images | n | " + " | ".join(SHOWN_METRICS.values()) + " |", "|---" * (len(SHOWN_METRICS) + 2) + "|"]
    for point in content["points"]:
        if point["tier"]:
            cells = " | ".join(metric_text(point[key]) for key in SHOWN_METRICS)
            lines.append(f"| {escaped(point['title'])} | {point['n']} | {cells} |")
    curves = content["sentences"][-len(content["degradations"]) :] if content["degradations"] else []
    return [*lines, "", *(f"- {escaped(sentence)}" for sentence in curves)]
