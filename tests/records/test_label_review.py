"""People decide what manifests cannot: saved whole, taken back at will, and no edit of another window is lost."""

from __future__ import annotations

import threading

import pytest

from cgid.data.label_map import COLUMNS, PERSON_SOURCE, read_label_map
from cgid.errors import InputError
from cgid.records import label_review as review
from cgid.records import store
from cgid.records.label_review import (
    AI,
    LEFT_OUT,
    LEFT_OUT_CHOICE,
    REAL,
    SUGGESTED,
    UNDECIDED,
    decide,
    load_review,
    save,
    undo,
)

NAMES = ("by content.jpg", "twin.jpg", "=cmd|'calc'!A1.jpg", "new,\nline.jpg")
IDS = [f"{i:064x}" for i in range(4)]


@pytest.fixture
def seen(tmp_path):
    """A look at four analysed images: one known by content, one in doubt, two unknown with hostile names."""
    for record, name in zip(reversed(IDS), reversed(NAMES)):
        store.record_analysis(
            {"file": f"/gone/{name}", "sha256": record, "verdict": "inconclusive", "features": {"x": 1}}
        )
    manifest = tmp_path / "m.csv"
    manifest.write_text(f"filepath,label,sha256\nx/a.jpg,ai,{IDS[0]}\nx/twin.jpg,real,{'e' * 64}\ny/twin.jpg,real,\n")
    return lambda: load_review(review.map_path(), [manifest])


def finals() -> list[str]:
    return read_label_map(review.map_path())["final_label"].tolist()


def test_the_look_shows_what_manifests_say_before_anything_is_saved(seen):
    shown = seen()
    assert shown.rows["filename"].tolist() == list(NAMES) and shown.fingerprint == ""
    assert review.states(shown.rows) == ["manifests", "doubtful", "unknown", "unknown"]
    assert review.counts(shown.rows) == {"real": 0, "ai": 1, "left out": 0, "to decide": 3}
    assert shown.files[IDS[0]][0] == "/gone/by content.jpg" and shown.files[IDS[0]][1].endswith("x/a.jpg")
    assert not review.map_path().exists()
    save(shown)
    assert finals() == ["ai", "", "", ""] and tuple(read_label_map(review.map_path())) == COLUMNS


def test_decisions_are_saved_with_who_decided_and_taken_back_one_by_one(seen):
    assert decide(seen(), [2, 3], REAL) == 2
    assert review.last_change(seen()) == ("2 images", "real")
    assert decide(seen(), [1], LEFT_OUT_CHOICE) == 1
    rows = seen().rows
    assert review.states(rows) == ["manifests", "left out", "person", "person"]
    assert rows["notes"][1] == LEFT_OUT and rows["label_source"].tolist()[1:] == [PERSON_SOURCE] * 3
    assert undo(seen()) == 1
    assert finals() == ["ai", "", "real", "real"] and "2 manifest rows" in seen().rows["notes"][1]
    assert review.last_change(seen()) is None
    with pytest.raises(InputError, match="no change"):
        undo(seen())


def test_what_manifests_suggest_is_taken_where_they_suggest_and_a_decision_can_be_given_up(seen):
    assert decide(seen(), [0, 1, 2, 3], SUGGESTED) == 2
    assert review.states(seen().rows) == ["person", "person", "unknown", "unknown"] and finals()[1] == "real"
    assert decide(seen(), [0, 1], UNDECIDED) == 2
    assert review.states(seen().rows)[:2] == ["manifests", "doubtful"]
    assert decide(seen(), [2], SUGGESTED) == 0


def test_an_edit_of_another_window_is_never_overwritten(seen):
    here, there = seen(), seen()
    decide(there, [1], AI)
    for attempt in (lambda: decide(here, [2], REAL), lambda: undo(here), lambda: save(here)):
        with pytest.raises(InputError, match="changed elsewhere"):
            attempt()
    assert finals() == ["ai", "ai", "", ""]
    decide(seen(), [2], REAL)
    assert finals() == ["ai", "ai", "real", ""]


def test_an_edit_in_a_spreadsheet_is_kept_and_ends_what_could_be_undone(seen):
    decide(seen(), [1], AI)
    path = review.map_path()
    path.write_text(path.read_text().replace("calc'!A1.jpg,,,", "calc'!A1.jpg,,real,"))
    assert review.last_change(seen()) is None and review.states(seen().rows)[2] == "person"
    decide(seen(), [3], LEFT_OUT_CHOICE)
    assert finals() == ["ai", "ai", "real", ""]


def test_two_writers_at_once_lose_nothing(seen):
    save(seen())
    done: list[int] = []

    def write(places: list[int]) -> None:
        for place in places:
            while True:
                try:
                    done.append(decide(seen(), [place], AI))
                    break
                except InputError as error:
                    assert "changed elsewhere" in str(error)

    threads = [threading.Thread(target=write, args=(places,)) for places in ([1, 2], [3, 0])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(done) == 4 and review.states(seen().rows) == ["person"] * 4


def test_a_new_record_and_a_deleted_one_keep_every_decision(seen):
    decide(seen(), [1, 2], AI)
    store.record_analysis({"file": "later.jpg", "sha256": "f" * 64, "verdict": "likely_ai", "features": {"x": 1}})
    [gone] = [r["id"] for r in store.analyses(sha256=IDS[1])]
    store.delete_analysis(gone)
    rows = seen().rows
    assert rows["filename"].tolist() == ["later.jpg", NAMES[0], NAMES[2], NAMES[3], NAMES[1]]
    assert review.states(rows) == ["unknown", "manifests", "person", "unknown", "person"]


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"after": 1}', '{"after": "STAMP", "what": 1, "choice": 2, "rows": [[1]]}']
)
def test_a_damaged_journal_only_means_that_nothing_can_be_undone(seen, text):
    decide(seen(), [1], AI)
    journal = review.map_path().with_suffix(".undo.json")
    journal.write_text(text.replace("STAMP", seen().fingerprint))
    assert review.last_change(seen()) is None


def test_a_manifest_that_cannot_be_read_is_named_and_the_others_count(seen, tmp_path):
    (tmp_path / "bad.csv").write_text("filepath,label\nx,fake\n")
    shown = load_review(review.map_path(), [tmp_path / "bad.csv", tmp_path / "m.csv", tmp_path / "none.csv"])
    assert shown.rows["final_label"][0] == "ai" and len(shown.problems) == 2 and "bad.csv line 2" in shown.problems[0]
