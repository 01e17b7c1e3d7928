"""The Train page: what a training would take, what waits before it, how it goes, and what to do where it did not fit."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict
from pathlib import Path

import pytest

from cgid.files import write_json
from cgid.jobs import claims, store
from cgid.jobs.submit import submit
from cgid.settings import settings
from cgid.train.duration import Span
from cgid.train.memory import out_of_memory
from cgid.train.params import TrainModelAParams
from page_driver import open_page, text

SLOTS = {"cpu": 1, "gpu": 1}
FORM = "a-Quick look"
ANSWER = "1 min 50 s to 2 min 40 s"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a split data set of eight rows whose images nobody opens; no worker, no graphics card."""
    monkeypatch.setenv("CGID_HOME", str(tmp_path))
    monkeypatch.delenv("CGID_DATABASE_URL", raising=False)
    monkeypatch.setenv("CGID_WORKERS", "2")
    monkeypatch.setattr("cgid.jobs.submit.ensure_supervisor", lambda: None)
    monkeypatch.setattr("cgid.jobs.store._wake", lambda: None)
    monkeypatch.setattr("shutil.which", lambda *_: None)
    folder = settings().manifests / "faces"
    folder.mkdir(parents=True)
    rows = "\n".join(f"{tmp_path}/{i}.png,{('real', 'ai')[i % 2]}" for i in range(8))
    for name in ("split", "train", "val", "test"):
        (folder / f"{name}.csv").write_text(f"path,label\n{rows}\n")
        os.utime(folder / f"{name}.csv", (1, 1))
    return tmp_path


def training(home: Path, name: str = "run", **changes) -> TrainModelAParams:
    data = settings().manifests / "faces"
    return TrainModelAParams(
        data / "train.csv", data / "val.csv", data / "test.csv", settings().runs / "model_a" / name, **changes
    )


def finish_estimate(**changes) -> None:
    """The waiting estimate ends with an answer."""
    parts = {"training": asdict(Span(100, 120, 150)), "export": asdict(Span(10, 10, 10))}
    answer = {
        "summary": "s", "total": asdict(Span(110, 130, 160)), "parts": parts, "largest": "training",
        "images_per_second": 40.0, "memory": 2_100_000_000, "device": "cpu, 2 threads", "batch_size": 32, "fits": True,
        "trouble": "",
    }  # fmt: skip
    job = claims.claim(SLOTS)
    assert job.kind == "estimate-training" and claims.finish(job.id, job.attempt, answer | changes)


def test_settings_that_nobody_measured_say_so_and_expert_settings_are_there():
    app = open_page("train")
    assert "not measured for these settings" in text(app) and "yours would start at once" in text(app)
    labels = {w.label for kind in (app.selectbox, app.number_input, app.text_input, app.checkbox) for w in kind}
    assert {
        "Initial weights",
        "First layers",
        "Label smoothing",
        "Cross-fit folds",
        "Source for early stopping",
    } <= labels
    assert app.expander[0].label == "Expert settings"


def test_one_press_measures_what_the_form_says_and_a_changed_form_is_not_measured():
    app = open_page("train")
    app.number_input(key=f"{FORM}-epochs").set_value(7).run()
    app.button(key="a-estimate").click().run()
    (job,) = store.list_jobs()
    assert (job.kind, job.params["epochs"], job.params["fit"]) == ("estimate-training", 7, "crop")
    finish_estimate()
    app.run()
    shown = text(app)
    assert ANSWER in [h.value for h in app.subheader]
    assert "**training** (92 %)" in shown and "40 images/s" in shown and "2.1 GB" in shown
    assert "not measured" not in shown
    app.number_input(key=f"{FORM}-rate").set_value(0.01).run()
    assert "not measured" not in text(app), "a learning rate takes no time"
    app.number_input(key=f"{FORM}-epochs").set_value(8).run()
    assert "not measured for these settings" in text(app) and ANSWER not in text(app)
    app.number_input(key=f"{FORM}-epochs").set_value(7).run()
    assert ANSWER in text(app)


def test_an_estimate_from_before_the_data_changed_does_not_count():
    app = open_page("train")
    app.button(key="a-estimate").click().run()
    finish_estimate()
    later = time.time() + 60
    os.utime(settings().manifests / "faces" / "train.csv", (later, later))
    app.run()
    assert "not measured" in text(app)


