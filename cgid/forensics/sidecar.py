"""Content credentials in a file of their own beside the picture: `photo.jpg` and `photo.c2pa`.

Source: C2PA Technical Specification 2.x, "External manifests". Credentials inside the picture come first.
"""

from __future__ import annotations

from pathlib import Path

from cgid.features.image import ImageFile
from cgid.features.parsers import content_credentials

MOST_BYTES = 16 * 1024 * 1024
SUFFIX = ".c2pa"


def name(image: ImageFile) -> str:
    """The file beside it that its credentials were read from; empty where there is none. Use `image.once(name)`."""
    return ""


def beside(path: Path) -> Path | None:
    """`photo.c2pa` or `photo.jpg.c2pa` beside `photo.jpg`; None where there is neither or it is too long."""
    for there in (path.with_suffix(SUFFIX), path.with_name(path.name + SUFFIX)):
        try:
            if there != path and there.is_file() and 0 < there.stat().st_size <= MOST_BYTES:
                return there
        except (OSError, ValueError):
            continue
    return None


def opened(path: Path) -> ImageFile:
    """The image, with the credentials beside it where it has none of its own. Raises UnreadableImage, and InputError
    on a bad trust list."""
    image = ImageFile.open(path)
    there = beside(path)
    if there is None or image.once(content_credentials.store) is not None:
        return image
    try:
        found = content_credentials.store_in(there.read_bytes(), image)
    except OSError:
        return image
    if found is not None:
        image.give(content_credentials.store, found)
        image.give(name, there.name)
    return image
