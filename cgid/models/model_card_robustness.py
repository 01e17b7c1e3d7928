"""What a model card says of a run once its images have been through the web."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cgid.models.markdown import escaped
from cgid.models.model_card_limits import figure

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
