"""Label map: pictures of analysed images are labelled, all at once too, undone, and handed to Model B; names stay text."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PIL import Image

from cgid.data.label_map import read_label_map
from cgid.files import sha256_of
from cgid.jobs import store as jobs_store
from cgid.records import keep, store
from cgid.records import label_review as review
from cgid.settings import settings
from page_driver import open_page, text

HOSTILE = "=1+1 ![x](http:evil) <b>$z$ :red[y].png"


@pytest.fixture(autouse=True)
def no_worker(monkeypatch):
    monkeypatch.setattr("cgid.jobs.submit.ensure_supervisor", lambda: None)


@pytest.fixture
def analysed(tmp_path):
    """15 pictures, one with a hostile name and one whose file is gone; a manifest knows the first two by content."""
    rows = []
    for i in range(15):
        path = tmp_path / (HOSTILE if i == 2 else f"{i}.png")
        Image.fromarray(np.full((20, 30, 3), i, np.uint8)).save(path)
        rows.append((path, sha256_of(path)))
    for path, sha256 in reversed(rows):
        store.record_analysis({"file": str(path), "sha256": sha256, "verdict": "inconclusive", "features": {"x": 1.0}})
    rows[3][0].unlink()
    folder = settings().manifests / "mine"
    folder.mkdir(parents=True)
    known = "".join(f"x/{i}.png,{label},,,train,{rows[i][1]}\n" for i, label in ((0, "ai"), (1, "real")))
    (folder / "split.csv").write_text(
        "filepath,label,source,generator,split,sha256\n" + known + "y/4.png,ai,,,train,ee\n"
    )
    return rows


def controls(app):
    return [c for c in app.get("button_group") if str(c.key).startswith("label-")]


def labels() -> dict[str, str]:
    frame = read_label_map(review.map_path())
    return dict(zip(frame["filename"], frame["final_label"]))


def metrics(app) -> dict[str, str]:
    return {m.label: m.value for m in app.metric}


def test_before_anything_was_analysed_the_page_says_where_to_begin():
    app = open_page("labels")
    assert "No image has been analysed yet" in text(app) and app.get("page_link")


def test_pictures_wait_with_what_manifests_say_of_them(analysed):
    app = open_page("labels")
    assert metrics(app) == {"Real": "1", "AI": "1", "Left out": "0", "To decide": "13"}
    said = text(app)
    assert "No manifest lists this image" in said and "other content" in said and "manifests say AI" in said
    assert said.count("image file was not found") == 1 and len(app.get("image")) == 11
    assert "deliberately not shown here" in said and not review.map_path().exists()
    app.number_input(key="labels-page-to decide").set_value(2).run()
    assert not app.exception and len(controls(app)) == 1
    doubtful = open_page("labels", show="doubtful")
    assert len(controls(doubtful)) == 1 and "4.png" in text(doubtful)


def test_what_was_only_uploaded_is_shown_by_the_small_picture_that_was_kept(analysed):
    path, sha256 = analysed[4]
    keep.save_thumbnail(sha256, path.read_bytes(), "4.png")
    path.unlink()
    app = open_page("labels", show="doubtful")
    assert len(app.get("image")) == 1 and "image file was not found" not in text(app)
    path.write_bytes(analysed[5][0].read_bytes())  # another picture of that name is not shown in its place
    assert len(open_page("labels", show="doubtful").get("image")) == 1
    keep.thumbnail_path(sha256).unlink()
    app = open_page("labels", show="doubtful")
    assert not app.get("image") and "image file was not found" in text(app)


def test_a_choice_is_saved_at_once_stays_in_place_and_can_be_undone(analysed):
    app = open_page("labels")
    first = controls(app)[0]
    first.set_value("ai").run()
    assert not app.exception and labels()[HOSTILE] == "ai"
    assert controls(app)[0].key == first.key and "By a person" in text(app)
    assert metrics(app)["AI"] == "2"
    controls(app)[1].set_value("left out").run()
    assert metrics(app)["Left out"] == "1" and labels()["3.png"] == ""
    app.button(key="labels-undo").click().run()
    assert metrics(app)["Left out"] == "0" and labels()[HOSTILE] == "ai"
    assert app.button(key="labels-undo").disabled


def test_all_of_a_filter_at_once_asks_first(analysed):
    app = open_page("labels")
    every = app.segmented_control(key="labels-all-to decide")
    every.set_value("real").run()
    assert "**13** images will be labelled real" in text(app) and not review.map_path().exists()
    app.button(key="labels-confirm").click().run()
    assert not app.exception and metrics(app) == {"Real": "14", "AI": "1", "Left out": "0", "To decide": "0"}
    assert any("There is nothing left" in s.value for s in app.success)
    app.button(key="labels-undo").click().run()
    assert metrics(app)["To decide"] == "13"


def test_an_edit_of_another_tab_is_not_overwritten_and_is_said(analysed):
    here, there = open_page("labels"), open_page("labels")
    controls(there)[0].set_value("real").run()
    controls(here)[1].set_value("ai").run()
    assert any("changed elsewhere" in e.value for e in here.error)
    assert labels()[HOSTILE] == "real" and labels()["3.png"] == "" and metrics(here)["Real"] == "2"
    controls(here)[1].set_value("ai").run()
    assert not here.error and labels()["3.png"] == "ai"


def test_names_from_files_stay_text(analysed):
    app = open_page("labels", show="all")
    controls(app)[2].set_value("ai").run()
    shown = [c.value for c in app.caption if "![x]" in c.value]
    assert len(shown) == 2  # the card and the last change
    for caption in shown:
        outside = re.sub(r"(`+)(?!`).*?\1(?!`)", "", caption)
        assert not set(outside) & set("![<$"), caption


def test_labelled_records_are_exported_and_train_model_b_in_this_order(analysed):
    app = open_page("labels")
    assert app.button(key="labels-train").disabled and "at least 4" in " ".join(i.value for i in app.info)
    seen = review.load_review(review.map_path(), [settings().manifests / "mine" / "split.csv"])
    review.decide(seen, range(2, 8), "ai")
    review.decide(review.load_review(review.map_path(), []), range(8, 14), "real")
    app = open_page("labels")
    app.button(key="labels-train").click().run()
    assert not app.exception and not app.error
    jobs = {job.kind: job for job in jobs_store.list_jobs()}
    assert set(jobs) == {"export-model-b-features", "train-model-b"}
    assert jobs["train-model-b"].after == (jobs["export-model-b-features"].id,)
    assert jobs["train-model-b"].params["features_csv"] == jobs["export-model-b-features"].params["output"]


def test_a_damaged_map_is_one_sentence_and_is_left_alone(analysed):
    review.map_path().parent.mkdir(parents=True, exist_ok=True)
    review.map_path().write_text("filename,final_label\na.png,![x](http://127.0.0.1/a.png)\n")
    app = open_page("labels")
    assert len(app.error) == 1 and "line 2" in app.error[0].value and "![x](" not in app.error[0].value
    assert "![x]" in review.map_path().read_text()


def test_a_database_that_cannot_be_used_is_one_sentence(monkeypatch):
    monkeypatch.setenv("CGID_DATABASE_URL", "nodb://me@127.0.0.1/cgid")
    app = open_page("labels")
    assert len(app.error) == 1 and "CGID\\_DATABASE\\_URL" in app.error[0].value
