"""A database that an older cgid made is brought up to date after a copy, or left alone with one clear sentence."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from cgid.db import engine
from cgid.errors import InputError
from cgid.records import store

# What schema 1 is, as its cgid wrote it; with a record and a job in it.
SCHEMA_1 = """
CREATE TABLE analyses (
    id INTEGER NOT NULL, created FLOAT NOT NULL, file TEXT NOT NULL, sha256 VARCHAR(64) NOT NULL,
    verdict VARCHAR(32) NOT NULL, probability_ai FLOAT, "check" TEXT NOT NULL, PRIMARY KEY (id)
);
CREATE TABLE cgid_schema (version INTEGER NOT NULL, PRIMARY KEY (version));
INSERT INTO cgid_schema VALUES (1);
CREATE TABLE jobs (
    id VARCHAR(32) NOT NULL, home TEXT NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL, params TEXT NOT NULL,
    "key" VARCHAR(64) NOT NULL, slot VARCHAR(16) NOT NULL, status VARCHAR(16) NOT NULL, attempt INTEGER NOT NULL,
    done INTEGER NOT NULL, total INTEGER NOT NULL, note TEXT NOT NULL, error TEXT NOT NULL, result TEXT, pid INTEGER,
    pid_born FLOAT, cancel INTEGER NOT NULL, created FLOAT NOT NULL, started FLOAT, finished FLOAT, beat FLOAT,
    "after" TEXT NOT NULL, outputs TEXT NOT NULL, PRIMARY KEY (id)
);
CREATE INDEX jobs_status ON jobs (status);
CREATE UNIQUE INDEX jobs_live_key ON jobs (home, "key") WHERE status IN ('queued', 'running', 'done');
CREATE INDEX ix_analyses_sha256 ON analyses (sha256);
INSERT INTO analyses VALUES (7, 1.5, 'a.jpg', 'ab', 'likely_ai', 0.9, '{"features": {"x": 1.0}}');
INSERT INTO jobs VALUES ('j1', '/home', 'demo-data', 'Demo', '{}', 'k', 'cpu', 'done', 1, 1, 1, '', '', NULL, NULL, NULL,
    0, 1.0, NULL, NULL, NULL, '[]', '[]');
"""
PRAGMAS = (
    "PRAGMA table_info(analyses)",
    "PRAGMA table_info(jobs)",
    "SELECT name, [unique], origin, partial FROM pragma_index_list('jobs') ORDER BY name",
    "SELECT name, [unique], origin, partial FROM pragma_index_list('analyses') ORDER BY name",
    "SELECT name FROM pragma_index_info('analyses_listing') ORDER BY seqno",
)
TODAY = engine.SCHEMA_VERSION


@pytest.fixture
def old(own_home: Path) -> Path:
    """The file of a database of schema 1."""
    file = own_home / "artifacts" / "cgid.sqlite"
    file.parent.mkdir(parents=True)
    with sqlite3.connect(file) as made:
        made.executescript(SCHEMA_1)
    return file


def ask(file: Path, sql: str) -> list[tuple]:
    with sqlite3.connect(file) as asked:
        return asked.execute(sql).fetchall()


def newer(monkeypatch: pytest.MonkeyPatch, *steps: str) -> None:
    """A cgid whose schema is one of today's and as many versions on, each made by one statement."""
    monkeypatch.setattr(engine, "SCHEMA_VERSION", TODAY + len(steps))
    for version, sql in enumerate(steps, start=TODAY):
        monkeypatch.setitem(engine.STEPS, version, lambda connection, sql=sql: connection.execute(sa.text(sql)))


def test_every_version_up_to_todays_has_its_step() -> None:
    assert set(engine.STEPS) == set(range(1, engine.SCHEMA_VERSION))


