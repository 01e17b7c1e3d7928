"""Records of analysed images in the database: store, search, annotate, delete, and find earlier uses of a file.

Listing records does not read their answers, so it stays fast however many there are.
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

MAX_NOTE_CHARS = 2000  # characters
MAX_SEARCH_CHARS = 200
IDS_PER_STATEMENT = 500  # databases limit the number of parameters
t = analyses_table.c
HEAD_COLUMNS = (
    t.id,
    t.created,
    t.file,
    t.sha256,
    t.verdict,
    t.probability_ai,
    t.note,
)  # of a record without its answer


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
    """Store the result of `cgid check` (the object of `check --json`); the id of the record."""
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
        key = connection.execute(sa.insert(analyses_table).values(row)).inserted_primary_key
        assert key is not None, "an inserted row has a key"
        return int(key[0])


def analyses(
    *, limit: int | None = None, verdict: str | None = None, sha256: str | None = None, id: int | None = None
) -> list[dict[str, Any]]:
    """Whole records, newest first: id, created, file, sha256, verdict, probability_ai, note, check (the object)."""
    query = sa.select(*HEAD_COLUMNS, t.check).order_by(t.id.desc()).limit(limit)
    for column, value in ((t.verdict, verdict), (t.sha256, sha256), (t.id, id)):
        if value is not None:
            query = query.where(column == value)
    with reading() as connection:
        rows = connection.execute(query).mappings().all()
    return [{**row, "check": json.loads(row["check"])} for row in rows]


def list_records(search: Search = Search(), limit: int = 25, offset: int = 0) -> list[dict[str, Any]]:
    """Records without their answers, newest first; `times`: the number of records of the same content."""
    order = (t.created.desc(), t.id.desc())
    page = _matching(sa.select(t.id), search).order_by(*order).limit(limit).offset(offset)
    rows: list[dict[str, Any]] = []
    with reading() as connection:
        ids = list(connection.execute(page).scalars())
        for first in range(0, len(ids), IDS_PER_STATEMENT):
            these = sa.select(*HEAD_COLUMNS).where(t.id.in_(ids[first : first + IDS_PER_STATEMENT])).order_by(*order)
            some = connection.execute(these).mappings().all()
            held = {row["sha256"] for row in some} - {""}
            counts = sa.select(t.sha256, sa.func.count()).where(t.sha256.in_(held)).group_by(t.sha256)
            times: dict[str, int] = dict(connection.execute(counts).tuples().all())
            rows += [{**row, "times": times.get(row["sha256"], 1)} for row in some]
    return rows


def count_matching(search: Search = Search()) -> int:
    """Number of records that match a search."""
    with reading() as connection:
        return int(connection.execute(_matching(sa.select(sa.func.count()), search)).scalar_one())


def matching_ids(search: Search) -> list[int]:
    """The ids of every record that matches a search, newest first."""
    with reading() as connection:
        return list(
            connection.execute(_matching(sa.select(t.id), search).order_by(t.created.desc(), t.id.desc())).scalars()
        )


def history(sha256: str) -> list[dict[str, Any]]:
    """Every record of one content, newest first, without the answers; the newest 200."""
    query = sa.select(*HEAD_COLUMNS).where(t.sha256 == sha256).order_by(t.created.desc(), t.id.desc()).limit(200)
    with reading() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def contents_beginning(sha256: str) -> list[str]:
    """The sha256 of contents that begin with this prefix, three at most."""
    like = t.sha256.like(f"{_escaped(sha256[:64].lower())}%", escape="\\")
    with reading() as connection:
        return list(connection.execute(sa.select(t.sha256).where(like).distinct().limit(3)).scalars())


def analysed_images() -> list[dict[str, Any]]:
    """The newest record of every image that could be read, newest first: id, created, file, sha256. Without answers."""
    newest = sa.select(sa.func.max(t.id)).where(t.verdict != "unreadable", t.sha256 != "").group_by(t.sha256)
    query = sa.select(t.id, t.created, t.file, t.sha256).where(t.id.in_(newest)).order_by(t.id.desc())
    with reading() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def records_version() -> tuple[int, int]:
    """(number of records, newest id): changes whenever a record is added or deleted."""
    query = sa.select(sa.func.count(), sa.func.coalesce(sa.func.max(t.id), 0))
    with reading() as connection:
        return tuple(connection.execute(query.select_from(analyses_table)).one())


def count_analyses() -> int:
    with reading() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(analyses_table)).scalar_one())


def write_note(id: int, note: str) -> bool:
    """Set the note of a record, truncated and without characters that databases reject; False without such a record."""
    note = clean(note).strip()[:MAX_NOTE_CHARS]
    with writing() as connection:
        file = connection.execute(sa.select(t.file).where(t.id == id)).scalar()
        if file is None:
            return False
        change = sa.update(analyses_table).where(t.id == id).values({"note": note, "words": searchable(file, note)})
        connection.execute(change)
    return True


def add_to_answer(id: int, more: dict[str, Any]) -> bool:
    """Add later results to the answer of a record, under keys it does not have yet; False without such a record."""
    with writing() as connection:
        stored = connection.execute(sa.select(t.check).where(t.id == id)).scalar()
        if stored is None:
            return False
        answer = json.loads(stored)
        new = {key: plain(value) for key, value in more.items() if key not in answer}
        if new:
            merged = json.dumps({**answer, **new})
            connection.execute(sa.update(analyses_table).where(t.id == id).values(check=merged))
    return True


def delete_analyses(ids: Sequence[int] | None) -> tuple[int, set[str]]:
    """Delete these records (None: all): (number deleted, sha256 of their contents)."""
    deleted = 0
    contents: set[str] = set()
    with writing() as connection:
        if ids is None:
            contents.update(connection.execute(sa.select(t.sha256).distinct()).scalars())
            deleted = connection.execute(sa.delete(analyses_table)).rowcount
        chosen = ids or ()
        for first in range(0, len(chosen), IDS_PER_STATEMENT):
            these = t.id.in_(chosen[first : first + IDS_PER_STATEMENT])
            contents.update(connection.execute(sa.select(t.sha256).where(these).distinct()).scalars())
            deleted += connection.execute(sa.delete(analyses_table).where(these)).rowcount
    return deleted, contents - {""}


def delete_analysis(id: int) -> bool:
    """Delete one record; False where there is none."""
    return delete_analyses([id])[0] > 0


def contents_with_records(connection: sa.Connection, contents: Sequence[str]) -> set[str]:
    """Those of these contents that have a record."""
    result: set[str] = set()
    for first in range(0, len(contents), IDS_PER_STATEMENT):
        these = t.sha256.in_(contents[first : first + IDS_PER_STATEMENT])
        result.update(connection.execute(sa.select(t.sha256).where(these).distinct()).scalars())
    return result


def _matching(query: sa.Select, search: Search) -> sa.Select:
    query = query.select_from(analyses_table)
    if text := clean(search.text[:MAX_SEARCH_CHARS]).strip().casefold():
        part = t["words"].like(f"%{_escaped(text)}%", escape="\\")
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
    """Text in which % and _ are literal characters of a LIKE pattern."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


