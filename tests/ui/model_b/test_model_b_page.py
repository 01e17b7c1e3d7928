"""The Model B page: an empty home leads to training; a run shows both headlines, the three-way comparison, what weighs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cgid.model_b.params import TrainModelBParams
from cgid.model_b.train import train
from cgid.progress import silent
from page_driver import open_page, text


def measured(n=240, seed=0):
    """A feature table with true columns: signal in noise and colour, a leak in the file size."""
    random = np.random.default_rng(seed)
    ai = np.repeat(np.arange(n // 2) % 2, 2)
    split = np.array(["train", "train", "train", "val", "test", "test"])
    noise = random.normal(0, 1, n) + 1.2 * ai
    return pd.DataFrame(
        {
            "record_id": [f"{seed}{i:063x}" for i in range(n)],
            "filepath": [f"/images/{i}.png" for i in range(n)],
            "label": np.where(ai == 1, "ai", "real"),
            "source": "<b>*x*",
            "split": np.repeat(split[(np.arange(n // 2) // 2) % 6], 2),
            "group": [f"{seed}g{i // 2}" for i in range(n)],
            "noise_sigma": noise,
            "noise_silent_share": noise + 0.01 * random.normal(0, 1, n),
            "colour_saturation_spread": random.normal(0, 1, n) + 0.4 * ai,
            "container_height": random.normal(0, 1, n) + 3 * ai,
            "rule_forensic_score": np.clip(random.normal(0.4, 0.2, n) + 0.2 * ai, 0, 1),
            "ml_probability": 1 / (1 + np.exp(-random.normal(0, 1, n) - ai)),
        }
    )


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("CGID_HOME", str(tmp_path))
    return tmp_path


def trained(home, kind="logistic", **flags):
    for name, seed in (("own", 0), ("other", 5)):
        (home / name).mkdir(exist_ok=True)
        measured(seed=seed).to_csv(home / name / "features.csv", index=False)
    params = TrainModelBParams(
        home / "own" / "features.csv", home / "artifacts" / "runs" / "model_b" / f"b_{kind}", kind,
        epochs=10, external_features=(home / "other" / "features.csv",), **flags,
    )  # fmt: skip
    train(params, silent)
    return params.output_dir


def test_an_empty_home_leads_to_the_training_of_model_b(home):
    app = open_page("model_b")
    assert "No Model B has been trained" in text(app) and app.get("page_link")


def test_a_run_shows_both_headlines_out_of_fold_figures_and_other_data(home):
    trained(home, cv=3)
    shown = text(open_page("model_b"))
    assert "Without file format and metadata" in shown and "With all features" in shown
    assert shown.index("Without file format") < shown.index("With all features")
    assert "Cross-validated in 3 folds" in shown and "On other" in shown and "false positive rate" in shown


def test_the_three_way_comparison_is_told_in_sentences_for_each_set_of_images(home):
    trained(home)
    app = open_page("model_b")
    said = [m.value for m in app.markdown if "against" in m.value and "DeLong" in m.value]
    assert len(said) == 3 and all("McNemar" in s for s in said)
    app.segmented_control(key="b-place").select("external_other").run()
    assert not app.exception
    other = [m.value for m in app.markdown if "against" in m.value and "DeLong" in m.value]
    assert len(other) == 3 and other != said


@pytest.mark.parametrize("kind", ["linear", "logistic", "boosting"])
def test_weights_clusters_and_calibration_are_shown_for_either_variant(home, kind):
    trained(home, kind)
    app = open_page("model_b")
    heads = " ".join(h.value for h in app.subheader)
    assert "Most important features" in heads and "clusters" in heads and "calibrated" in heads
    app.segmented_control(key="b-variant").select("all").run()
    assert not app.exception and "Traceback" not in text(app)


def test_a_run_from_before_clusters_and_pairs_still_opens(home):
    from cgid.files import read_json, write_json

    folder = trained(home)
    for name in ("importance_clusters.csv", "comparison.csv"):
        (folder / name).unlink()
    manifest = read_json(folder / "run_manifest.json")
    for key in ("pairs", "external"):
        del manifest["metrics"]["comparison"][key]
    del manifest["metrics"]["cross_validation"]
    write_json(folder / "run_manifest.json", manifest)
    shown = text(open_page("model_b"))
    assert shown.count("Train Model B again") == 2


def test_a_table_without_rules_and_model_a_says_why_nothing_is_compared(home):
    folder = home / "bare"
    folder.mkdir()
    measured().drop(columns=["rule_forensic_score", "ml_probability"]).to_csv(folder / "features.csv", index=False)
    train(TrainModelBParams(folder / "features.csv", home / "artifacts/runs/model_b/bare", epochs=5), silent)
    assert "neither a rule score" in text(open_page("model_b"))


@pytest.mark.parametrize("page", ["results", "models"])
def test_other_pages_and_the_model_card_say_both_headlines(home, page):
    folder = trained(home)
    query = {"run": "model_b/b_logistic"} if page == "results" else {"kind": "Model B (features)"}
    shown = text(open_page(page, **query))
    assert "Without file format and metadata: test AUC" in shown and "With all features" in shown
    card = (folder / "model_card.md").read_text()
    assert card.index("without file format and metadata (primary variant)") < card.index(
        "with file format and metadata |"
    )


def test_shapley_values_of_a_promoted_forest_are_drawn_on_request(home):
    from streamlit.testing.v1 import AppTest

    from cgid.forensics.models import current_models
    from cgid.runs import store

    store.set_current(trained(home, "boosting"))
    values = measured().iloc[0].to_dict()
    found = {"model_b": current_models().answer_b(values).to_dict(), "features": values}
    assert found["model_b"]["kind"] == "trees"

    def page(found):
        from cgid.ui.check.evidence_card import contributions

        contributions(found)

    app = AppTest.from_function(page, kwargs={"found": found}, default_timeout=60).run()
    app.toggle(key="tree-shap").set_value(True).run()
    assert not app.exception and not app.error and "Shapley values" in app.caption[0].value
