"""Names of strangers' files, fit for sentences, tables and alternative texts; and sizes in words."""

from __future__ import annotations

from pathlib import PurePath

from cgid.forensics.plain_text import plain

LONGEST = 90


def named(name: str, otherwise: str = "picture") -> str:
    """One line without control or direction characters, cut in its middle so that the extension stays."""
    flat = plain(PurePath(str(name)[-4000:].replace("\\", "/")).name, 4000)
    if len(flat) > LONGEST:
        flat = f"{flat[: LONGEST - 21]}…{flat[-20:]}"
    return flat or otherwise


def size(count: int) -> str:
    """Bytes as people read them."""
    if count < 1000:
        return f"{count} bytes"
    return f"{count / 1000:.0f} kB" if count < 999_500 else f"{count / 1e6:.1f} MB"
