"""The same database on a PostgreSQL server, where CGID_TEST_POSTGRESQL names one (`postgresql://me@127.0.0.1/cgid`)."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from cgid.db import engine
from cgid.errors import InputError
from cgid.jobs import store as jobs_store
from cgid.jobs.store import Work
from cgid.records import store

SERVER = os.environ.get("CGID_TEST_POSTGRESQL", "")
pytestmark = pytest.mark.skipif(not SERVER, reason="CGID_TEST_POSTGRESQL names no server")


@pytest.fixture(autouse=True)
def own_schema(own_home, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Tables of this test's own, gone after it."""
    pytest.importorskip("psycopg")
    name = f"cgid_{uuid.uuid4().hex[:12]}"
    server = sa.create_engine(SERVER)
    with server.begin() as connection:
        connection.execute(sa.schema.CreateSchema(name))
    url = sa.make_url(SERVER).update_query_dict({"options": f"-csearch_path={name}"})
    monkeypatch.setenv("CGID_DATABASE_URL", url.render_as_string(hide_password=False))
    yield
    engine.engine().dispose()
    with server.begin() as connection:
        connection.execute(sa.schema.DropSchema(name, cascade=True))


def test_records_of_hostile_names_come_back_newest_first() -> None:
    for file in ("a.jpg", "bad\udcff\0.jpg", "=cmd|'x'!A1", "'; DROP TABLE analyses; --"):
        store.record_analysis(
            {"file": file, "sha256": "ab" * 32, "verdict": "likely_ai", "features": {"x": float("nan")}}
        )
    assert [r["file"] for r in store.analyses(limit=2)] == ["'; DROP TABLE analyses; --", "=cmd|'x'!A1"]
    assert store.count_analyses() == 4 and [r["id"] for r in store.analysed_images()] == [4]
    assert store.delete_analysis(4) and not store.delete_analysis(4)


def test_several_processes_at_once_make_one_set_of_tables() -> None:
    script = (
        "from cgid.records import store; "
        "print(store.record_analysis({'file': 'x', 'sha256': 'y', 'verdict': 'unreadable'}))"
    )
    started = [subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) for _ in range(4)]
    assert sorted(int(p.communicate()[0]) for p in started) == [1, 2, 3, 4]


def test_the_same_work_entered_twice_is_one_row() -> None:
    work = Work("demo-data", "Demo", {}, "key", "cpu", ())
    [(first, new), (again, anew)] = jobs_store.enter([work]) + jobs_store.enter([work])
    assert first == again and new and not anew


def test_an_older_schema_is_brought_up_to_date_or_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    store.record_analysis({"file": "a.jpg", "sha256": "ab", "verdict": "likely_ai"})
    monkeypatch.setattr(engine, "_engines", {})
    today = engine.SCHEMA_VERSION
    monkeypatch.setattr(engine, "SCHEMA_VERSION", today + 2)
    sql = {today: "ALTER TABLE analyses ADD COLUMN place TEXT", today + 1: "UPDATE nowhere SET x = 1"}
    for version in sql:
        monkeypatch.setitem(engine.STEPS, version, lambda c, version=version: c.execute(sa.text(sql[version])))
    with pytest.raises(InputError, match=rf"could not be brought to {today + 2} .* nothing was changed\.$"):
        store.count_analyses()
    sql[today + 1] = "UPDATE analyses SET place = 'here'"
    with engine.reading() as connection:
        assert connection.execute(sa.text("SELECT place FROM analyses")).scalars().all() == ["here"]
        assert connection.execute(sa.select(engine.schema_version.c.version)).scalars().all() == [today + 2]
