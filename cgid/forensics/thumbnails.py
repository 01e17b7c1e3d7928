"""Small pictures of analysed images, kept by content: what was uploaded is no file here, and people shall label it."""

from __future__ import annotations

import re
from pathlib import Path

from cgid.errors import InputError
from cgid.features.image import ImageFile
from cgid.files import atomic
from cgid.preferences import stores_images
from cgid.settings import settings

SIDE = 220  # px
MAX_REREAD_BYTES = 300_000_000  # of a file that is read to see whether it still is the picture of a record


def keep(sha256: str, data: bytes | ImageFile, name: str) -> Path | None:
    """Write the thumbnail of an image file's content where there is none yet; None where it cannot be read, and where
    nothing of a picture shall be kept. data: the file, or what is decoded already."""
    from PIL import Image

    if not stores_images():
        return None
    path = _place(sha256)
    if path is None or path.is_file():
        return path
    try:
        image = data if isinstance(data, ImageFile) else ImageFile.from_bytes(data, name)
        picture = Image.fromarray(image.rgb)
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


def forget(sha256: str) -> bool:
    """Remove the thumbnail of this content; False where there was none. Raises OSError where it cannot be removed."""
    path = _place(sha256)
    if path is None or not path.is_file():
        return False
    path.unlink(missing_ok=True)
    return True


def all_kept() -> list[str]:
    """The sha256 of every content of which a thumbnail lies here."""
    return sorted(path.stem for path in _folder().glob("??/*.webp") if _place(path.stem) == path)


def any_kept() -> bool:
    """Whether there is a thumbnail at all; quick among many."""
    return any(_place(path.stem) == path for path in _folder().glob("??/*.webp"))


def _folder() -> Path:
    return settings().artifacts / "records" / "thumbnails"


def _place(sha256: str) -> Path | None:
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        return None
    return _folder() / sha256[:2] / f"{sha256}.webp"
