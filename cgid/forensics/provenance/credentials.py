"""Content credentials told to people: what fits, what does not and of which kind, who signed, what is declared.

What was done to a picture, in words: the actions that content credentials list, and how an ingredient was used.

Source: C2PA Technical Specification 2.x, chapter "Actions", and its table of ingredient relationships.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import groupby
from typing import Any

from cgid.escape import plain
from cgid.metadata.content_credentials import Credentials
from cgid.metadata.digital_source_type import CAPTURE_TYPES, SOFTWARE_TYPES, SOURCE_TYPES, source_type

_NAME, _AGENT = 28, 12  # characters of names inside a sentence, so that the whole stays under 200

KINDS = {
    "signature": "the signature does not fit what was signed",
    "data_hash": "the picture's bytes are not those that were signed",
    "assertion": "a statement was changed or is gone since it was signed",
}


def reasons(kinds: Collection[str]) -> str:
    """What does not fit, of KINDS, in words joined by *and*."""
    return " and ".join(words for kind, words in KINDS.items() if kind in kinds)


def signer(credentials: Credentials) -> str:
    """Who signed, and whether that can be verified here."""
    named = plain(credentials.issuer, _NAME) or "an unnamed signer"
    return f"{named}, who is on the trust list" if credentials.trusted else f"{named}, who cannot be verified here"


def declaration(credentials: Credentials) -> str:
    """The sentence on credentials that fit and declare AI."""
    what = "AI made it" if credentials.declares == "ai" else "AI made parts of it"
    agent = next(iter(credentials.agents), "")
    # Beside the program's name a name that does not fit is left out: half a word tells nobody anything.
    second = "" if credentials.generator and len(agent) > _AGENT else plain(agent, _AGENT)
    maker = ", ".join(filter(None, (plain(credentials.generator, _NAME), second)))
    written = f"written by {maker}, " if maker else ""
    return f"Its content credentials fit the picture and say that {what} ({written}signed by {signer(credentials)})."


def ingredients(credentials: Credentials) -> str:
    """The sentence where the credentials of an earlier version or of an ingredient are broken."""
    if credentials.intact:
        return (
            "The credentials of an earlier version or ingredient kept inside are broken; that is no error of this file."
        )
    return "The credentials of an earlier version or ingredient kept inside are broken or missing too."


def about(credentials: Credentials | None) -> list[str]:
    """What else there is to say, most important first; without the declaration."""
    if credentials is None:
        return []
    if credentials.unreadable:
        return [f"Content credentials are there and cannot be read ({plain(credentials.unreadable, 120)})."]
    words = []
    if not credentials.intact:
        words.append(f"Its content credentials do not fit the picture: {reasons(credentials.kinds)}.")
        if credentials.declares:
            words.append("They name AI as a source, but what broken credentials say does not count.")
    elif credentials.captured:
        words.append(
            f"Its content credentials fit the picture and say that a camera or scanner took it "
            f"(signed by {signer(credentials)})."
        )
    elif credentials.software_made:
        words.append(
            f"Its content credentials fit the picture and say that software made it, not a camera and no trained AI "
            f"(signed by {signer(credentials)})."
        )
    elif not credentials.declares:
        words.append(f"Its content credentials fit the picture and name no AI (signed by {signer(credentials)}).")
    if credentials.broken_ingredients:
        words.append(ingredients(credentials))
    if credentials.intact and credentials.expired:
        words.append("The signer's certificate has run out, which is no sign of tampering.")
    return words


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
