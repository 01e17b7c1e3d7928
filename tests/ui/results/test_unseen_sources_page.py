"""Results says how a training does on a source it has never seen, or offers the form that measures it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cgid.data.manifest import write_manifest
from cgid.files import write_json, write_text
from cgid.jobs import store
from cgid.settings import settings
from cgid.train import source_summary
from cgid.train.source_folds import Fold
from page_driver import open_page, text

TITLE = "Performance on unseen sources"


@pytest.fixture(autouse=True)
def no_worker(monkeypatch):
    monkeypatch.setattr("cgid.jobs.processes.ensure_supervisor", lambda: None)
    monkeypatch.setattr("cgid.jobs.submit.ensure_supervisor", lambda: None)


@pytest.fixture(autouse=True)
def run():
    """A finished run, without which Results has nothing to say."""
    folder = settings().runs / "model_a" / "made"
    folder.mkdir(parents=True)
    label = np.tile([0, 1], 40)
    table = pd.DataFrame({"filepath": "/nowhere.png", "sha256": [f"{i:064x}" for i in range(80)], "label": label})
    table = table.assign(group=[f"g{i}" for i in range(80)], source="s", generator="", probability=label * 0.9)
    table.assign(calibrated=label * 0.9).to_parquet(folder / "predictions_test.parquet")
    write_json(folder / "thresholds.json", {"thresholds": {"balanced": 0.5}, "inconclusive": {"low": 0.3, "high": 0.7}})
    write_json(folder / "run_manifest.json", {"kind": "model_a", "run_id": "made", "metrics": {}})


def study(name: str, *titles: str) -> None:
    """As the job writes it: a coin toss on every source left out, right at home."""
    tiers, rows = ["clean", "hard"], []
    random = np.random.default_rng(1)
    for title in titles:
        tables = []
        for images, skill in (("left_out", 0.0), ("in_domain", 4.0)):
            for tier in tiers:
                label = np.arange(60) % 2
                score = 1 / (1 + np.exp(-random.normal((label - 0.5) * skill, 1)))
                table = pd.DataFrame({"label": label, "calibrated": score, "group": [f"g{i}" for i in range(60)]})
                tables.append(table.assign(images=images, tier=tier))
        rest = pd.DataFrame({"split": ["train"] * 9})
        fold = Fold(title, tuple(title.split(" + ")), pd.DataFrame(), rest, 0)
        rows += source_summary.rows(fold, {"frozen": {"thresholds": {"balanced": 0.5}}, "tables": tables}, tiers)
    content = {
        "rows": rows,
        "means": source_summary.means(rows, tiers),
        "tiers": tiers,
        "seeds": 1,
        "simulated": False,
    }
    content["notes"] = ["odd *source* cannot be left out: no `ai` image would be left to learn from."]
    content["sentences"] = source_summary.sentences(content)
    folder = settings().unseen / name
    folder.mkdir(parents=True)
    source_summary.table(content).to_csv(folder / "leave_one_source_out.csv", index=False)
    write_json(folder / "leave_one_source_out.json", content)
    write_text(folder / "leave_one_source_out.md", source_summary.page_of(content))


def charts(app) -> int:
    return len(app.get("vega_lite_chart") or app.get("arrow_vega_lite_chart"))


def test_without_a_study_it_says_why_it_matters_and_where_to_begin():
    app = open_page("results", view="Unseen sources")
    assert TITLE in [s.value for s in app.subheader]
    assert "Not measured yet" in text(app) and "There are no images yet" in text(app)
    assert "0.5 is chance" in text(app)


def test_the_form_starts_the_job_on_the_chosen_data_sets():
    made = settings().manifests / "two"
    made.mkdir(parents=True)
    write_manifest(pd.DataFrame({"filepath": ["a.png"], "label": ["real"], "source": ["x"]}), made / "manifest.csv")
    app = open_page("results", view="Unseen sources")
    starts = [b for b in app.button if b.label == "Start"]
    starts[0].click().run()
    assert any("Choose at least one data set" in e.value for e in app.error)
    next(m for m in app.multiselect if m.label.startswith("Data sets (together")).select("two")
    next(t for t in app.text_input if t.label == "Name of the experiment").set_value("first try")
    next(b for b in app.button if b.label == "Start").click().run()
    assert not app.exception and not app.error
    [job] = store.list_jobs(kind="leave-one-source-out")
    assert job.params["manifest"] == [str(made / "manifest.csv")] and job.params["input"] == "srm"
    assert job.params["arch"] == "resnet18"
    assert job.params["output_dir"] == str(settings().unseen / "first_try")


def test_a_study_shows_sentences_picture_table_and_downloads():
    study("both", "alpha", "*bold* + <b>beta</b>")
    before = charts(open_page("results", view="Unseen sources", unseen="gone"))
    app = open_page("results", view="Unseen sources")
    assert "Not measured yet" not in text(app)
    assert "On a source it has never seen" in text(app) and "0\\.5 is a coin toss" in text(app)
    assert "<b>" not in text(app), "names of sources are foreign text"
    table = next(d.value for d in app.dataframe if "left out" in d.value)
    assert table["left out"].unique().tolist() == ["alpha", "*bold* + <b>beta</b>", "mean over sources"]
    assert len(table) == 3 * 2
    assert charts(app) == before >= 1
    app.segmented_control(key="unseen-figure").set_value("false_positive_rate").run()
    assert not app.exception
    assert {"unseen-csv", "unseen-md", "unseen-json"} <= {b.key for b in app.get("download_button")}


def test_a_damaged_study_is_said_and_the_page_stays():
    study("broken", "alpha", "beta")
    (settings().unseen / "broken" / "leave_one_source_out.json").write_text("{")
    app = open_page("results", view="Unseen sources")
    assert "This experiment is damaged" in text(app)
