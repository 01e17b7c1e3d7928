"""Train page, Model B: a table whose audit found telling formats is warned about; the gate is off unless asked for."""

from __future__ import annotations

import pandas as pd
import pytest

from cgid.files import write_json
from cgid.jobs import store
from page_driver import open_page, text


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("CGID_HOME", str(tmp_path))
    monkeypatch.setattr("cgid.jobs.submit.ensure_supervisor", lambda: None)
    folder = tmp_path / "artifacts" / "features" / "mine"
    folder.mkdir(parents=True)
    pd.DataFrame({"noise_sigma": [1.0]}).to_csv(folder / "features.csv", index=False)
    return tmp_path


def audited(home, container, provenance):
    folder = home / "artifacts" / "audits" / "mine"
    folder.mkdir(parents=True)
    (folder / "feature_leakage_report.csv").write_text("feature\n")
    families = {
        name: {"balanced_accuracy": {"value": v, "low": max(0, v - 0.05), "high": min(1, v + 0.05)}}
        for name, v in (("container", container), ("provenance", provenance))
    }
    write_json(folder / "feature_leakage_summary.json", {"families": families})


def warnings(app):
    return " ".join(w.value for w in app.warning)


def test_a_telling_container_is_warned_about_with_its_interval(home):
    audited(home, 0.97, 0.52)
    said = warnings(open_page("train", which="Model B"))
    assert "file format alone with 97 % (92 to 100 %)" in said and "provenance" not in said


def test_a_cleared_table_is_not_warned_about(home):
    audited(home, 0.55, 0.5)
    assert warnings(open_page("train", which="Model B")) == ""


def test_without_an_audit_the_page_offers_one(home):
    app = open_page("train", which="Model B")
    assert not app.warning and any("not been audited" in str(link.proto.label) for link in app.get("page_link"))


@pytest.mark.parametrize("asked", [False, True])
def test_the_gate_and_the_parts_are_handed_to_the_job(home, asked):
    app = open_page("train", which="Model B")
    app.checkbox(key="b-gate").set_value(asked)
    app.number_input(key="b-cv").set_value(5 if asked else 0)
    next(b for b in app.button if b.label == "Train Model B").click().run()
    assert not app.exception, text(app)
    (job,) = store.list_jobs(kind="train-model-b", limit=2)
    assert job.params["gate"] == (0.6 if asked else 0.0) and job.params["cv"] == (5 if asked else 0)
