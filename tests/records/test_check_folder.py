"""A folder is checked once: every file has an answer and one record, whatever ends the work on the way."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cgid.compute.limits import WorkerLost
from cgid.errors import InputError
from cgid.records import check_folder as step
from cgid.records.params import CheckFolderParams
from cgid.records.store import analyses


def silent(done: int, total: int, note: str = "") -> None:
    pass


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("CGID_HOME", str(tmp_path / "home"))
    folder = tmp_path / "pictures"
    (folder / "below").mkdir(parents=True)
    for i, name in enumerate(("a.png", "b.png", "below/c.png", "=cmd().png")):
        pixels = np.random.default_rng(i).integers(0, 256, (40, 40, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / name)
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff broken")
    (folder / "notes.txt").write_text("no image")
    return tmp_path


def run(home: Path, **more) -> dict:
    params = CheckFolderParams(root=home / "pictures", output_dir=home / "out", workers=1, **more)
    return step.check_folder(params, silent)


def lines(home: Path) -> list[dict]:
    return [json.loads(line) for line in (home / "out" / "checks.jsonl").read_text().splitlines()[1:]]


def test_every_image_has_an_answer_a_row_and_a_record(home) -> None:
    result = run(home)
    assert result["verdicts"] == {"inconclusive": 4, "unreadable": 1}
    assert "1 cannot be read" in result["summary"]
    with open(home / "out" / "checks.csv", encoding="utf-8-sig", newline="") as file:
        rows = {row["file"]: row for row in csv.DictReader(file)}
    assert set(rows) == {"a.png", "b.png", os.path.join("below", "c.png"), "'=cmd().png", "broken.jpg"}
    assert rows["broken.jpg"]["error"].startswith("broken.jpg ")
    assert sorted(row["file"] for row in analyses()) == sorted(answer["file"] for answer in lines(home))
    summary = json.loads((home / "out" / "summary.json").read_text())
    assert summary["images"] == 5 and summary["passed_over"] == {"files ending in .txt": 1}


def test_a_second_run_judges_only_what_is_new_or_changed(home, monkeypatch) -> None:
    run(home)
    judged = []
    real = step.map_chunks

    def seen(function, chunks, **how):
        judged.extend(name for chunk in chunks for name, _ in chunk)
        return real(function, chunks, **how)

    monkeypatch.setattr(step, "map_chunks", seen)
    run(home)
    assert judged == []
    Image.new("RGB", (30, 30), "red").save(home / "pictures" / "a.png")
    Image.new("RGB", (30, 30), "blue").save(home / "pictures" / "new.png")
    (home / "pictures" / "b.png").unlink()
    run(home)
    assert sorted(judged) == ["a.png", "new.png"]
    with open(home / "out" / "checks.csv", encoding="utf-8-sig", newline="") as file:
        assert "b.png" not in {row["file"] for row in csv.DictReader(file)}
    assert len(analyses()) == 7  # the first answer to a.png and that to b.png stay in the history


def test_killed_between_record_and_line_nothing_is_recorded_twice(home, monkeypatch) -> None:
    add = step.ResultWriter.add

    def killed(book, answer) -> None:
        if len(book.answers) == 2:
            raise KeyboardInterrupt
        add(book, answer)

    monkeypatch.setattr(step.ResultWriter, "add", killed)
    with pytest.raises(KeyboardInterrupt):
        run(home)
    assert len(analyses()) == 3  # the third is recorded, its line was never written
    monkeypatch.setattr(step.ResultWriter, "add", add)
    run(home)
    assert len(lines(home)) == 5
    assert len(analyses()) == 5


def test_a_line_cut_short_is_judged_again(home) -> None:
    run(home)
    path = home / "out" / "checks.jsonl"
    path.write_bytes(path.read_bytes()[:-40])
    run(home)
    assert sorted(a["file"] for a in lines(home)) == sorted(
        ["a.png", "b.png", os.path.join("below", "c.png"), "=cmd().png", "broken.jpg"]
    )
    assert len(analyses()) == 5


@pytest.mark.parametrize("text", ["", "no json\n", '{"state": {}}\n', "[1]\n"])
def test_a_damaged_book_is_begun_anew(home, text) -> None:
    (home / "out").mkdir()
    (home / "out" / "checks.jsonl").write_text(text)
    assert run(home)["images"] == 5


def test_without_records_nothing_is_kept_in_the_database(home) -> None:
    run(home, record=False)
    assert analyses() == []
    assert not list((home / "home").rglob("*.webp"))


def test_a_file_that_ends_its_process_costs_only_itself(home, monkeypatch) -> None:
    def lost(function, chunks, **how):
        for index, chunk in enumerate(chunks):
            if any(name == "b.png" for name, _ in chunk):
                yield index, WorkerLost("memory", "needed more than 2000 MB")
            else:
                yield index, function(chunk)

    monkeypatch.setattr(step, "map_chunks", lost)
    run(home)
    by_name = {answer["file"]: answer for answer in lines(home)}
    assert len(by_name) == 5
    assert by_name["b.png"]["error"] == "b.png could not be checked: it needed more than 2000 MB."
    assert by_name["a.png"]["verdict"] == "inconclusive"


def test_what_cannot_be_done_is_one_sentence(home) -> None:
    with pytest.raises(InputError, match="not a folder"):
        step.check_folder(CheckFolderParams(root=home / "none", output_dir=home / "out"), silent)
    (home / "empty").mkdir()
    with pytest.raises(InputError, match="contains no images"):
        step.check_folder(CheckFolderParams(root=home / "empty", output_dir=home / "out"), silent)
    with pytest.raises(InputError, match="no Model A run"):
        run(home, model_a="nonsense")
