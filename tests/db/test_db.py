"""The database is made on first use, whoever comes first, and refuses what it cannot use in one sentence."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from cgid.db import engine
from cgid.errors import InputError
from cgid.records import store


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CGID_HOME", str(tmp_path))
    monkeypatch.delenv("CGID_DATABASE_URL", raising=False)
    return tmp_path


def check(name: str, verdict: str = "likely_ai") -> dict:
    return {
        "file": name,
        "sha256": "ab" * 32,
        "verdict": verdict,
        "probability_ai": 0.9,
        "features": {"x": float("nan")},
    }


def test_records_come_back_newest_first_and_can_be_deleted() -> None:
    first, second = (
        store.record_analysis(check("a.jpg")),
        store.record_analysis(check("b.jpg", "likely_real")),
    )
    assert [r["id"] for r in store.analyses()] == [second, first]
    assert [r["file"] for r in store.analyses(verdict="likely_ai")] == ["a.jpg"]
    assert store.analyses(limit=1)[0]["check"]["features"]["x"] is None
    assert store.count_analyses() == 2
    assert store.delete_analysis(first) and not store.delete_analysis(first)
    assert [r["id"] for r in store.analyses()] == [second]


def test_a_record_of_an_unreadable_file_with_an_undecodable_name() -> None:
    store.record_analysis({"file": "bad\udcff\0.jpg", "sha256": None, "verdict": "unreadable", "probability_ai": None})
    assert store.analyses()[0]["verdict"] == "unreadable"


def test_several_processes_at_once_make_one_database(home: Path) -> None:
    script = (
        "from cgid.records import store; "
        "print(store.record_analysis({'file': 'x', 'sha256': 'y', 'verdict': 'unreadable'}))"
    )
    started = [subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) for _ in range(6)]
    ids = sorted(int(p.communicate()[0]) for p in started)
    assert ids == [1, 2, 3, 4, 5, 6]


def test_readers_do_not_wait_for_a_writer() -> None:
    store.record_analysis(check("a.jpg"))
    with engine.writing() as connection:
        connection.execute(sa.delete(engine.analyses_table))
        seen: list[int] = []
        reader = threading.Thread(target=lambda: seen.append(store.count_analyses()))
        reader.start()
        reader.join(5)
        assert seen == [1]


def test_a_failed_transaction_leaves_nothing() -> None:
    with pytest.raises(RuntimeError), engine.writing() as connection:
        connection.execute(
            sa.insert(engine.analyses_table).values(created=0, file="", sha256="", verdict="", check="{}")
        )
        raise RuntimeError
    assert store.count_analyses() == 0


def test_a_removed_database_is_made_again(home: Path) -> None:
    store.record_analysis(check("a.jpg"))
    for file in (home / "artifacts").glob("cgid.sqlite*"):
        file.unlink()
    assert store.count_analyses() == 0


def test_a_newer_database_is_refused_in_one_sentence(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with engine.writing() as connection:
        connection.execute(sa.update(engine.schema_version).values(version=99))
    monkeypatch.setattr(engine, "_engines", {})
    with pytest.raises(InputError, match="made by a newer cgid"):
        store.count_analyses()


def test_a_file_that_is_no_database_is_refused_in_one_sentence(home: Path) -> None:
    (home / "artifacts").mkdir()
    (home / "artifacts" / "cgid.sqlite").write_text("this is a text file, long enough to be looked at as a header" * 9)
    with pytest.raises(InputError, match=r"cgid\.sqlite is not a database"):
        store.count_analyses()


@pytest.mark.parametrize("url", ["nonsense", "nodb://x", "sqlite://"])
def test_a_useless_url_is_refused_in_one_sentence(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CGID_DATABASE_URL", url)
    with pytest.raises(InputError, match="CGID_DATABASE_URL"):
        store.count_analyses()


def test_a_driver_that_is_not_installed_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CGID_DATABASE_URL", "postgresql+psycopg://me:secret@127.0.0.1:1/cgid")
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(InputError, match=r"`psycopg` is not installed: pip install 'psycopg\[binary\]'") as told:
        store.count_analyses()
    assert "secret" not in str(told.value)


def test_a_server_that_does_not_answer_is_named_without_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("psycopg")
    monkeypatch.setenv("CGID_DATABASE_URL", "postgresql+psycopg://me:secret@127.0.0.1:1/cgid")
    with pytest.raises(InputError, match=r"127\.0\.0\.1:1/cgid does not answer") as told:
        store.count_analyses()
    assert "secret" not in str(told.value)


def test_the_newest_record_of_each_image_is_listed_without_its_answer() -> None:
    store.record_analysis(check("old.jpg"))
    store.record_analysis(check("new.jpg"))
    store.record_analysis({"file": "x.jpg", "sha256": "cd" * 32, "verdict": "unreadable"})
    other = store.record_analysis(check("other.jpg") | {"sha256": "ef" * 32})
    assert [(r["file"], "check" in r) for r in store.analysed_images()] == [
        ("other.jpg", False),
        ("new.jpg", False),
    ]
    assert store.analysed_images()[0]["id"] == other
