"""Records of analysed images: kept, searched, noted, deleted. The listing reads no answers, however many there are.

Has this program met this very file before: among its records of checks, or in the lists of its data sets?
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from cgid.db.engine import analyses_table, clean, reading, writing
from cgid.db.upgrade import searchable
from cgid.files import plain
from cgid.settings import settings

LONGEST_NOTE = 2000  # characters
LONGEST_SEARCH = 200
TOGETHER = 500  # ids in one statement; databases have limits
t = analyses_table.c
HEAD = (t.id, t.created, t.file, t.sha256, t.verdict, t.probability_ai, t.note)  # a record without its answer


@dataclass(frozen=True, slots=True)
class Search:
    """text: in the file's name or note, any case, or the beginning of a sha256. verdicts: any of these; all by default.
    since, until: seconds since 1970; until is not included. newest_only: of each content its newest record alone."""

    text: str = ""
    verdicts: tuple[str, ...] = ()
    since: float | None = None
    until: float | None = None
    newest_only: bool = False


def record_analysis(check: dict[str, Any]) -> int:
    """Keep what `cgid check` said about an image (the object of `check --json`); the record's id."""
    check = plain(check)
    file = clean(str(check.get("file") or ""))
    row = {
        "created": time.time(),
        "file": file,
        "sha256": str(check.get("sha256") or ""),
        "verdict": str(check.get("verdict") or "unreadable"),
        "probability_ai": check.get("probability_ai"),
        "check": json.dumps(check),
        "note": "",
        "words": searchable(file, ""),
    }
    with writing() as connection:
        return int(connection.execute(sa.insert(analyses_table).values(row)).inserted_primary_key[0])


def analyses(
    *, limit: int | None = None, verdict: str | None = None, sha256: str | None = None, id: int | None = None
) -> list[dict[str, Any]]:
    """Whole records, newest first: id, created, file, sha256, verdict, probability_ai, note, check (the object)."""
    query = sa.select(*HEAD, t.check).order_by(t.id.desc()).limit(limit)
    for column, value in ((t.verdict, verdict), (t.sha256, sha256), (t.id, id)):
        if value is not None:
            query = query.where(column == value)
    with reading() as connection:
        rows = connection.execute(query).mappings().all()
    return [{**row, "check": json.loads(row["check"])} for row in rows]


def listed(search: Search = Search(), limit: int = 25, offset: int = 0) -> list[dict[str, Any]]:
    """Records without their answers, newest first; `times` tells how many records their content has."""
    order = (t.created.desc(), t.id.desc())
    page = _found(sa.select(t.id), search).order_by(*order).limit(limit).offset(offset)
    rows: list[dict[str, Any]] = []
    with reading() as connection:
        ids = list(connection.execute(page).scalars())
        for first in range(0, len(ids), TOGETHER):
            these = sa.select(*HEAD).where(t.id.in_(ids[first : first + TOGETHER])).order_by(*order)
            some = connection.execute(these).mappings().all()
            held = {row["sha256"] for row in some} - {""}
            counts = sa.select(t.sha256, sa.func.count()).where(t.sha256.in_(held)).group_by(t.sha256)
            times = dict(connection.execute(counts).tuples().all())
            rows += [{**row, "times": times.get(row["sha256"], 1)} for row in some]
    return rows


def counted(search: Search = Search()) -> int:
    """How many records a search finds."""
    with reading() as connection:
        return int(connection.execute(_found(sa.select(sa.func.count()), search)).scalar_one())


def found_ids(search: Search) -> list[int]:
    """Every record a search finds, newest first."""
    with reading() as connection:
        return list(
            connection.execute(_found(sa.select(t.id), search).order_by(t.created.desc(), t.id.desc())).scalars()
        )


def history(sha256: str) -> list[dict[str, Any]]:
    """Every record of one content, newest first, without the answers; the newest 200."""
    query = sa.select(*HEAD).where(t.sha256 == sha256).order_by(t.created.desc(), t.id.desc()).limit(200)
    with reading() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def beginning(sha256: str) -> list[str]:
    """Contents whose sha256 begins so, three at most."""
    like = t.sha256.like(f"{_escaped(sha256[:64].lower())}%", escape="\\")
    with reading() as connection:
        return list(connection.execute(sa.select(t.sha256).where(like).distinct().limit(3)).scalars())


