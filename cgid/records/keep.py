"""Saved checks: the record in the database and a thumbnail by content, so that uploaded images can be labelled later.

When a check is deleted, the record goes first and the thumbnail second; `sweep` removes thumbnails left by a crash.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from cgid.db import engine
from cgid.errors import InputError
from cgid.files import atomic
from cgid.forensics.evidence.evidence import gather, material_of
from cgid.forensics.versions import versions_of
from cgid.imaging.image_file import ImageFile
from cgid.records import store
from cgid.settings import settings, stores_images

THUMBNAIL_SIDE = 220  # px
MAX_REREAD_BYTES = 300_000_000  # of a file that is read to verify that it is still the image of a record


def save_thumbnail(sha256: str, data: bytes | ImageFile, name: str) -> Path | None:
    """Write the thumbnail of an image unless it exists; None where the image cannot be read or thumbnails are disabled.

    data: the file's bytes, or the image already decoded.
    """
    from PIL import Image

    if not stores_images():
        return None
    path = _path(sha256)
    if path is None or path.is_file():
        return path
    try:
        image = data if isinstance(data, ImageFile) else ImageFile.from_bytes(data, name)
        picture = Image.fromarray(image.rgb)
    except InputError:
        return None
    picture.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    with atomic(path) as temporary:
        picture.convert("RGB").save(temporary, "WEBP", quality=80)
    return path


def thumbnail_path(sha256: str) -> Path | None:
    """Path of the thumbnail of this content; None where there is none."""
    path = _path(sha256)
    return path if path is not None and path.is_file() else None


def delete_thumbnail(sha256: str) -> bool:
    """Remove the thumbnail of this content; False where there was none. Raises OSError where it cannot be removed."""
    path = _path(sha256)
    if path is None or not path.is_file():
        return False
    path.unlink(missing_ok=True)
    return True


def all_thumbnails() -> list[str]:
    """The sha256 of every content that has a thumbnail."""
    return sorted(path.stem for path in _folder().glob("??/*.webp") if _path(path.stem) == path)


def has_thumbnails() -> bool:
    """Whether there is any thumbnail; fast even among many."""
    return any(_path(path.stem) == path for path in _folder().glob("??/*.webp"))


def _folder() -> Path:
    return settings().artifacts / "records" / "thumbnails"


def _path(sha256: str) -> Path | None:
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        return None
    return _folder() / sha256[:2] / f"{sha256}.webp"


def save_check(check: dict[str, Any], picture: bytes | ImageFile | None = None) -> int:
    """Save a check, with a thumbnail where allowed; the id of the record.

    check: the object of `check --json`. Raises InputError or sqlalchemy's errors where the database cannot be written,
    OSError where the thumbnail cannot; the record is stored in that case.
    """
    id = record_check(check, picture if isinstance(picture, ImageFile) else None)
    if picture is not None and check.get("verdict") != "unreadable":
        save_thumbnail(str(check.get("sha256") or ""), picture, str(check.get("file") or ""))
    return id


def record_check(check: dict[str, Any], image: ImageFile | None = None) -> int:
    """Store a check with all that a report needs: versions and, given the image, the evidence; the id of the record."""
    more = {"versions": check.get("versions") or versions_of(check)}
    if image is not None and "evidence" not in check and check.get("verdict") != "unreadable":
        more["evidence"] = [item.to_json() for item in gather(material_of(image, check))]
    return store.record_analysis({**check, **more})


def delete_records(ids: Sequence[int] | None) -> int:
    """Delete records (None: all) and the thumbnails that no record needs any more; the number of records deleted."""
    deleted, contents = store.delete_analyses(ids)
    _delete_unneeded(contents if ids is not None else all_thumbnails())
    return deleted


def sweep() -> int:
    """Delete the thumbnails that no record needs; their number."""
    return _delete_unneeded(all_thumbnails())


def delete_thumbnails() -> int:
    """Delete every thumbnail and leave the records; the number of thumbnails."""
    return sum(delete_thumbnail(sha256) for sha256 in all_thumbnails())


def _delete_unneeded(contents: Iterable[str]) -> int:
    """Holds the write lock, so that no record is added meanwhile; a later one writes its own thumbnail."""
    contents = sorted(contents)
    with engine.writing() as connection:
        needed = store.contents_with_records(connection, contents)
        return sum(delete_thumbnail(sha256) for sha256 in contents if sha256 not in needed)
