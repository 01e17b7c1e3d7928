"""Content credentials as sentences: validity and its failures, signer, declaration, actions and ingredients.

Source: C2PA Technical Specification 2.x, chapter "Actions", and its table of ingredient relationships.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import groupby
from typing import Any

from cgid.escape import plain
from cgid.metadata.content_credentials import Credentials
from cgid.metadata.digital_source_type import CAPTURE_TYPES, SOFTWARE_TYPES, SOURCE_TYPES, source_type

_MAX_NAME, _MAX_AGENT = 28, 12  # characters of names inside a sentence, so that the whole stays under 200

FAILURES = {
    "signature": "the signature does not match the signed content",
    "data_hash": "the image's bytes are not those that were signed",
    "assertion": "an assertion was changed or removed after signing",
}


def describe_failures(kinds: Collection[str]) -> str:
    """The failures of these kinds (keys of FAILURES), joined by *and*."""
    return " and ".join(text for kind, text in FAILURES.items() if kind in kinds)


def signer(credentials: Credentials) -> str:
    """The signer, and whether it can be verified here."""
    named = plain(credentials.issuer, _MAX_NAME) or "an unnamed signer"
    return f"{named}, who is on the trust list" if credentials.trusted else f"{named}, who cannot be verified here"


def declaration(credentials: Credentials) -> str:
    """The sentence for valid credentials that declare AI."""
    what = "AI generated it" if credentials.declares == "ai" else "AI generated parts of it"
    agent = next(iter(credentials.agents), "")
    # Next to the program's name, an agent's name that is too long is left out rather than truncated.
    second = "" if credentials.generator and len(agent) > _MAX_AGENT else plain(agent, _MAX_AGENT)
    maker = ", ".join(filter(None, (plain(credentials.generator, _MAX_NAME), second)))
    written = f"written by {maker}, " if maker else ""
    return f"Its content credentials match the image and state that {what} ({written}signed by {signer(credentials)})."


def ingredients_sentence(credentials: Credentials) -> str:
    """The sentence for broken credentials of an earlier version or of an ingredient."""
    if credentials.intact:
        return "The credentials of an earlier version or ingredient are broken; those of this file are not affected."
    return "The credentials of an earlier version or ingredient are broken or missing too."


def statements(credentials: Credentials | None) -> list[str]:
    """All other sentences on these credentials, most important first; without the declaration."""
    if credentials is None:
        return []
    if credentials.unreadable:
        return [f"Content credentials are present but cannot be read ({plain(credentials.unreadable, 120)})."]
    sentences = []
    if not credentials.intact:
        sentences.append(f"Its content credentials do not match the image: {describe_failures(credentials.kinds)}.")
        if credentials.declares:
            sentences.append("They declare AI, but statements of broken credentials do not count.")
    elif credentials.captured:
        sentences.append(
            f"Its content credentials match the image and state that a camera or scanner captured it "
            f"(signed by {signer(credentials)})."
        )
    elif credentials.software_created:
        sentences.append(
            f"Its content credentials match the image and state that software created it, not a camera or a trained AI "
            f"(signed by {signer(credentials)})."
        )
    elif not credentials.declares:
        sentences.append(
            f"Its content credentials match the image and declare no AI (signed by {signer(credentials)})."
        )
    if credentials.broken_ingredients:
        sentences.append(ingredients_sentence(credentials))
    if credentials.intact and credentials.expired:
        sentences.append("The signer's certificate has expired, which is no sign of tampering.")
    return sentences


MAX_CHARS = 80  # of a text of an action
ACTION_NAMES = {
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
    "orientation": "rotated or mirrored",
    "placed": "another image placed in it",
    "printed": "printed",
    "published": "published",
    "redacted": "an assertion redacted",
    "removed": "a placed image removed",
    "repackaged": "repackaged",
    "resized": "resized",
    "resized.proportional": "resized",
    "transcoded": "re-encoded",
    "translated": "translated",
    "trimmed": "trimmed",
    "unknown": "an action that is not named",
    "watermarked": "watermarked",
    "watermarked.bound": "watermarked",
    "watermarked.unbound": "watermarked",
}
RELATIONSHIPS = {"parentOf": "the image it was derived from", "componentOf": "placed in it", "inputTo": "input"}


def describe_action(action: dict[str, Any]) -> dict[str, str]:
    """{"action", "words", "by", "when", "source_type", "made_by", "note"} of one action, as plain, truncated text.

    made_by: origin by the digital source type: `ai`, `partly_ai`, `camera`, `software` or ``.
    """
    code, agent = plain(action.get("action", ""), MAX_CHARS), action.get("softwareAgent")
    kind = action.get("digitalSourceType")
    kind = source_type(kind) if isinstance(kind, str) else ""
    parameters = action.get("parameters")
    notes = [action.get("description"), parameters.get("name") if isinstance(parameters, dict) else None]
    return {
        "action": code,
        "words": ACTION_NAMES.get(code.removeprefix("c2pa."), code),
        "by": plain(_text(agent.get("name") if isinstance(agent, dict) else agent), MAX_CHARS),
        "when": plain(_text(action.get("when")), 32),
        "source_type": plain(kind, MAX_CHARS),
        "made_by": origin_of(kind),
        "note": plain(next(filter(None, map(_text, notes)), ""), MAX_CHARS),
    }


def merge_repeats(steps: list[str]) -> list[str]:
    """Consecutive equal actions merged into one, with their number."""
    runs = [(step, len(list(same))) for step, same in groupby(steps)]
    return [f"{step} ({times} times)" if times > 1 else step for step, times in runs]


def origin_of(kind: str) -> str:
    """`ai`, `partly_ai`, `camera`, `software`, or `` for any other digital source type."""
    return SOURCE_TYPES.get(kind) or (
        "camera" if kind in CAPTURE_TYPES else "software" if kind in SOFTWARE_TYPES else ""
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
