"""Cross-validation tears no group apart, never meets the test rows and agrees with the test figures; clusters are told."""

import numpy as np
import pandas as pd
import pytest

from cgid.errors import InputError
from cgid.evaluate.curves import auc
from model_b_cases import groups, run, table  # noqa: F401


def test_every_training_and_validation_image_is_judged_once_out_of_fold(tmp_path):
    frame = table()
    done = run(tmp_path, frame, cv=4, kind="logistic")
    oof = pd.read_parquet(done.folder / "predictions_oof.parquet")
    own = frame[frame["split"].isin(["train", "val"])]
    assert sorted(oof["sha256"]) == sorted(own["record_id"]) and set(oof["fold"]) == {0, 1, 2, 3}
    assert (oof.groupby("group")["fold"].nunique() == 1).all()
    figures = done.manifest["metrics"]["cross_validation"]["content_only"]
    assert figures["auc"]["value"] == pytest.approx(auc(oof["label"], oof["calibrated"]))
    assert figures["auc"]["low"] < figures["auc"]["value"] < figures["auc"]["high"] and len(figures["auc_by_fold"]) == 4
    assert abs(figures["auc"]["value"] - done.manifest["metrics"]["test"]["auc"]["value"]) < 0.12


def test_what_the_rows_of_the_test_hold_does_not_matter(tmp_path):
    frame = table()
    other = frame.copy()
    away = other["split"] == "test"
    other.loc[away, "noise_variance"] = np.random.default_rng(3).normal(40, 5, int(away.sum()))
    first, second = (run(tmp_path, f, n, cv=3, epochs=5) for f, n in ((frame, "one"), (other, "two")))
    assert first.manifest["metrics"]["cross_validation"] == second.manifest["metrics"]["cross_validation"]


def test_labels_that_mean_nothing_teach_nothing_out_of_fold(tmp_path):
    frame = table(600, signal=0.0, leak=0.0, seed=2)
    frame["ml_probability"] = np.random.default_rng(1).random(600)
    frame["rule_forensic_score"] = 0.5
    figure = run(tmp_path, frame, cv=3, kind="logistic").manifest["metrics"]["cross_validation"]["all"]["auc"]
    assert figure["low"] <= 0.5 <= figure["high"]


def test_without_it_nothing_changes_and_no_file_is_left(tmp_path):
    with_it = run(tmp_path, table(), cv=3, epochs=5)
    model = (with_it.folder / "model_b.json").read_bytes()
    again = run(tmp_path, table(), epochs=5)
    assert not (again.folder / "predictions_oof.parquet").exists()
    assert again.manifest["metrics"]["cross_validation"] is None
    assert (again.folder / "model_b.json").read_bytes() == model


@pytest.mark.parametrize(("cv", "words"), [(2, "from 3 to 20"), (20, "too few for --cv 20")])
def test_parts_that_cannot_be_are_told_in_one_sentence(tmp_path, cv, words):
    with pytest.raises(InputError, match=words):
        run(tmp_path, table(60), cv=cv)


@pytest.mark.parametrize("kind", ["logistic", "boosting"])
def test_two_copies_of_one_feature_stand_in_one_cluster_that_matters(tmp_path, kind):
    frame = table()
    frame["noise_flat"] = frame["noise_variance"] * 2 + 1
    done = run(tmp_path, frame, kind=kind, exclude_features=("ela_mean_error", "ml_probability"))
    found = pd.read_csv(done.folder / "importance_clusters.csv")
    first = found.iloc[0]
    assert set(first["features"].split()) == {"noise_variance", "noise_flat"} and first["families"] == "content"
    assert first["size"] == 2 and first["low"] > 0.1 and first["least_correlation"] == pytest.approx(1)
    assert (done.folder / "importance_clusters_all.csv").is_file()
    if kind == "logistic":
        assert first["largest_single"] < 0.6 * first["importance"]