MAX_SEARCHED_BYTES = 64 * 1024 * 1024  # of all manifests together that are searched
MAX_PREVIOUS_CHECKS = 20


@dataclass(frozen=True, slots=True)
class PreviousUse:
    """An earlier use of a file. where: `check` or `data set`. name: the record's file or the manifest's path. when:
    seconds since 1970, or None.
    """

    where: str
    name: str
    when: float | None = None
    detail: str = ""


def previous_checks(sha256: str) -> list[PreviousUse]:
    """Earlier checks, newest first. Raises InputError where the database cannot be used."""
    rows = history(sha256)[:MAX_PREVIOUS_CHECKS]
    return [PreviousUse("check", row["file"], row["created"], row["verdict"]) for row in rows]


def data_sets_with(sha256: str) -> list[PreviousUse]:
    """Manifests that contain this sha256. At most MAX_SEARCHED_BYTES of manifests are searched."""
    folder, budget, matches = settings().manifests, MAX_SEARCHED_BYTES, []
    needle = sha256.lower().encode()
    for path in sorted(folder.rglob("*.csv")) if folder.is_dir() else []:
        try:
            size = path.stat().st_size
            if size > budget:
                continue
            budget -= size
            if needle in path.read_bytes():
                matches.append(PreviousUse("data set", path.relative_to(folder).as_posix()))
        except OSError:  # a manifest that cannot be read is skipped
            continue
    return matches
