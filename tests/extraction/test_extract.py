"""What a person relies on: nothing lost, nothing done twice, bad files listed, the same table from any number of workers."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import counting_groups
from cgid.errors import InputError
from cgid.extraction import extract as module
from cgid.extraction.extract import extract
from cgid.extraction.params import ExtractParams
from cgid.features.registry import select_groups
from synthetic_images import encoded, photo, png_of_claimed_size, write_manifest

CHEAP = "container,ela,noise,spectrum"


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("CGID_HOME", str(tmp_path))
    monkeypatch.setenv("COUNT_LOG", str(tmp_path / "count.log"))
    return tmp_path


def measured_by(monkeypatch, *groups):
    monkeypatch.setattr(module, "select_groups", lambda keys: {g.key: g for g in groups})


def make_images(folder: Path, count: int, side: int = 48) -> list[str]:
    names = [f"{i:03}.png" for i in range(count)]
    for i, name in enumerate(names):
        (folder / name).write_bytes(encoded(photo(side, side, seed=i)))
    write_manifest(folder, names)
    return names


def computed(home: Path) -> list[str]:
    log = home / "count.log"
    return log.read_text().split() if log.exists() else []


def test_one_and_two_workers_write_the_same_table_in_the_manifests_order(home):
    names = make_images(home, 40)
    extract(ExtractParams(home / "m.csv", home / "one.parquet", workers=1, groups=CHEAP))
    os.rename(home / "artifacts", home / "set_aside")
    extract(ExtractParams(home / "m.csv", home / "two.parquet", workers=2, groups=CHEAP))
    assert (home / "one.parquet").read_bytes() == (home / "two.parquet").read_bytes()
    table = pd.read_parquet(home / "one.parquet")
    assert list(table["filename"]) == names
    assert list(table["target_label"]) == [i % 2 == 0 for i in range(40)]
    assert table.loc[0, "filepath"] == str(home / names[0])
    columns = [c for g in select_groups(CHEAP).values() for c in g.columns]
    assert list(table.columns[-len(columns) :]) == columns
    assert not np.isinf(table[columns].to_numpy()).any()


def test_a_folder_of_broken_files_ends_with_each_reason_and_the_rest_is_there(home):
    whole = encoded(photo(), "JPEG", quality=90)
    files = {
        "good.jpg": whole,
        "text.jpg": b"this is a text, not a picture\n" * 20,
        "empty.png": b"",
        "huge.png": png_of_claimed_size(50_000, 50_000),
        "cut.jpg": whole[: len(whole) // 3],
        "also_good.png": encoded(photo(seed=3)),
    }
    for name, data in files.items():
        (home / name).write_bytes(data)
    write_manifest(home, [*files, "gone.jpg"])
    result = extract(ExtractParams(home / "m.csv", home / "out" / "f.parquet", groups=CHEAP, workers=2))
    table = pd.read_parquet(home / "out" / "f.parquet")
    assert {"good.jpg", "also_good.png"} <= set(table["filename"])
    assert not {"text.jpg", "empty.png", "huge.png", "gone.jpg"} & set(table["filename"])
    failures = pd.read_csv(home / "out" / "failures.csv")
    reasons = {Path(p).name: r for p, r in zip(failures["filepath"], failures["reason"])}
    assert "not an image" in reasons["text.jpg"] and "empty" in reasons["empty.png"]
    assert "50000 x 50000" in reasons["huge.png"] or "120,000,000" in reasons["huge.png"]
    assert "does not exist" in reasons["gone.jpg"]
    assert len(table) + len(failures) == 7 and result["failed"] == len(failures)
    progress = json.loads((home / "out" / "training_progress.json").read_text())
    assert progress["finished"] and progress["total"] == progress["done"] == 7
    assert {Path(f["filepath"]).name for f in progress["failed"]} == set(reasons)


def test_the_same_bytes_are_measured_once_and_each_row_is_there(home, monkeypatch):
    measured_by(monkeypatch, counting_groups.COUNT)
    data = encoded(photo())
    for name in ("a.png", "b.png", "c.png"):
        (home / name).write_bytes(data)
    write_manifest(home, ["a.png", "b.png", "c.png"])
    extract(ExtractParams(home / "m.csv", home / "f.parquet", workers=1))
    assert len(computed(home)) == 1
    table = pd.read_parquet(home / "f.parquet")
    assert list(table["filename"]) == ["a.png", "b.png", "c.png"] and table["record_id"].nunique() == 1
    result = extract(ExtractParams(home / "m.csv", home / "again.parquet", workers=1))
    assert len(computed(home)) == 1 and result["cached"] == 3 and result["measured"] == 0


def test_a_new_group_or_version_measures_that_group_only(home, monkeypatch):
    make_images(home, 5)
    run = ExtractParams(home / "m.csv", home / "f.parquet", workers=1)
    measured_by(monkeypatch, counting_groups.COUNT)
    extract(run)
    reader = replace(counting_groups.create_group("reader", read_count, "twice"), after=("count",))
    measured_by(monkeypatch, counting_groups.COUNT, reader)
    extract(run)
    assert len(computed(home)) == 5
    table = pd.read_parquet(run.output)
    assert np.allclose(table["reader_twice"], 2 * table["count_mean"])
    measured_by(monkeypatch, replace(counting_groups.COUNT, version=2), reader)
    extract(run)
    assert len(computed(home)) == 10


def read_count(image, earlier):
    return {"twice": 2 * earlier["count_mean"]}


def test_killed_at_random_points_it_loses_nothing_and_does_nothing_committed_twice(home):
    """Small chunks and commits, so that three kills fall into the middle of 120 images."""
    make_images(home, 120, side=16)
    script = (
        "import sys, counting_groups\n"
        "from pathlib import Path\n"
        "from cgid.extraction import dispatch as m, extract as e\n"
        "from cgid.extraction.params import ExtractParams\n"
        "m.COMMIT_IMAGES, m.IMAGES_PER_CHUNK = 8, 4\n"
        "e.select_groups = lambda keys: {'count': counting_groups.COUNT}\n"
        "e.extract(ExtractParams(Path('m.csv'), Path('f.parquet'), workers=2))\n"
    )
    search = os.pathsep.join([str(Path(__file__).parents[1] / "support"), str(Path(__file__).parents[2])])
    command = {"args": [sys.executable, "-c", script], "cwd": home, "env": {**os.environ, "PYTHONPATH": search}}
    random.seed(7)
    kills: list[tuple[int, set[str]]] = []  # (computations so far, contents committed)
    store = home / "artifacts" / "features" / "store" / "count-v1"
    for _ in range(3):
        start, commits = len(computed(home)), len(list(store.glob("*.parquet")))
        job, wanted = subprocess.Popen(**command), random.randint(10, 30)
        while job.poll() is None and (
            len(computed(home)) < start + wanted or len(list(store.glob("*.parquet"))) == commits
        ):
            time.sleep(0.01)
        job.send_signal(signal.SIGKILL)
        job.wait()
        time.sleep(0.5)  # its workers may finish the chunk in hand
        kills.append((len(computed(home)), {k for s in store.glob("*.parquet") for k in pd.read_parquet(s)["key"]}))
    subprocess.run(**command, check=True)
    table = pd.read_parquet(home / "f.parquet")
    assert len(table) == 120 and table["count_mean"].notna().all()
    assert kills[0][1] < kills[-1][1]
    for mark, committed in kills:
        assert not committed & set(computed(home)[mark:])
    # Each kill may cost what was not committed (8, and the chunk that would have filled it) and two chunks in flight.
    assert len(computed(home)) <= 120 + 3 * (8 + 4 + 2 * 4)


def test_progress_tells_rate_and_time_left_while_it_runs(home, monkeypatch):
    make_images(home, 80, side=16)
    measured_by(monkeypatch, counting_groups.COUNT)
    monkeypatch.setattr("cgid.extraction.progress_file.UPDATE_SECONDS", 0)
    seen = []
    extract(ExtractParams(home / "m.csv", home / "f.parquet", workers=1), lambda *state: seen.append(state))
    done = [s for s in seen if s[0]]
    assert [s[0] for s in done] == sorted(s[0] for s in done) and done[-1][:2] == (80, 80)
    assert any("images/s" in note and "left" in note for _, _, note in done)


def test_without_a_model_a_run_its_column_is_there_and_missing(home):
    make_images(home, 2)
    extract(ExtractParams(home / "m.csv", home / "f.parquet", workers=1, groups="container"))
    with pytest.raises(InputError, match="Model A run"):
        extract(ExtractParams(home / "m.csv", home / "f.parquet", workers=1, groups="container,model_a"))
    extract(ExtractParams(home / "m.csv", home / "all.parquet", workers=1))
    table = pd.read_parquet(home / "all.parquet")
    assert table["ml_probability"].isna().all() and (table["ml_missing"] == 1).all()


def test_when_nothing_can_be_read_it_says_so_in_one_line(home):
    (home / "a.jpg").write_bytes(b"no")
    write_manifest(home, ["a.jpg"])
    with pytest.raises(InputError, match=r"No image of .*m\.csv could be read: a\.jpg"):
        extract(ExtractParams(home / "m.csv", home / "f.parquet", workers=1))
    with pytest.raises(InputError, match="No feature group is called nonsense"):
        extract(ExtractParams(home / "m.csv", home / "f.parquet", groups="nonsense"))
