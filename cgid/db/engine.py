"""The database: its tables and connections. SQLite by default, any other by URL."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from filelock import FileLock
from sqlalchemy.pool import NullPool

from cgid.db.upgrade import STEPS, upgrade
from cgid.errors import InputError
from cgid.settings import settings

SCHEMA_VERSION = 3
BUSY_SECONDS = 30
DRIVERS = {"psycopg": "psycopg[binary]", "psycopg2": "psycopg2-binary"}  # module: what pip calls it

metadata = sa.MetaData()

schema_version = sa.Table("cgid_schema", metadata, sa.Column("version", sa.Integer, primary_key=True))

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("home", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("params", sa.Text, nullable=False),
    sa.Column("key", sa.String(64), nullable=False),
    sa.Column("slot", sa.String(16), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False, default=0),
    sa.Column("done", sa.Integer, nullable=False, default=0),
    sa.Column("total", sa.Integer, nullable=False, default=0),
    sa.Column("note", sa.Text, nullable=False, default=""),
    sa.Column("error", sa.Text, nullable=False, default=""),
    sa.Column("result", sa.Text),
    sa.Column("pid", sa.Integer),
    sa.Column("pid_born", sa.Float, key="pid_start_time"),
    sa.Column("cancel", sa.Integer, nullable=False, default=0),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("started", sa.Float),
    sa.Column("finished", sa.Float),
    sa.Column("beat", sa.Float, key="heartbeat"),
    sa.Column("after", sa.Text, nullable=False, default="[]"),
    sa.Column("outputs", sa.Text, nullable=False, default="[]"),
    sa.Column("error_code", sa.Text, nullable=False, server_default=sa.text("''")),
    sa.Column("suggestion", sa.Text),  # JSON
    sa.Column("seconds_left", sa.Float),
    sa.Index("jobs_status", "status"),
)
_live = jobs.c.status.in_(("queued", "running", "done"))
sa.Index("jobs_live_key", jobs.c.home, jobs.c.key, unique=True, sqlite_where=_live, postgresql_where=_live)

analyses_table = sa.Table(
    "analyses",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False, index=True),
    sa.Column("verdict", sa.String(32), nullable=False),
    sa.Column("probability_ai", sa.Float),
    sa.Column("check", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False, server_default=sa.text("''")),
    sa.Column("words", sa.Text, nullable=False, server_default=sa.text("''")),  # text that is searched
    sqlite_autoincrement=True,  # ids of deleted records are not reused, or links and notes would mix up
)
# A search reads this alone: the answers are long, and a hundred thousand of them would be read with the table.
_l = analyses_table.c
sa.Index("analyses_listing", _l.created, _l.verdict, _l.sha256, _l["words"]).ddl_if(dialect="sqlite")
# Elsewhere long values lie apart anyway, and an index may not hold them.
sa.Index("analyses_created", _l.created).ddl_if(dialect="postgresql")

_engines: dict[str, sa.Engine] = {}
_lock = threading.Lock()


def engine() -> sa.Engine:
    """The engine of the configured URL; creates database and tables on first use, also with concurrent processes.

    A database of an older schema is brought up to date. Raises InputError where the URL cannot be used, its driver is
    missing, its server does not answer, or a newer cgid made the database.
    """
    url = settings().database_url
    try:
        parsed = sa.make_url(url)
        with _lock:
            cached = _engines.get(url)
            if cached is None or not _file_exists(parsed):
                cached = _engines[url] = _connect(parsed)
            return cached
    except ImportError as error:
        package = DRIVERS.get(error.name or "", error.name)
        raise InputError(
            f"CGID_DATABASE_URL names {parsed.get_backend_name()}, whose driver `{error.name}` is not installed: "
            f"pip install '{package}', or leave the variable out and SQLite is used."
        ) from error
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError) as error:
        raise InputError(
            f"CGID_DATABASE_URL cannot be used ({error}); a URL such as sqlite:////folder/cgid.sqlite works."
        ) from error


@contextlib.contextmanager
def reading() -> Iterator[sa.Connection]:
    """A connection for reading; never waits for writers (SQLite)."""
    with engine().connect() as connection:
        yield connection


@contextlib.contextmanager
def writing() -> Iterator[sa.Connection]:
    """A transaction that holds SQLite's write lock from its start, so that its reads stay valid when it writes."""
    with engine().execution_options(immediate=True).begin() as connection:
        yield connection


