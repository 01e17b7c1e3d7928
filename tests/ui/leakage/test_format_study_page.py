"""Leakage shows what the format told, before and after, or offers to find out."""

from __future__ import annotations

import pandas as pd
import pytest

from cgid.data.manifest import write_manifest
from cgid.files import write_json, write_text
from cgid.format_matching import study as format_matching_study
from cgid.jobs import store
from cgid.settings import settings
from page_driver import open_page, text

TITLE = "How much does the file format leak?"


@pytest.fixture(autouse=True)
def no_worker(monkeypatch):
    monkeypatch.setattr("cgid.jobs.processes.ensure_supervisor", lambda: None)
    monkeypatch.setattr("cgid.jobs.submit.ensure_supervisor", lambda: None)


@pytest.fixture(autouse=True)
def audited(own_home):
    """A finished audit, without which the page stops early."""
    folder = settings().audits / "photos"
    folder.mkdir(parents=True)
    row = {"feature": "container_bytes", "family": "container", "auc": 0.9, "auc_low": 0.8, "auc_high": 0.95}
    row |= {"single_feature_best_accuracy": 0.9, "single_feature_rule": "value >= 1", "single_feature_threshold": 1.0}
    row |= {"severity": "warning", "finding": "Look at it."}
    pd.DataFrame([row]).to_csv(folder / "feature_leakage_report.csv", index=False)
    write_json(folder / "feature_leakage_summary.json", {"verdict": "Look.", "total_rows": 9, "families": {}})


def figure(value: float) -> dict:
    return {"value": value, "low": value - 0.04, "high": min(1.0, value + 0.04)}


def pair(value: float) -> dict:
    return {"balanced_accuracy": figure(value), "auc": figure(value), "n": 40, "n_real": 20, "n_ai": 20}


def change(value: float) -> dict:
    return {"n": 40, "balanced_accuracy": figure(value), "auc": figure(value)}


def study(name: str) -> dict:
    """As the report writes it: the container told all, and the AI image's format half of Model B."""
    made = []
    for treatment, told, model in (("none", 1.0, 0.99), ("matched", 0.51, 0.80)):
        models = {"model_b_all": {"trained": pair(model)}}
        if treatment != "none":
            models["model_b_all"] |= {"trained_difference": change(model - 0.99), "crossed": pair(0.55), "crossed_difference": change(-0.44)}  # fmt: skip
        probes = {"container": pair(told), "content": pair(0.9), "<b>odd</b>": pair(0.5)}
        made.append({"treatment": treatment, "probes": probes, "models": models, "perfect_separators": 3, "rows": 80, "said": ["Cut [a](b) <i>."]})  # fmt: skip
    content = {"treatments": made, "simulated": False}
    content["sentences"] = format_matching_study.sentences(content)
    folder = settings().format_experiments / name
    folder.mkdir(parents=True)
    format_matching_study.table(content).to_csv(folder / "treatment_study.csv", index=False)
    write_json(folder / "treatment_study.json", content)
    write_text(folder / "treatment_study.md", format_matching_study.report_markdown(content))
    return content


def dataset(name: str) -> None:
    folder = settings().manifests / name
    rows = [{"path": f"/images/{i}.png", "label": ("real", "ai")[i % 2], "split": ("train", "val", "test")[i % 3]} for i in range(12)]  # fmt: skip
    write_manifest(pd.DataFrame(rows), folder / "split.csv")


def test_before_and_after_stand_in_pictures_sentences_and_a_table():
    study("photos")
    app = open_page("leakage")
    words = text(app).replace("\\", "")
    assert (
        TITLE in words
        and "alone reaches a balanced accuracy of 100 % (96 to 100 %) before and 51 % (47 to 55 %) after" in words
    )
    assert "tested before and after: 99 % (95 to 100 %) and 80 % (76 to 84 %), -19 points" in words
    assert "the contribution of the format" in words and "does not carry over" in words
    assert len(app.get("vega_lite_chart") or app.get("arrow_vega_lite_chart")) >= 2 and not app.error
    table = next(d.value for d in app.dataframe if "unmatched" in d.value.columns)
    assert (
        table.loc[table[""] == "container alone", "both cropped and saved identically"].iloc[0] == "51 % (47 to 55 %)"
    )
    assert any("Cut \\[a\\]" in c.value for c in app.caption)


def test_without_a_study_the_page_says_what_one_does_and_starts_it():
    dataset("photos")
    dataset("others")
    app = open_page("leakage")
    assert "No experiment has been run yet" in text(app)
    choice = app.selectbox(key="treatment-data")
    assert choice.value == "photos" and set(choice.options) == {"photos", "others"}
    button = next(b for b in app.button if b.label == "Start")
    button.click().run()
    assert not app.exception and not app.error
    jobs = store.list_jobs()
    assert sorted({j.kind for j in jobs}) == ["audit", "data-treat", "extract", "train-model-b", "treatment-report"]
    report = next(j for j in jobs if j.kind == "treatment-report")
    assert report.params["study"] == str(settings().format_experiments / "photos")


def test_a_data_set_that_cannot_be_studied_is_said_in_words():
    write_manifest(pd.DataFrame([{"path": "/a.png", "label": "ai", "split": "train"}]), settings().manifests / "photos" / "split.csv")  # fmt: skip
    app = open_page("leakage")
    next(b for b in app.button if b.label == "Start").click().run()
    assert "holds no real image" in "".join(e.value for e in app.error).replace("\\", "") and not store.list_jobs()


def test_a_damaged_study_costs_only_its_own_section():
    content = study("photos")
    write_json(settings().format_experiments / "photos" / "treatment_study.json", {"treatments": [content["treatments"][0], 5], "sentences": []})  # fmt: skip
    app = open_page("leakage")
    assert "Run it again" in text(app) and "There is no data set" in text(app)
