"""History: kept checks are found, opened, noted, deleted; nothing of a picture is kept where somebody said never."""

from __future__ import annotations

import hashlib
import io
import json

import numpy as np
import pytest
from PIL import Image

from cgid.records import keep as records_keep
from cgid.records import store
from cgid.records.report import write
from cgid.records.store import Search, list_records, record_analysis
from cgid.settings import stores_images
from page_driver import open_page, text

HOSTILE = "=1+1 ![x](http:evil) <b>$z$ :red[y].png"


def keep(file: str, shade: int = 90, verdict: str = "likely_ai", **more) -> int:
    buffer = io.BytesIO()
    Image.fromarray(np.full((30, 40, 3), shade, np.uint8)).save(buffer, "PNG")
    sha256 = hashlib.sha256(buffer.getvalue()).hexdigest()
    found = {"file": file, "sha256": sha256, "verdict": verdict, "probability_ai": 0.999, "reason": "So *it* is."}
    return records_keep.save_check({**found, **more}, buffer.getvalue())


def press(app, label: str):
    [button] = [b for b in app.button if b.label == label]
    button.click().run()
    assert not app.exception, [e.value for e in app.exception]
    return app


def test_an_empty_history_says_the_next_step():
    assert "No image has been checked yet" in text(open_page("history"))


def test_kept_checks_stand_newest_first_with_verdict_in_words_and_hostile_names_as_text():
    keep("/x/first.jpg", 10, "declared_ai")
    keep(f"/x/{HOSTILE}", 20)
    said = text(open_page("history"))
    assert "**2** records" in said and "over 99 % AI" in said and f"`{HOSTILE}`" in said
    assert said.index("Likely AI") < said.index("Declared AI by its own data")


def test_a_search_in_the_address_finds_by_note_and_verdict():
    for i in range(3):
        store.write_note(keep(f"{i}.jpg", i, "likely_real" if i else "likely_ai"), f"desk {i}")
    assert "**1** of 3 records" in text(open_page("history", q="DESK 2"))
    assert "**1** of 3 records" in text(open_page("history", verdict="Likely AI"))
    assert "No record matches" in text(open_page("history", q="nowhere"))


def test_many_records_come_a_page_at_a_time():
    for i in range(14):
        record_analysis({"file": f"{i}.jpg", "sha256": f"{i:064x}", "verdict": "likely_real"})
    app = open_page("history")
    assert "`13.jpg`" in text(app) and "`1.jpg`" not in text(app)
    app.number_input[0].set_value(2).run()
    assert "`1.jpg`" in text(app) and "`13.jpg`" not in text(app)


def test_an_opened_record_shows_what_was_said_then_and_takes_a_note():
    first, second = keep("/x/a.png"), keep("/x/a.png", verdict="inconclusive", reason="Now open.")
    app = open_page("history", record=str(first))
    said = text(app)
    assert "Likely AI" in said and "So \\*it\\* is\\." in said and "2 results for this image" in said
    assert "They disagree" in said and "not stored" in said
    app.text_area[0].set_value("seen <b>twice</b>").run()
    assert list_records(Search("twice"))[0]["id"] == first
    press(app, "Open")
    assert app.query_params["record"] in (str(second), [str(second)]) and "Now open" in text(app)


def test_a_file_that_is_still_there_can_be_checked_again(tmp_path):
    path = tmp_path / "a.png"
    id = keep(str(path))
    assert not [b for b in open_page("history", record=str(id)).button if "Check again" in b.label]
    Image.fromarray(np.full((30, 40, 3), 90, np.uint8)).save(path, "PNG")
    assert [b for b in open_page("history", record=str(id)).button if "Check again" in b.label]


@pytest.mark.parametrize("asked", ["99", "x", "1 OR 1", "9" * 40])
def test_a_record_that_is_not_there_is_one_sentence(asked):
    assert "no such record" in text(open_page("history", record=asked))


def test_chosen_records_are_deleted_with_their_pictures_and_the_others_stay():
    kept, gone = keep("a.jpg", 1), keep("b.jpg", 2)
    app = open_page("history")
    app.checkbox(key=f"history-chosen-{gone}").check().run()
    assert "cannot be undone" in text(app)
    press(app, "Delete permanently")
    assert [row["id"] for row in list_records()] == [kept] and len(records_keep.all_thumbnails()) == 1
    assert "**1** record" in text(app)


def test_deleting_takes_pictures_away_that_a_crash_left_behind():
    left, gone = keep("left.jpg", 1), keep("gone.jpg", 2)
    store.delete_analysis(left)  # the row alone, as if it ended there
    app = open_page("history", record=str(gone))
    press(app, "Delete permanently")
    assert records_keep.all_thumbnails() == [] and not records_keep.has_thumbnails()


def test_everything_is_deleted_only_by_who_says_so():
    keep("a.jpg", 1), keep("b.jpg", 2)
    app = open_page("history")
    [button] = [b for b in app.button if b.label == "Delete all records permanently"]
    assert button.disabled
    app.checkbox(key="history-sure").check().run()
    press(app, "Delete all records permanently")
    assert store.count_analyses() == 0 and records_keep.all_thumbnails() == []
    assert "No image has been checked yet" in text(app)


def test_never_storing_images_offers_to_delete_those_that_are_there(monkeypatch):
    keep("a.jpg")
    app = open_page("history")
    app.toggle(key="never-store").set_value(True).run()
    assert not stores_images() and "no images are stored" in text(app)
    press(app, "Delete them permanently")
    assert records_keep.all_thumbnails() == [] and store.count_analyses() == 1
    keep("b.jpg", 7)
    assert records_keep.all_thumbnails() == [] and "no image stored" in text(open_page("history"))
    monkeypatch.setenv("CGID_STORE_IMAGES", "small")
    app = open_page("history")
    assert app.toggle(key="never-store").disabled and "environment variable" in text(app)


def test_an_unusable_database_is_one_sentence(monkeypatch):
    monkeypatch.setenv("CGID_DATABASE_URL", "nonsense")
    assert "CGID\\_DATABASE\\_URL cannot be used" in text(open_page("history"))


def test_the_table_is_no_formula_and_json_lines_are_whole_records():
    keep("@SUM(1)", 1)
    store.write_note(keep("b.jpg", 2), "=HYPERLINK(1)")
    sheet = write.records_csv(Search()).decode("utf-8-sig")
    assert "'@SUM(1)" in sheet and "'=HYPERLINK(1)" in sheet and sheet.startswith("id,checked,file")
    lines = [json.loads(line) for line in write.records_json_lines(Search("b.jpg")).splitlines()]
    assert [line["record"]["file"] for line in lines] == ["b.jpg"] and lines[0]["check"]["reason"] == "So *it* is."
    assert write.records_json_lines(Search("nowhere")) == b""
