"""What was done to a picture, in words: the actions that content credentials list, and how an ingredient was used.

Source: C2PA Technical Specification 2.x, chapter "Actions", and its table of ingredient relationships.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any

from cgid.features.parsers.source_types import CAPTURE_TYPES, SOFTWARE_TYPES, SOURCE_TYPES, source_type
from cgid.forensics.plain_text import plain

LONGEST = 80  # characters of any one text here
_WORDS = {
    "addedText": "text added",
    "adjustedColor": "colours adjusted",
    "changedSpeed": "speed changed",
    "color_adjustments": "colours adjusted",
    "converted": "saved in another format",
    "created": "created",
    "cropped": "cropped",
    "deleted": "parts deleted",
    "drawing": "drawn on",
    "dubbed": "dubbed",
    "edited": "edited",
    "edited.metadata": "metadata edited",
    "enhanced": "enhanced",
    "filtered": "filtered",
    "opened": "opened",
    "orientation": "turned or mirrored",
    "placed": "another picture placed in it",
    "printed": "printed",
    "published": "published",
    "redacted": "a statement blacked out",
    "removed": "a placed picture removed",
    "repackaged": "repackaged",
    "resized": "resized",
    "resized.proportional": "resized",
    "transcoded": "re-encoded",
    "translated": "translated",
    "trimmed": "trimmed",
    "unknown": "something done that is not named",
    "watermarked": "watermarked",
    "watermarked.bound": "watermarked",
    "watermarked.unbound": "watermarked",
}
RELATIONSHIPS = {"parentOf": "the picture it was made from", "componentOf": "placed in it", "inputTo": "given as input"}


def told(action: dict[str, Any]) -> dict[str, str]:
    """{"action", "words", "by", "when", "source_type", "made_by", "note"} of one action, all plain and cut.

    made_by: `ai`, `partly_ai`, `camera`, `software` or ``, by the digital source type.
    """
    code, agent = plain(action.get("action", ""), LONGEST), action.get("softwareAgent")
    kind = action.get("digitalSourceType")
    kind = source_type(kind) if isinstance(kind, str) else ""
    parameters = action.get("parameters")
    notes = [action.get("description"), parameters.get("name") if isinstance(parameters, dict) else None]
    return {
        "action": code,
        "words": _WORDS.get(code.removeprefix("c2pa."), code),
        "by": plain(_text(agent.get("name") if isinstance(agent, dict) else agent), LONGEST),
        "when": plain(_text(action.get("when")), 32),
        "source_type": plain(kind, LONGEST),
        "made_by": made_by(kind),
        "note": plain(next(filter(None, map(_text, notes)), ""), LONGEST),
    }


def counted(steps: list[str]) -> list[str]:
    """Steps that follow each other alike are told once, with how often."""
    runs = [(step, len(list(same))) for step, same in groupby(steps)]
    return [f"{step} ({times} times)" if times > 1 else step for step, times in runs]


def made_by(kind: str) -> str:
    """`ai`, `partly_ai`, `camera`, `software`, or `` where a digital source type says none of these."""
    return SOURCE_TYPES.get(kind) or (
        "camera" if kind in CAPTURE_TYPES else "software" if kind in SOFTWARE_TYPES else ""
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
