"""Rules, Model A and A + B are compared by three tests on the same images, everywhere, and corrected together."""

import json

import numpy as np
import pandas as pd
import pytest

from cgid.evaluate.comparison import compare
from cgid.evaluate.significance import holm
from model_b_cases import groups, run, table  # noqa: F401

PAIRS = {("a_and_b", "rules_only"), ("a_and_b", "a_only"), ("a_only", "rules_only")}


@pytest.fixture
def done(tmp_path):
    other = tmp_path / "elsewhere" / "features.csv"
    other.parent.mkdir()
    far = table(120, signal=0.3, seed=9)
    far["record_id"] = [f"{i:064x}" for i in range(10_000, 10_120)]
    far.to_csv(other, index=False)
    return run(tmp_path, table(), external_features=(other,))


def test_every_set_of_images_and_variant_holds_the_three_pairs_by_three_tests(done):
    pairs = done.manifest["metrics"]["comparison"]["pairs"]
    for images in ("test", "external_elsewhere"):
        for variant in ("content_only", "all"):
            mine = [p for p in pairs if (p["images"], p["variant"]) == (images, variant)]
            assert {(p["first"], p["second"]) for p in mine} == PAIRS and len({p["n"] for p in mine}) == 1
            for p in mine:
                assert p["delong"]["low"] < p["delong"]["difference"] < p["delong"]["high"]
                assert set(p["mcnemar"]) == {"only_a_right", "only_b_right", "p", "exact"}
                assert all(p["bootstrap"][k]["low"] is not None for k in ("auc", "accuracy", "balanced_accuracy"))


def test_the_three_p_values_of_a_set_are_corrected_together_by_holm(done):
    for variant in ("content_only", "all"):
        mine = [
            p
            for p in done.manifest["metrics"]["comparison"]["pairs"]
            if (p["images"], p["variant"]) == ("test", variant)
        ]
        for name in ("delong", "mcnemar"):
            assert [p["holm"][name] for p in mine] == pytest.approx(holm(np.array([p[name]["p"] for p in mine])))


def test_the_figures_are_those_of_the_predictions_the_run_kept(done):
    kept = pd.read_parquet(done.folder / "predictions_test.parquet")
    pairs = done.manifest["metrics"]["comparison"]["pairs"]
    (ours,) = (p for p in pairs if (p["images"], p["variant"], p["second"]) == ("test", "all", "a_only"))
    source = table().set_index("record_id").loc[kept["sha256"]]
    found = compare(kept["label"], kept["calibrated_all"], source["ml_probability"], kept["group"])
    for key in ("auc_a", "auc_b", "difference", "low", "high", "p"):
        assert ours["delong"][key] == pytest.approx(found["delong"][key])  # calibration moves no rank


def test_comparison_csv_has_a_row_for_each_pair(done):
    rows = pd.read_csv(done.folder / "comparison.csv")
    assert len(rows) == len(done.manifest["metrics"]["comparison"]["pairs"]) == 12
    assert (rows["delong_p_holm"] >= rows["delong_p"] - 1e-12).all()
    assert json.loads((done.folder / "metrics.json").read_text())["comparison"]["external"][0]["name"] == "elsewhere"


def test_an_external_set_without_model_a_is_compared_on_what_it_has(tmp_path):
    other = tmp_path / "bare" / "features.csv"
    other.parent.mkdir()
    far = table(60, seed=3).drop(columns="ml_probability")
    far["record_id"] = [f"{i:064x}" for i in range(5_000, 5_060)]
    far.loc[far.index[:30], "label"] = "real"
    far.to_csv(other, index=False)
    pairs = run(tmp_path, table(), external_features=(other,)).manifest["metrics"]["comparison"]["pairs"]
    assert {(p["first"], p["second"]) for p in pairs if p["images"] == "external_bare"} == {("a_and_b", "rules_only")}


def test_without_rules_and_model_a_there_is_no_pair_and_an_empty_table(tmp_path):
    frame = table().drop(columns=["ml_probability", "rule_forensic_score"])
    done = run(tmp_path, frame)
    comparison = done.manifest["metrics"]["comparison"]
    assert comparison["pairs"] == [] and comparison["difference"] == dict.fromkeys(comparison["difference"])
    assert (done.folder / "comparison.csv").read_text().strip() == ""
