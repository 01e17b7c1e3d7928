"""The comparison of two runs in plain sentences and as a page to hand on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cgid.forensics.plain_text import plain
from cgid.models.markdown import escaped
from cgid.runs.run import Run

FIGURES = {
    "auc": "AUC (bootstrap)",
    "balanced_accuracy": "Balanced accuracy",
    "accuracy": "Accuracy",
    "specificity": "Real photos left alone",
    "recall": "AI images caught",
}
KINDS = {"model_a": "Model A", "model_b": "Model B"}


def name_of(run: Run) -> str:
    """`Model A demo`: ids of the two kinds may be the same. Folder names are foreign text: nothing that acts."""
    return f"{KINDS[run.kind]} {plain(run.id, 60)}"


def verdict(content: Mapping[str, Any]) -> str:
    """Which is better, by how much, and whether chance explains it, in one sentence; brackets: 95 % interval.

    `More than chance` needs both intervals of the AUC's difference, DeLong's and the bootstrap's, to leave out zero:
    with few groups the two can part, and then nothing is shown.
    """
    a, b, n = content["a"]["name"], content["b"]["name"], content["n"]
    auc, boot = content["auc"], content["bootstrap"]["auc"]
    value, low, high = auc["difference"], auc["low"], auc["high"]
    if value is None:
        return f"Which of the two ranks better cannot be said: the {n} common images are too few or of one class."
    if low is None or (content["draws"] and boot["low"] is None):
        return f"{a} and {b} differ by {abs(value):.3f} AUC on {n} images; too few sources to say how sure that is."
    if value == low == high == 0:
        return f"{a} and {b} order the {n} common images equally well."
    better, worse = (b, a) if value > 0 else (a, b)
    sides = [(low, high)] + ([(boot["low"], boot["high"])] if content["draws"] else [])
    holding = next((side for side in sides if side[0] <= 0 <= side[1]), None)
    if holding is None:
        ends = sorted((abs(low), abs(high)))
        return f"{better} is better than {worse} by {abs(value):.3f} AUC ({ends[0]:.3f} to {ends[1]:.3f}); more than chance."  # fmt: skip
    low, high = holding if value > 0 else (-holding[1], -holding[0])
    ahead = f"{better} is ahead of {worse} by {abs(value):.3f}"
    return f"No difference in AUC is shown: {ahead}, but chance alone could do that ({low:+.3f} to {high:+.3f})."


def at_thresholds(content: Mapping[str, Any]) -> str:
    """What the frozen thresholds add, where it is more than chance: AUC alone does not see a threshold that is off."""
    found = content["bootstrap"]["balanced_accuracy"]
    value, low, high = (found[k] for k in ("difference", "low", "high"))
    if low is None or low <= 0 <= high:
        return ""
    better, ends = content["b" if value > 0 else "a"]["name"], sorted((abs(low), abs(high)))
    return (
        f"Each at its own threshold, {better} has the higher balanced accuracy, by {abs(value):.3f} "
        f"({ends[0]:.3f} to {ends[1]:.3f})."
    )


def rows(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """{"figure", "difference", "low", "high"} per figure that is defined, second run minus first; AUC by DeLong first."""
    blocks = {"AUC (DeLong)": content["auc"]} | {FIGURES[k]: content["bootstrap"][k] for k in FIGURES}
    sides = ("difference", "low", "high")
    return [{"figure": n} | {k: b[k] for k in sides} for n, b in blocks.items() if b["difference"] is not None]


def mcnemar_words(content: Mapping[str, Any]) -> str:
    found = content["mcnemar"]
    how = "exact" if found["exact"] else "with continuity correction"
    a, b = content["a"]["name"], content["b"]["name"]
    return (
        f"Only {a} is right on {found['only_a_right']} images, only {b} on {found['only_b_right']} "
        f"(McNemar, {how}, images taken as independent: {p_words(found['p'])})."
    )


def p_words(p: float | None) -> str:
    if p is None:
        return "p not defined"
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def page_of(content: Mapping[str, Any]) -> str:
    """comparison.md."""
    a, b = (escaped(content[side]["name"]) for side in "ab")
    lines = [f"# {b} against {a}", "", escaped(f"{content['verdict']} {content['at_thresholds']}".strip()), ""]
    lines += [f"{content['n']} images both have judged ({content['n_real']} real, {content['n_ai']} AI) of"]
    lines += [
        f"{content['groups']} independent sources, split {escaped(content['split'])}. Each run answers at its own"
    ]
    lines += [f"frozen threshold: {content['a']['threshold']:.3f} and {content['b']['threshold']:.3f}."]
    lines += ["", f"| {b} minus {a} | difference | 95 % interval |", "|---|---|---|"]
    for row in rows(content):
        between = "–" if row["low"] is None else f"{row['low']:+.3f} to {row['high']:+.3f}"
        lines.append(f"| {row['figure']} | {row['difference']:+.3f} | {between} |")
    lines += ["", escaped(mcnemar_words(content)), "", "| images | both right | only the first wrong | only the second wrong | both wrong |"]  # fmt: skip
    lines += ["|---|---|---|---|---|"]
    for part in ("real", "ai", "all"):
        cells = (content["agreement"][part][k] for k in ("both_right", "only_a_wrong", "only_b_wrong", "both_wrong"))
        lines.append(f"| {part} | " + " | ".join(map(str, cells)) + " |")
    lines += [line for warning in content["warnings"] for line in ("", f"**Beware:** {escaped(warning)}")]
    return "\n".join(lines) + "\n"
