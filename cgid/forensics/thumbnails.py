"""Small pictures of analysed images, kept by content: what was uploaded is no file here, and people shall label it."""

from __future__ import annotations

import re
from pathlib import Path

from cgid.errors import InputError
from cgid.features.image import ImageFile
from cgid.files import atomic
from cgid.settings import settings

SIDE = 220  # px


def keep(sha256: str, data: bytes, name: str) -> Path | None:
    """Write the thumbnail of an image file's content where there is none yet; None where it cannot be read."""
    from PIL import Image

    path = _place(sha256)
    if path is None or path.is_file():
        return path
    try:
        picture = Image.fromarray(ImageFile.from_bytes(data, name).rgb)
    except InputError:
        return None
    picture.thumbnail((SIDE, SIDE))
    with atomic(path) as temporary:
        picture.convert("RGB").save(temporary, "WEBP", quality=80)
    return path


def kept(sha256: str) -> Path | None:
    """Where the thumbnail of this content lies; None where there is none."""
    path = _place(sha256)
    return path if path is not None and path.is_file() else None


def _place(sha256: str) -> Path | None:
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        return None
    return settings().artifacts / "records" / "thumbnails" / sha256[:2] / f"{sha256}.webp"