def test_a_batch_that_does_not_fit_is_said_with_the_largest_that_does():
    app = open_page("train")
    app.button(key="a-estimate").click().run()
    finish_estimate(fits=False, batch_size=8)
    app.run()
    assert "32 images of 128 px do not fit in memory in one step; 8 do" in app.warning[0].value
    app.button(key="a-use-batch").click().run()
    assert app.number_input(key=f"{FORM}-batch").value == 8 and "not measured for these settings" in text(app)


def test_finished_runs_of_the_same_kind_answer_at_once():
    run = settings().runs / "model_a" / "before"
    history = [{"epoch": n, "seconds": 2.0, "train_loss": 0.5, "val_loss": 0.6, "val_auc": 0.7} for n in (1, 2, 3)]
    config = {"image_size": 128, "batch_size": 32, "fit": "crop", "cross_fit": 2}
    write_json(run / "run_manifest.json", {
        "kind": "model_a", "config": config, "device": "cpu, 2 threads", "seconds": 20.0, "history": history,
        "data": {"name": "faces", "train": 8, "val": 8, "test": 8},
    })  # fmt: skip
    shown = text(open_page("train"))
    # the same data and epochs: 12 s of training with its cross-fit parts, and 8 s of the rest
    assert "Based on a finished run with the same network" in shown and "`before`" in shown
    assert "20 s, at 4 images/s" in shown


def test_what_runs_and_waits_comes_before_yours(home):
    for name in ("a", "b", "c"):
        submit("train-model-a", training(home, name, device="cpu"))
    job = claims.claim(SLOTS)
    claims.progress(job.id, job.attempt, 1, 4, "training, epoch 1/4, 30 images/s, 3 min 5 s left", 185.0)
    shown = text(open_page("train"))
    assert "1 job is running on the CPU (Train Model A, about 3 min 5 s left)" in shown
    assert "2 jobs are waiting for it; yours would be third in the queue" in shown
    bars = [p.proto.text for p in open_page("train").get("progress")]
    assert "waiting, 1 job ahead" in bars and "waiting to start" in bars


def test_a_running_training_draws_its_curve_before_its_first_epoch_is_over(home):
    submit("train-model-a", training(home, "live", device="cpu"))
    job = claims.claim(SLOTS)
    claims.progress(job.id, job.attempt, 5, 40, "cross-fit 1 of 2, epoch 1/4, 30 images/s, 2 min 0 s left", 120.0)
    steps = [{"epoch": n / 10, "loss": 0.7 - n / 100, "lr": n / 1e4, "images_per_second": 30 + n} for n in range(1, 5)]
    write_json(Path(job.params["output_dir"]) / "history.json", {"epochs": [], "steps": steps})
    app = open_page("train")
    charts = [json.loads(c.proto.spec) for c in app.get("vega_lite_chart")]
    assert len(charts) == 3, "loss, learning rate, images/s; no AUC yet"
    assert any("cross-fit 1 of 2" in p.proto.text for p in app.get("progress"))
    epoch = {"epoch": 1, "train_loss": 0.6, "val_loss": 0.65, "val_auc": 0.8, "lr": 1e-4, "images_per_second": 31.0}
    write_json(Path(job.params["output_dir"]) / "history.json", {"epochs": [epoch], "steps": steps})
    app.run()
    assert len(app.get("vega_lite_chart")) == 4
    assert claims.finish(job.id, job.attempt, {})
    app.run()
    assert "Training" not in text(app) and len(app.get("vega_lite_chart")) == 4, "and it stays when it has ended"


def test_a_training_that_did_not_fit_is_started_again_with_a_smaller_batch_by_one_press(home):
    submit("train-model-a", training(home, "big", device="cpu", batch_size=64, epochs=9))
    job = claims.claim(SLOTS)
    error = out_of_memory("The", 64, 224)
    claims.fail(job.id, job.attempt, str(error), code=error.code, suggestion=error.suggestion)
    app = open_page("train")
    assert "memory is too small for 64 images of 224 px" in text(app)
    app.button(key=f"train-smaller-{job.id}").click().run()
    assert not app.exception
    (again,) = store.list_jobs(status="queued")
    assert (again.params["batch_size"], again.params["epochs"]) == (32, 9)
    assert Path(again.params["output_dir"]).name == "big-batch32", "a run folder never mixes two trainings"


def test_a_file_of_weights_that_is_not_there_starts_nothing():
    app = open_page("train")
    app.selectbox(key=f"{FORM}-weights").select("file").run()
    app.button(key="a-start").click().run()
    assert "existing weights file" in app.error[0].value and not store.list_jobs()
