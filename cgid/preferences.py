"""What the people of this home want kept: a small file of choices, which the environment may overrule."""

from __future__ import annotations

import os
from pathlib import Path

from cgid.files import read_json, write_json
from cgid.settings import settings

NEVER, SMALL = "never", "small"
VARIABLE = "CGID_STORE_IMAGES"  # `never` or `small`


def stores_images() -> bool:
    """Whether a small copy of a checked picture may be kept. What cannot be understood counts as a no."""
    if forced():
        return _said() == SMALL
    try:
        chosen = read_json(_file()).get("store_images", SMALL)
    except FileNotFoundError:
        return True
    except (OSError, ValueError, AttributeError):  # damaged: somebody chose something, and it may have been never
        return False
    return chosen == SMALL


def forced() -> bool:
    """Whether the environment decides, so that a choice in a page changes nothing."""
    return bool(_said())


def store_images(allowed: bool) -> None:
    """Choose for this home, from now on. Other choices in the file stay."""
    try:
        kept = dict(read_json(_file()))
    except (OSError, ValueError, TypeError):
        kept = {}
    write_json(_file(), {**kept, "store_images": SMALL if allowed else NEVER})


def _said() -> str:
    return os.environ.get(VARIABLE, "").strip().casefold()


def _file() -> Path:
    return settings().artifacts / "preferences.json"