def clean(text: str) -> str:
    """Text that every database accepts: no lone surrogates (undecodable file names), no NUL."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\N{REPLACEMENT CHARACTER}")


def _file_exists(url: sa.URL) -> bool:
    """Whether the database exists; a deleted SQLite file is created again."""
    return url.get_backend_name() != "sqlite" or not url.database or Path(url.database).exists()


def _connect(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() != "sqlite":
        database = sa.create_engine(url, pool_pre_ping=True)
        try:
            _create(database)
        except (sa.exc.OperationalError, sa.exc.InterfaceError) as error:
            where = url.render_as_string(hide_password=True)
            reason = " ".join(str(error.__cause__ or error).split())[:200]
            raise InputError(
                f"The database {where} does not answer ({reason}); start its server, or correct CGID_DATABASE_URL."
            ) from error
        return database
    if not url.database or url.database == ":memory:":
        raise InputError("CGID_DATABASE_URL names a database in memory, which other processes cannot see; name a file.")
    file = Path(url.database)
    file.parent.mkdir(parents=True, exist_ok=True)
    # No pool: a connection inherited by a forked child (a data loader's) would endanger the file.
    database = sa.create_engine(url, poolclass=NullPool, connect_args={"timeout": BUSY_SECONDS})
    sa.event.listen(database, "connect", _on_connect)
    sa.event.listen(database, "begin", _on_begin)
    with FileLock(f"{file}.lock", timeout=BUSY_SECONDS):
        try:
            with contextlib.closing(database.raw_connection()) as raw:
                raw.execute("PRAGMA journal_mode=WAL")
            _create(database)
        except (sa.exc.DatabaseError, sqlite3.DatabaseError) as error:
            raise InputError(
                f"{file} is not a database cgid can use ({error.__cause__ or error}); move it away and start again."
            ) from error
    return database


def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # cgid issues BEGIN itself, see _on_begin
    connection.execute("PRAGMA synchronous=NORMAL")


def _on_begin(connection: sa.Connection) -> None:
    immediate = connection.get_execution_options().get("immediate")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _create(database: sa.Engine) -> None:
    """Create missing tables and the version row; repeat once where another process did the same."""
    try:
        _create_once(database)
    except (sa.exc.IntegrityError, sa.exc.ProgrammingError):
        _create_once(database)


def _create_once(database: sa.Engine) -> None:
    with database.execution_options(immediate=True).begin() as connection:
        schema_version.create(connection, checkfirst=True)
        version = connection.execute(sa.select(sa.func.max(schema_version.c.version))).scalar()
        if version is not None and version > SCHEMA_VERSION:
            raise InputError(
                f"The database was made by a newer cgid (schema {version}; this one knows {SCHEMA_VERSION}): update "
                f"cgid, "
                "or name another database by CGID_DATABASE_URL."
            )
        if version is not None and version < SCHEMA_VERSION:
            # On a server two processes may upgrade at once: the row is locked, and the second sees the first one's version.
            rows = sa.select(schema_version.c.version).with_for_update()
            version = max(connection.execute(rows).scalars())
            upgrade(connection, version, SCHEMA_VERSION, STEPS)
            old = schema_version.c.version == version
            connection.execute(sa.update(schema_version).where(old).values(version=SCHEMA_VERSION))
        metadata.create_all(connection, checkfirst=True)
        if version is None:
            connection.execute(sa.insert(schema_version).values(version=SCHEMA_VERSION))
