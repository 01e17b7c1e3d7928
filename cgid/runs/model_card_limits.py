"""What a run must not be trusted with, in plain words, read from its own figures; false accusations come first.

What a model card says of a run once its images have been through the web.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cgid.escape import escaped
from cgid.schema import external_name

FEW = 100  # independent sources; below that an interval of a share is wider than about 10 points either way
FALL = 0.02  # of AUC from own to other data that is worth a sentence


def limits(manifest: Mapping[str, Any], frozen: Mapping[str, Any], exported: Mapping[str, Any]) -> list[str]:
    """Sentences in Markdown without line breaks. exported: exports/metrics_summary.json, {} where there is none."""
    metrics = manifest.get("metrics") or {}
    own = metrics.get("test") or {}
    external = [b for b in metrics.get("external") or [] if isinstance(b, Mapping)]
    said = [_accused("its own test images", own)] + [
        _accused(escaped(b.get("name", "other data"), 60), b) for b in external
    ]
    said += [_band(frozen), _missed(own), *_elsewhere(own, external), *_weakest(exported), _few(own)]
    said += _members(metrics)
    said += [escaped(w) for w in manifest.get("warnings") or []]
    said += [
        "Figures hold for images such as these. What messengers and web sites do to an image (smaller, compressed again) "
        "is not in them unless the data held it: `cgid robustness` measures it.",
        "A score is a hint, no proof, and never the only ground for accusing anybody.",
    ]
    return [line for line in said if line]


def figure(block: Any, percent: bool = False) -> str:
    """{"value", "low", "high"} as `0.912 [0.880, 0.940]`, or in whole percent; a dash where undefined."""
    if not isinstance(block, Mapping) or block.get("value") is None:
        return "–"
    value, low, high = (block.get(k) for k in ("value", "low", "high"))
    if percent:
        return f"{value:.0%}" if low is None else f"{value:.0%} [{low:.0%} to {high:.0%}]"
    return f"{value:.3f}" if low is None else f"{value:.3f} [{low:.3f}, {high:.3f}]"


def _accused(where: str, block: Mapping[str, Any]) -> str:
    rate = block.get("false_positive_rate") or {}
    if rate.get("value") is None:
        return f"**False accusations** on {where}: not measured, no real photographs there."
    return f"**False accusations:** on {where} {figure(rate, percent=True)} of {block.get('n_real')} real photographs are called AI."  # fmt: skip


def _band(frozen: Mapping[str, Any]) -> str:
    rates = frozen.get("error_rates") or {}
    wrong, open_ = rates.get("likely_ai_wrong") or {}, rates.get("inconclusive_real") or {}
    if wrong.get("value") is None:
        return ""
    return (
        f"With the inconclusive band, `likely AI` is said of {figure(wrong, percent=True)} of real photographs, and "
        f"{figure(open_, percent=True)} of them stay inconclusive."
    )


def _missed(own: Mapping[str, Any]) -> str:
    rate = own.get("false_negative_rate") or {}
    return "" if rate.get("value") is None else f"Missed: {figure(rate, percent=True)} of its own test's AI images pass as real."  # fmt: skip


def _elsewhere(own: Mapping[str, Any], external: list[Mapping[str, Any]]) -> list[str]:
    if not external:
        return ["Not measured on any other data set: expect worse there, above all on generators it has not seen."]
    said, mine = [], (own.get("auc") or {}).get("value")
    for block in external:
        theirs = (block.get("auc") or {}).get("value")
        if mine is not None and theirs is not None and mine - theirs > FALL:
            said.append(
                f"AUC falls from {mine:.3f} on its own test to {theirs:.3f} on {escaped(block.get('name'), 60)}."
            )
    return said


def _weakest(exported: Mapping[str, Any]) -> list[str]:
    """The generator, or the real photographs, it judges worst in its own test."""
    parts = (((exported.get("splits") or {}).get("test") or {}).get("by_generator")) or []
    if len(parts) < 2:
        return []
    worst = parts[0]
    name = "real photographs" if worst.get("name") == "(real)" else escaped(worst.get("name"), 60)
    return [
        f"Weakest in its own test: {name}, {figure(worst.get('accuracy'), percent=True)} right of {worst.get('n')}."
    ]


def _few(own: Mapping[str, Any]) -> str:
    groups = own.get("groups")
    if not isinstance(groups, int) or groups >= FEW:
        return ""
    return f"The test holds {groups} independent sources only: the intervals are wide, take them seriously."


def _members(metrics: Mapping[str, Any]) -> list[str]:
    """Of an average of runs: how far its networks part, which says how much one training alone is worth."""
    held = metrics.get("members") or {}
    words = []
    for split, of in (held.get("spread") or {}).items():
        where = "its own test" if split == "test" else escaped(external_name(split) or split, 60)
        words.append(f"from AUC {of['lowest']:.3f} to {of['highest']:.3f} on {where}")
    if not words:
        return []
    return [f"An average of {len(held.get('runs') or [])} trainings: one seed ranged {', '.join(words)}."]


SHOWN = {"auc": "AUC", "false_positive_rate": "real called AI", "false_negative_rate": "AI called real"}


def section(content: Mapping[str, Any]) -> list[str]:
    """Markdown lines, a heading first; none where robustness was not measured. content: as `robustness_found.measured`."""
    if not content:
        return []
    lines = ["", "## What is left after the web (95 % intervals in brackets)", ""]
    lines += [f"On {escaped(content.get('images', 'images not named'))}, the same in every state.", ""]
    lines += ["| images | n | " + " | ".join(SHOWN.values()) + " |", "|---" * (len(SHOWN) + 2) + "|"]
    for point in content["points"]:
        if point["tier"]:
            cells = " | ".join(figure(point[key]) for key in SHOWN)
            lines.append(f"| {escaped(point['title'])} | {point['n']} | {cells} |")
    curves = content["sentences"][-len(content["degradations"]) :] if content["degradations"] else []
    return [*lines, "", *(f"- {escaped(sentence)}" for sentence in curves)]
