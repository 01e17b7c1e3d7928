"""Has this program met this very file before: among its records of checks, or in the lists of its data sets?"""

from __future__ import annotations

from dataclasses import dataclass

from cgid.settings import settings

MOST_BYTES = 64 * 1024 * 1024  # of all lists together that are looked through
MOST_RECORDS = 20


@dataclass(frozen=True, slots=True)
class Seen:
    """where: `check` or `data set`. name: the record's file or the list's path. when: seconds since 1970, or None."""

    where: str
    name: str
    when: float | None = None
    detail: str = ""


def in_records(sha256: str) -> list[Seen]:
    """Earlier checks, newest first. Raises InputError where the database cannot be used."""
    from cgid.db_analyses import history

    rows = history(sha256)[:MOST_RECORDS]
    return [Seen("check", row["file"], row["created"], row["verdict"]) for row in rows]


def in_data(sha256: str) -> list[Seen]:
    """Manifests that name the file's sha256. Lists beyond 64 MiB together are not looked through."""
    folder, left, found = settings().manifests, MOST_BYTES, []
    wanted = sha256.lower().encode()
    for path in sorted(folder.rglob("*.csv")) if folder.is_dir() else []:
        try:
            size = path.stat().st_size
            if size > left:
                continue
            left -= size
            if wanted in path.read_bytes():
                found.append(Seen("data set", path.relative_to(folder).as_posix()))
        except OSError:  # a list that vanishes or cannot be read says nothing
            continue
    return found