def analysed_images() -> list[dict[str, Any]]:
    """The newest record of every image that could be read, newest first: id, created, file, sha256. Without answers."""
    newest = sa.select(sa.func.max(t.id)).where(t.verdict != "unreadable", t.sha256 != "").group_by(t.sha256)
    query = sa.select(t.id, t.created, t.file, t.sha256).where(t.id.in_(newest)).order_by(t.id.desc())
    with reading() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def analyses_mark() -> tuple[int, int]:
    """(how many records, the newest id): another pair once a record came or went."""
    query = sa.select(sa.func.count(), sa.func.coalesce(sa.func.max(t.id), 0))
    with reading() as connection:
        return tuple(connection.execute(query.select_from(analyses_table)).one())


def count_analyses() -> int:
    with reading() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(analyses_table)).scalar_one())


def write_note(id: int, note: str) -> bool:
    """Set a record's note, as it is but for what no database takes, cut; False where there is no such record."""
    note = clean(note).strip()[:LONGEST_NOTE]
    with writing() as connection:
        file = connection.execute(sa.select(t.file).where(t.id == id)).scalar()
        if file is None:
            return False
        change = sa.update(analyses_table).where(t.id == id).values(note=note, words=searchable(file, note))
        connection.execute(change)
    return True


def add_to_answer(id: int, more: dict[str, Any]) -> bool:
    """Put what was found out later beside a record's answer, under keys it does not have yet; False without a record."""
    with writing() as connection:
        kept = connection.execute(sa.select(t.check).where(t.id == id)).scalar()
        if kept is None:
            return False
        answer = json.loads(kept)
        new = {key: plain(value) for key, value in more.items() if key not in answer}
        if new:
            whole = json.dumps({**answer, **new})
            connection.execute(sa.update(analyses_table).where(t.id == id).values(check=whole))
    return True


def delete_analyses(ids: Sequence[int] | None) -> tuple[int, set[str]]:
    """Forget these records, None for all: (how many there were, the contents they were about)."""
    gone, contents = 0, set()
    with writing() as connection:
        if ids is None:
            contents.update(connection.execute(sa.select(t.sha256).distinct()).scalars())
            gone = connection.execute(sa.delete(analyses_table)).rowcount
        for first in range(0, len(ids or ()), TOGETHER):
            these = t.id.in_(ids[first : first + TOGETHER])
            contents.update(connection.execute(sa.select(t.sha256).where(these).distinct()).scalars())
            gone += connection.execute(sa.delete(analyses_table).where(these)).rowcount
    return gone, contents - {""}


def delete_analysis(id: int) -> bool:
    """Forget one record; False where there was none."""
    return delete_analyses([id])[0] > 0


def recorded(connection: sa.Connection, contents: Sequence[str]) -> set[str]:
    """Which of these contents a record is about."""
    found: set[str] = set()
    for first in range(0, len(contents), TOGETHER):
        these = t.sha256.in_(contents[first : first + TOGETHER])
        found.update(connection.execute(sa.select(t.sha256).where(these).distinct()).scalars())
    return found


def _found(query: sa.Select, search: Search) -> sa.Select:
    query = query.select_from(analyses_table)
    if text := clean(search.text[:LONGEST_SEARCH]).strip().casefold():
        part = t.words.like(f"%{_escaped(text)}%", escape="\\")
        query = query.where(part | t.sha256.like(f"{_escaped(text)}%", escape="\\"))
    if search.verdicts:
        query = query.where(t.verdict.in_(search.verdicts))
    if search.since is not None:
        query = query.where(t.created >= search.since)
    if search.until is not None:
        query = query.where(t.created < search.until)
    if search.newest_only:
        newer = analyses_table.alias("newer")
        later = sa.exists().where(newer.c.sha256 == t.sha256, newer.c.id > t.id)
        query = query.where((t.sha256 == "") | ~later.correlate(analyses_table))
    return query


def _escaped(text: str) -> str:
    """Text in which % and _ are themselves."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


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
    pass

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
