"""Records are found by name, note, content, verdict and date; a note is plain text; the listing reads no answers."""

from __future__ import annotations

import time

import pytest
import sqlalchemy as sa

from cgid.db import engine
from cgid.records.store import (
    MAX_NOTE_CHARS,
    Search,
    contents_beginning,
    count_matching,
    delete_analyses,
    history,
    list_records,
    matching_ids,
    record_analysis,
    write_note,
)


def add(file: str, sha256: str = "ab" * 32, verdict: str = "likely_ai", created: float | None = None) -> int:
    id = record_analysis({"file": file, "sha256": sha256, "verdict": verdict, "probability_ai": 0.9})
    if created is not None:
        with engine.writing() as connection:
            change = sa.update(engine.analyses_table).where(engine.analyses_table.c.id == id).values(created=created)
            connection.execute(change)
    return id


def files(**asked) -> list[str]:
    return [row["file"] for row in list_records(Search(**asked))]


def test_a_search_looks_in_name_note_and_the_beginning_of_the_sha256() -> None:
    first, _ = add("/photos/holiday/Ärger.JPG"), add("C:\\pictures\\100%_sure.png", "cd" * 32)
    assert files(text="ärger") == ["/photos/holiday/Ärger.JPG"]
    assert files(text="holiday") == [], "folders are not the file's name"
    assert files(text="100%_") == ["C:\\pictures\\100%_sure.png"] and files(text="0%s") == []
    assert files(text="CDCD") == ["C:\\pictures\\100%_sure.png"] and files(text="dcdc") == []
    assert write_note(first, "  From the ÖRF desk\n<b>bold</b>\0 ")
    [row] = list_records(Search("örf desk"))
    assert row["note"] == "From the ÖRF desk\n<b>bold</b>\N{REPLACEMENT CHARACTER}"
    assert not write_note(99, "nobody")
    write_note(first, "x" * 5000)
    assert len(list_records()[1]["note"]) == MAX_NOTE_CHARS


def test_verdict_date_and_pages() -> None:
    for day in range(5):
        add(f"{day}.jpg", verdict="likely_ai" if day % 2 else "likely_real", created=day * 86400.0)
    assert files(verdicts=("likely_ai",)) == ["3.jpg", "1.jpg"]
    assert files(since=86400.0, until=3 * 86400.0) == ["2.jpg", "1.jpg"]
    assert [r["file"] for r in list_records(limit=2, offset=2)] == ["2.jpg", "1.jpg"]
    assert count_matching() == 5 and count_matching(Search(since=3 * 86400.0)) == 2
    assert "check" not in list_records()[0] and list_records(offset=99) == []


def test_one_content_judged_several_times_is_one_history() -> None:
    ids = [add("a.jpg"), add("again.jpg"), add("b.jpg", "cd" * 32), add("gone.jpg", "")]
    assert [r["times"] for r in list_records()] == [1, 1, 2, 2]
    assert [r["id"] for r in history("ab" * 32)] == [ids[1], ids[0]]
    assert matching_ids(Search(newest_only=True)) == [ids[3], ids[2], ids[1]]
    assert contents_beginning("ABAB") == ["ab" * 32] and contents_beginning("%") == []


def test_deleting_tells_which_contents_it_was_about() -> None:
    ids = [add("a.jpg"), add("b.jpg", "cd" * 32), add("c.jpg", "")]
    assert delete_analyses([ids[0], ids[0], 99]) == (1, {"ab" * 32})
    assert delete_analyses([]) == (0, set())
    assert delete_analyses(None) == (2, {"cd" * 32}) and count_matching() == 0


def test_the_id_of_a_deleted_record_is_never_another_s() -> None:
    gone = [add("a.jpg"), add("b.jpg")]
    delete_analyses([gone[1]])
    assert add("c.jpg") == gone[1] + 1
    delete_analyses(None)
    assert add("d.jpg") == gone[1] + 2


def test_hostile_searches_are_text() -> None:
    add("'; DROP TABLE analyses; --.png")
    assert files(text="'; drop") == ["'; DROP TABLE analyses; --.png"]
    for text in ("\\", "%", "_", "\0", "\udcff", "x" * 100_000):
        assert files(text=text) == []


@pytest.mark.parametrize("count", [6_000])
def test_a_page_of_many_records_opens_at_once_and_its_answers_are_not_read(count: int) -> None:
    answer = '{"features": "' + "x" * 3000 + '"}'
    rows = [
        {
            "created": float(i), "file": f"{i}.jpg", "sha256": f"{i // 2:064x}", "verdict": "likely_ai", "check": answer,
            "words": f"{i}.jpg\n",
        }
        for i in range(count)
    ]  # fmt: skip
    with engine.writing() as connection:
        connection.execute(sa.insert(engine.analyses_table), rows)
    start = time.process_time()
    for search in (Search(), Search("nowhere"), Search("77.jpg"), Search(verdicts=("likely_real",))):
        list_records(search, 25, count // 2)
        count_matching(search)
    assert time.process_time() - start < 1
    with engine.reading() as connection:
        plan = connection.execute(
            sa.text("EXPLAIN QUERY PLAN SELECT id FROM analyses WHERE words LIKE '%x%' ORDER BY created DESC, id DESC")
        ).all()
    assert "SCAN analyses USING COVERING INDEX analyses_listing" in str(plan)
