"""The Train page's preset for generators never seen: what it says, and the chain of jobs one click hands in."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from cgid.data.manifest import write_manifest
from cgid.jobs import store
from cgid.settings import settings
from page_driver import open_page, text


@pytest.fixture(autouse=True)
def a_data_set(monkeypatch, tmp_path):
    monkeypatch.setenv("CGID_HOME", str(tmp_path))
    monkeypatch.setattr("cgid.jobs.processes.ensure_supervisor", lambda: None)
    monkeypatch.setattr("cgid.jobs.submit.ensure_supervisor", lambda: None)
    folder = settings().manifests / "photos"
    folder.mkdir(parents=True)
    rows = []
    for i in range(4):
        Image.fromarray(np.full((8, 8, 3), i, np.uint8)).save(tmp_path / f"{i}.png")
        rows.append({"path": str(tmp_path / f"{i}.png"), "label": ("real", "ai")[i % 2], "group": str(i)})
    for part in ("train", "val", "test", "split"):
        write_manifest(pd.DataFrame(rows), folder / f"{part}.csv")


def start(app):
    next(b for b in app.button if b.label == "Train Model A").click().run()
    assert not app.exception and not app.error


def test_one_click_hands_in_three_trainings_and_their_average():
    app = open_page("train")
    app.selectbox(key="a-preset").set_value("Robust").run()
    said = text(app)
    for words in ("unseen", "three times as long as one", "0.58 to 0.63", "inconclusive"):
        assert words in said
    app.text_input(key="a-named").set_value("steady").run()
    start(app)
    jobs = store.list_jobs()
    trainings = sorted((j for j in jobs if j.kind == "train-model-a"), key=lambda j: j.params["seed"])
    [average] = [j for j in jobs if j.kind == "average-runs"]
    assert [t.params["seed"] for t in trainings] == [2026, 3026, 4026]
    assert all(t.params["input"] == "srm" and t.params["fit"] == "crop" for t in trainings)
    assert all(t.params["augment"] == "web" and t.params["patience"] > 0 for t in trainings)
    assert set(average.after) == {t.id for t in trainings} and len(jobs) == 4
    assert average.params["output_dir"].endswith("model_a/steady")
    assert sum("Average runs" in line for line in text(app).splitlines()) == 1, "the page shows it waiting"
    start(app)
    assert len(store.list_jobs()) == 4, "a second click finds the same work"


def test_any_other_preset_is_one_training_unless_more_are_asked_for():
    app = open_page("train")
    app.text_input(key="a-named").set_value("one").run()
    start(app)
    assert [j.kind for j in store.list_jobs()] == ["train-model-a"]
    preset = app.selectbox(key="a-preset").value
    app.number_input(key=f"a-{preset}-seeds").set_value(2).run()
    app.text_input(key="a-named").set_value("two").run()
    start(app)
    assert sorted(j.kind for j in store.list_jobs()) == ["average-runs", *["train-model-a"] * 3]
