"""What stays of a check, and how it is forgotten: the record in the database, the small picture beside it.

A record goes first and its picture after it: a crash between leaves a picture no record needs, which `sweep` takes away.

Small pictures of analysed images, kept by content: what was uploaded is no file here, and people shall label it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cgid.db import engine
from cgid.errors import InputError
from cgid.files import atomic
from cgid.forensics.evidence.evidence import gather, material_of
from cgid.forensics.versions import of_answer
from cgid.imaging.image_file import ImageFile
from cgid.records import store
from cgid.settings import settings, stores_images

SIDE = 220  # px
MAX_REREAD_BYTES = 300_000_000  # of a file that is read to see whether it still is the picture of a record


def save_thumbnail(sha256: str, data: bytes | ImageFile, name: str) -> Path | None:
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


def delete_thumbnail(sha256: str) -> bool:
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


def keep(found: dict[str, Any], picture: bytes | ImageFile | None = None) -> int:
    """Record an answer, and its small picture where one may be kept; the record's id.

    found: the object of `check --json`. Raises InputError or sqlalchemy's errors where the database cannot be written,
    OSError where the picture cannot; the record is kept then.
    """
    id = record(found, picture if isinstance(picture, ImageFile) else None)
    if picture is not None and found.get("verdict") != "unreadable":
        save_thumbnail(str(found.get("sha256") or ""), picture, str(found.get("file") or ""))
    return id


def record(found: dict[str, Any], image: ImageFile | None = None) -> int:
    """Record an answer with all a report of it needs: what it was made by and, given the image, the evidence; its id."""
    more = {"versions": found.get("versions") or of_answer(found)}
    if image is not None and "evidence" not in found and found.get("verdict") != "unreadable":
        more["evidence"] = [asdict(piece) for piece in gather(material_of(image, found))]
    return store.record_analysis({**found, **more})


def forget(ids: Sequence[int] | None) -> int:
    """Delete records, None for all, and the pictures that no record needs any more; how many records there were."""
    gone, contents = store.delete_analyses(ids)
    _forget_unneeded(contents if ids is not None else all_kept())
    return gone


def sweep() -> int:
    """Take away the pictures that no record needs; how many."""
    return _forget_unneeded(all_kept())


def forget_pictures() -> int:
    """Take away every small picture; the records stay. How many there were."""
    return sum(delete_thumbnail(sha256) for sha256 in all_kept())


def _forget_unneeded(contents: Iterable[str]) -> int:
    """Nobody records meanwhile: a record that comes after finds no picture and keeps its own."""
    contents = sorted(contents)
    with engine.writing() as connection:
        needed = store.recorded(connection, contents)
        return sum(delete_thumbnail(sha256) for sha256 in contents if sha256 not in needed)
