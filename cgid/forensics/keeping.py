"""What stays of a check, and how it is forgotten: the record in the database, the small picture beside it.

A record goes first and its picture after it: a crash between leaves a picture no record needs, which `sweep` takes away.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from cgid import db, db_analyses
from cgid.features.image import ImageFile
from cgid.forensics import thumbnails
from cgid.forensics.evidence.gather import gather, material_of
from cgid.forensics.versions import of_answer


def keep(found: dict[str, Any], picture: bytes | ImageFile | None = None) -> int:
    """Record an answer, and its small picture where one may be kept; the record's id.

    found: the object of `check --json`. Raises InputError or sqlalchemy's errors where the database cannot be written,
    OSError where the picture cannot; the record is kept then.
    """
    id = record(found, picture if isinstance(picture, ImageFile) else None)
    if picture is not None and found.get("verdict") != "unreadable":
        thumbnails.keep(str(found.get("sha256") or ""), picture, str(found.get("file") or ""))
    return id


def record(found: dict[str, Any], image: ImageFile | None = None) -> int:
    """Record an answer with all a report of it needs: what it was made by and, given the image, the evidence; its id."""
    more = {"versions": found.get("versions") or of_answer(found)}
    if image is not None and "evidence" not in found and found.get("verdict") != "unreadable":
        more["evidence"] = [asdict(piece) for piece in gather(material_of(image, found))]
    return db_analyses.record_analysis({**found, **more})


def forget(ids: Sequence[int] | None) -> int:
    """Delete records, None for all, and the pictures that no record needs any more; how many records there were."""
    gone, contents = db_analyses.delete_analyses(ids)
    _forget_unneeded(contents if ids is not None else thumbnails.all_kept())
    return gone


def sweep() -> int:
    """Take away the pictures that no record needs; how many."""
    return _forget_unneeded(thumbnails.all_kept())


def forget_pictures() -> int:
    """Take away every small picture; the records stay. How many there were."""
    return sum(thumbnails.forget(sha256) for sha256 in thumbnails.all_kept())


def _forget_unneeded(contents: Iterable[str]) -> int:
    """Nobody records meanwhile: a record that comes after finds no picture and keeps its own."""
    contents = sorted(contents)
    with db.writing() as connection:
        needed = db_analyses.recorded(connection, contents)
        return sum(thumbnails.forget(sha256) for sha256 in contents if sha256 not in needed)
