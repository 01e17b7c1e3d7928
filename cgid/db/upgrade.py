"""Upgrades a database of an older cgid to the current schema: a backup first, then step by step, all or nothing."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

import sqlalchemy as sa

from cgid.errors import InputError

Step = Callable[[sa.Connection], None]


def searchable(file: str, note: str) -> str:
    """The searched text of a record: file name and note, case-folded; long names are truncated."""
    name = file.replace("\\", "/").rstrip("/").split("/")[-1]
    return f"{name[-500:]}\n{note}".casefold()


# Columns in the current order, and AUTOINCREMENT, which SQLite can only set when a table is created.
_ANALYSES_2 = """CREATE TABLE analyses_2 (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, created FLOAT NOT NULL, file TEXT NOT NULL,
    sha256 VARCHAR(64) NOT NULL, verdict VARCHAR(32) NOT NULL, probability_ai FLOAT, "check" TEXT NOT NULL,
    note TEXT DEFAULT '' NOT NULL, words TEXT DEFAULT '' NOT NULL
)"""


def _notes_and_search(connection: sa.Connection) -> None:
    """1 to 2: notes on records, search by file name and note, ids that are never reused."""
    if connection.dialect.name == "sqlite":
        old = 'id, created, file, sha256, verdict, probability_ai, "check"'
        for statement in (
            _ANALYSES_2,
            f"INSERT INTO analyses_2 ({old}) SELECT {old} FROM analyses",
            "DROP TABLE analyses",
            "ALTER TABLE analyses_2 RENAME TO analyses",
            "CREATE INDEX ix_analyses_sha256 ON analyses (sha256)",
            "CREATE INDEX analyses_listing ON analyses (created, verdict, sha256, words)",
        ):
            connection.execute(sa.text(statement))
    else:
        for column in ("note", "words"):
            connection.execute(sa.text(f"ALTER TABLE analyses ADD COLUMN {column} TEXT NOT NULL DEFAULT ''"))
        connection.execute(sa.text("CREATE INDEX analyses_created ON analyses (created)"))
    rows = connection.execute(sa.text("SELECT id, file FROM analyses")).all()
    if rows:
        fill = sa.text("UPDATE analyses SET words = :words WHERE id = :id")
        connection.execute(fill, [{"id": row.id, "words": searchable(row.file, "")} for row in rows])


def _reasons_of_jobs(connection: sa.Connection) -> None:
    """2 to 3: error code, suggestion and remaining time of a job."""
    real = "FLOAT" if connection.dialect.name == "sqlite" else "DOUBLE PRECISION"
    for column in ("error_code TEXT DEFAULT '' NOT NULL", "suggestion TEXT", f"seconds_left {real}"):
        connection.execute(sa.text(f"ALTER TABLE jobs ADD COLUMN {column}"))


# {version: step to the next version}. New tables need no step; `create_all` creates them.
STEPS: dict[int, Step] = {1: _notes_and_search, 2: _reasons_of_jobs}


def upgrade(connection: sa.Connection, current: int, target: int, steps: Mapping[int, Step]) -> None:
    """Run the steps from `found` to `wanted` in the transaction of `connection`; SQLite's file is copied before.

    Raises InputError where a step is missing or fails; then nothing has changed.
    """
    missing = next((version for version in range(current, target) if version not in steps), None)
    if missing is not None:
        raise InputError(
            f"The database has schema {current}, and this cgid cannot bring it to {target} (no step is known from "
            f"{missing}): name another database by CGID_DATABASE_URL, or move this one away."
        )
    copy = _copy(connection, current) if current < target else None
    copy_note = f" A copy as it was is kept in {copy}." if copy else ""
    for version in range(current, target):
        try:
            steps[version](connection)
        except sa.exc.SQLAlchemyError as error:
            raise InputError(
                f"The database has schema {current} and could not be brought to {target} ({_error_text(error)}); "
                f"nothing was "
                f"changed.{copy_note}"
            ) from error


def _copy(connection: sa.Connection, version: int) -> Path | None:
    """`<file>.schema-<version>` beside a SQLite file, by SQLite's own backup; an earlier copy stays. None for
    servers."""
    if connection.dialect.name != "sqlite":
        return None
    file = Path(str(connection.engine.url.database))
    target = Path(f"{file}.schema-{version}")
    if target.exists():  # of an attempt that failed: then nothing was changed, and it holds what there was
        number = next(n for n in range(2, 10_000) if not Path(f"{target}.{n}").exists())
        target = Path(f"{target}.{number}")
    part = Path(f"{target}.part")
    part.unlink(missing_ok=True)
    try:
        with contextlib.closing(sqlite3.connect(file)) as old, contextlib.closing(sqlite3.connect(part)) as new:
            old.backup(new)
        part.replace(target)
    except (sqlite3.Error, OSError) as error:
        raise InputError(f"The database has an older schema and {target} could not be written ({error}).") from error
    return target


def _error_text(error: Exception) -> str:
    return " ".join(str(error.__cause__ or error).split())[:200]
