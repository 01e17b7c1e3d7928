"""The Ablations page: a way on when empty, earlier studies, several kinds of model, what-if, a plan of one's own."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cgid.ablation.params import AblateParams
from cgid.ablation.run import ablate
from cgid.jobs import store
from cgid.settings import settings
from page_driver import open_page, text


def table(name: str = "mine") -> Path:
    random, n = np.random.default_rng(0), 80
    label = np.arange(n) // 2 % 2
    frame = pd.DataFrame(
        {
            "label": np.where(label == 1, "ai", "real"),
            "group": [f"photo-{i // 2}" for i in range(n)],
            "jpeg_quality_estimate": random.normal(size=n) + label,
            "metadata_exif_present": random.normal(size=n) + 0.5 * label,
            "noise_variance": random.normal(size=n) + label,
        }
    )
    path = settings().features / name / "features.parquet"
    path.parent.mkdir(parents=True)
    frame.to_parquet(path)
    return path


def study(name: str = "mine", plan: str = "everything", models: str = "linear") -> Path:
    path = settings().features / "mine" / "features.parquet"
    folder = settings().ablations / name
    ablate(AblateParams(path if path.exists() else table(), folder, plan, 3, 1, models=models, workers=1))
    return folder


def jobs() -> list:
    return store.list_jobs(kind="ablate")


@pytest.fixture(autouse=True)
def nothing_starts(monkeypatch):
    """Jobs are handed in, none is run."""
    monkeypatch.setattr("cgid.jobs.submit.ensure_supervisor", lambda: None)


def test_without_anything_the_page_says_what_to_do():
    app = open_page("ablations")
    assert "no feature table yet" in text(app) and "No ablation has been run yet" in text(app)
    assert app.get("page_link")


def test_sentences_stand_before_the_pictures_and_files_can_be_taken():
    study()
    app = open_page("ablations")
    words = text(app)
    assert "All 3 features: AUC" in words.replace("\\", "")
    assert "Change compared with all features" in words and "Nadeau and Bengio" in words
    assert "Holm-corrected for all" in words.replace("\\", "")
    assert len(app.get("download_button")) == 4
    assert not [s for s in app.subheader if "the model type" in s.value]


def test_a_study_of_an_earlier_version_is_still_read():
    folder = study()
    for name in ("ablation_results.csv", "ablation_folds.csv"):
        pd.read_csv(folder / name).drop(columns="model").to_csv(folder / name, index=False)
    summary = json.loads((folder / "ablation_summary.json").read_text())
    for new in ("owners", "models", "correction", "comparisons"):
        del summary[new]
    (folder / "ablation_summary.json").write_text(json.dumps(summary))
    app = open_page("ablations")
    assert "Run it again to switch families off and on" in text(app)


def test_several_kinds_of_model_have_a_matrix_and_a_choice():
    study(models="linear,boosting")
    app = open_page("ablations")
    assert "Does the model type change the result?" in [s.value for s in app.subheader]
    kind = next(c for c in app.button_group if c.label == "Model type")
    kind.set_value("boosting").run()
    assert not app.exception


def pick(app, *names):
    pills = next(c for c in app.button_group if c.label == "The detector may use")
    pills.set_value(list(names)).run()
    assert not app.exception, [e.value for e in app.exception]
    return text(app)


def test_what_was_computed_is_shown_exactly_and_at_once():
    study()
    app = open_page("ablations")
    words = pick(app, "provenance")
    assert "computed exactly" in words and "`only_family_provenance`" in words
    assert "what-if-exact" not in [b.key for b in app.button]
    assert jobs() == []


def test_what_was_not_computed_is_estimated_and_said_to_be():
    from cgid.ablation.plans import group_plans

    folder = study("four", plan="groups")
    summary = json.loads((folder / "ablation_summary.json").read_text())
    arms = group_plans(summary["owners"]["family"], summary["owners"]["group"])
    assert "without_family_content" in arms
    del summary["arms"]["without_family_content"]
    (folder / "ablation_summary.json").write_text(json.dumps(summary))
    app = open_page("ablations", study="four")
    words = pick(app, "container", "provenance")
    assert "AUC about" in words and "No model was trained on this combination" in words
    assert "Accuracy of the estimate" in words and jobs() == []
    app.button(key="what-if-exact").click().run()
    assert not app.exception
    (job,) = jobs()
    plan = Path(job.params["plan"]).read_text()
    assert "only_container_provenance" in plan and "noise_variance" not in plan
    assert (job.params["folds"], job.params["repeats"]) == (3, 1)


def test_the_exact_figure_of_another_study_on_the_same_folds_is_found():
    study("presets", plan="presets")
    own = settings().home / "own.yaml"
    own.write_text("file_only: {only_prefixes: [jpeg_, metadata_]}\n")
    study("other", plan=str(own))
    app = open_page("ablations", study="presets")
    assert "computed exactly" in pick(app, "container", "provenance") and "`file_only`" in text(app)


def test_presets_alone_cannot_estimate_and_offer_the_whole_plan():
    study("presets", plan="presets")
    app = open_page("ablations", study="presets")
    words = pick(app, "provenance")
    assert "cannot be estimated" in words and jobs() == []
    app.button(key="what-if-all").click().run()
    assert [j.params["plan"] for j in jobs()] == ["everything"]


def test_no_family_at_all_is_answered_in_words():
    study()
    assert "without any feature can only guess" in pick(open_page("ablations"))


def own_plan(app, plan: str):
    next(s for s in app.selectbox if s.label == "Plan").select("own").run()
    app.text_area[0].set_value(plan).run()
    assert not app.exception, [e.value for e in app.exception]
    return app.button(key="run-ablation")


def test_a_mistake_in_a_plan_is_shown_with_its_line_and_nothing_can_run():
    table()
    app = open_page("ablations")
    button = own_plan(app, "a: {}\nb: {exclude_prefix: [jpeg_]}\n")
    assert "line 2" in app.error[0].value.replace("\\", "") and button.disabled


def test_a_plan_of_ones_own_is_checked_then_kept_and_run():
    table()
    app = open_page("ablations")
    button = own_plan(app, "pixels: {only_prefixes: [noise_, spectrm_]}\n")
    assert "`pixels` 1" in text(app)
    assert "begins with spectrm" in app.warning[0].value.replace("\\", "")
    button.click().run()
    (job,) = jobs()
    assert "spectrm_" in Path(job.params["plan"]).read_text() and "own_" in job.params["output_dir"]


def test_foreign_words_in_a_summary_are_not_read_as_markdown():
    folder = study()
    summary = json.loads((folder / "ablation_summary.json").read_text())
    summary["sentences"] = ["`x` ![a](http://b/c.png) <b>bold</b>"]
    (folder / "ablation_summary.json").write_text(json.dumps(summary))
    assert "![a](" not in text(open_page("ablations"))
