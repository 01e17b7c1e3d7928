"""Content credentials told to people: what fits, what does not and of which kind, who signed, what is declared."""

from __future__ import annotations

from collections.abc import Collection

from cgid.features.parsers.content_credentials import Credentials
from cgid.forensics.plain_text import plain

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