def test_a_database_of_schema_1_becomes_todays_and_keeps_what_it_held(
    old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [record] = store.analyses()
    assert (record["check"], record["note"]) == ({"features": {"x": 1.0}}, "")
    assert [r["id"] for r in store.list_records(store.Search("A.JP"))] == [7], "old records are found by name"
    assert store.write_note(7, "from the agency") and store.count_matching(store.Search("agency")) == 1
    assert store.record_analysis({"file": "b.jpg", "sha256": "cd", "verdict": "likely_real"}) == 8
    assert store.delete_analysis(8)
    assert store.record_analysis({"file": "c.jpg", "sha256": "ef", "verdict": "likely_real"}) == 9
    assert ask(Path(f"{old}.schema-1"), "SELECT id, file FROM analyses") == [(7, "a.jpg")]
    monkeypatch.setenv("CGID_HOME", str(tmp_path / "other"))
    store.count_analyses()
    today = tmp_path / "other" / "artifacts" / "cgid.sqlite"
    assert [ask(old, p) for p in PRAGMAS] == [ask(today, p) for p in PRAGMAS], (
        "the schema changed: raise SCHEMA_VERSION"
    )


def test_steps_run_in_order_after_a_copy_and_nothing_is_lost(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    newer(monkeypatch, "ALTER TABLE analyses ADD COLUMN place TEXT", "UPDATE analyses SET place = 'here'")
    assert store.analyses()[0]["file"] == "a.jpg"
    assert ask(old, "SELECT id, place FROM analyses") == [(7, "here")]
    assert ask(old, "SELECT version FROM cgid_schema") == [(TODAY + 2,)]
    copy = Path(f"{old}.schema-1")
    assert ask(copy, "SELECT version FROM cgid_schema") == [(1,)]
    assert ask(copy, "SELECT id, file FROM analyses") == [(7, "a.jpg")] and ask(copy, "SELECT id FROM jobs") == [
        ("j1",)
    ]


def test_a_step_that_fails_changes_nothing_and_says_where_the_copy_is(old: Path, monkeypatch) -> None:
    newer(monkeypatch, "ALTER TABLE analyses ADD COLUMN place TEXT", "UPDATE nowhere SET x = 1")
    for suffix in ("", ".2"):
        with pytest.raises(InputError, match=rf"nothing was changed\. A copy .*schema-1{suffix}\.$"):
            store.count_analyses()
    assert ask(old, "SELECT version FROM cgid_schema") == [(1,)]
    assert "place" not in str(ask(old, PRAGMAS[0]))
    newer(monkeypatch, "ALTER TABLE analyses ADD COLUMN place TEXT")
    assert store.count_analyses() == 1


def test_a_version_nobody_knows_how_to_leave_is_one_sentence(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "SCHEMA_VERSION", TODAY + 9)
    with pytest.raises(InputError, match=rf"schema 1, and this cgid cannot bring it to {TODAY + 9}.*CGID_DATABASE_URL"):
        store.count_analyses()
    assert ask(old, "SELECT version FROM cgid_schema") == [(1,)] and not Path(f"{old}.schema-1").exists()


def test_jobs_of_schema_2_are_read_and_run_on(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cgid.jobs import claims, store

    file = own_home / "artifacts" / "cgid.sqlite"
    file.parent.mkdir(parents=True)
    with sqlite3.connect(file) as made:
        made.executescript(SCHEMA_1)
        with sa.create_engine(f"sqlite:///{file}").begin() as connection:
            engine.STEPS[1](connection)
        made.execute("UPDATE cgid_schema SET version = 2")
        made.execute("UPDATE jobs SET home = ?, status = 'queued'", [str(own_home)])
    job = store.get("j1")
    assert (job.status, job.error_code, job.suggestion, job.seconds_left) == ("queued", "", None, None)
    job = claims.claim({"cpu": 1})
    assert claims.progress("j1", job.attempt, 1, 2, "half", 7.5) and store.get("j1").seconds_left == 7.5
    assert claims.fail("j1", job.attempt, "Too large.", code="too_large", suggestion={"size": 3})
    failed = store.get("j1")
    assert (failed.error_code, failed.suggestion) == ("too_large", {"size": 3})
    monkeypatch.setattr(store, "_wake", lambda: None)
    again = store.retry("j1")
    assert (again.error_code, again.suggestion, again.seconds_left) == ("", None, None)


def test_several_processes_at_once_upgrade_it_once(old: Path) -> None:
    script = (
        "import sqlalchemy as sa; from cgid.db import engine; from cgid.records import store\n"
        "engine.SCHEMA_VERSION += 1\n"
        "engine.STEPS[engine.SCHEMA_VERSION - 1] = lambda c: c.execute(sa.text('ALTER TABLE analyses ADD COLUMN place TEXT'))\n"
        "print(store.count_analyses())"
    )
    started = [subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) for _ in range(4)]
    assert [int(p.communicate()[0]) for p in started] == [1] * 4
    assert len(list(old.parent.glob("*.schema-1*"))) == 1
