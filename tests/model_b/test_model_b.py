"""Model B learns what is there, invents nothing, and keeps training, choosing, calibration and test rows apart."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from cgid.errors import InputError
from cgid.model_b.estimators import load_model_b
from cgid.model_b.linear import LinearModel
from cgid.model_b.params import TrainModelBParams
from cgid.model_b.train import train
from cgid.runs import store
from model_b_cases import coefficients, groups, run, table  # noqa: F401

MODEL_FILES = {"run_manifest.json", "model_b.json", "thresholds.json", "metrics.json"}


def test_the_run_folder_holds_what_the_contract_names(tmp_path):
    done = run(tmp_path, table())
    names = {path.name for path in done.folder.iterdir()}
    assert names >= MODEL_FILES | {
        "model_b_best.pt",
        "coefficients.csv",
        "predictions_val.parquet",
        "predictions_test.parquet",
    }
    assert done.manifest["kind"] == "model_b" and done.manifest["simulated"] is True
    assert {"all", "content_only"} == set(done.manifest["metrics"]["variants"])
    assert set(done.manifest["metrics"]["test"]["confusion"]) == {"tn", "fp", "fn", "tp"}
    val = pd.read_parquet(done.folder / "predictions_val.parquet")
    assert {"filepath", "sha256", "label", "group", "logit", "probability", "calibrated", "calibration"} <= set(val)
    assert val["calibration"].any() and not val["calibration"].all()
    assert not set(val[val["calibration"]]["group"]) & set(val[~val["calibration"]]["group"])
    store.set_current(done.folder)
    assert store.current("model_b").id == "run"


def test_weights_load_without_running_code(tmp_path):
    import torch

    done = run(tmp_path, table())
    state = torch.load(done.folder / "model_b_best.pt", weights_only=True)
    for name in ("all", "content_only"):
        model = LinearModel.load(done.folder, variant=name)
        assert np.allclose(state[f"{name}.weight"].numpy()[0], model.coefficients)


def test_ai_is_the_positive_class_and_scikit_learn_agrees(tmp_path):
    frame = table()
    done = run(tmp_path, frame, epochs=200)
    model = LinearModel.load(done.folder, variant="all")
    columns = list(model.features)
    teach, test = (frame[frame["split"] == s] for s in ("train", "test"))
    matrix = model.preparation.matrix(teach[columns].to_numpy(float))
    other = LogisticRegression(max_iter=1000).fit(matrix, teach["label"] == "ai")
    assert np.corrcoef(other.coef_[0], model.coefficients)[0, 1] > 0.98
    theirs = other.predict_proba(model.preparation.matrix(test[columns].to_numpy(float)))[:, 1]
    ours = [model.probability(row) for row in test[columns].to_dict("records")]
    truth = (test["label"] == "ai").to_numpy()
    assert roc_auc_score(truth, ours) == pytest.approx(roc_auc_score(truth, theirs), abs=0.02)
    assert np.mean(np.array(ours)[truth]) > 0.6 > 0.4 > np.mean(np.array(ours)[~truth])


def test_the_headline_sees_neither_format_nor_rules_that_read_it(tmp_path):
    done = run(tmp_path, table(signal=0.0, leak=6.0))
    variants = done.manifest["metrics"]["variants"]
    assert variants["all"]["test"]["auc"]["value"] > 0.95
    assert variants["content_only"]["test"]["auc"]["value"] < 0.9
    assert done.manifest["metrics"]["headline"] == "content_only"
    assert done.manifest["metrics"]["test"] == variants["content_only"]["test"]
    assert set(LinearModel.load(done.folder).features) == {"noise_variance", "ela_mean_error", "ml_probability"}
    assert {"metadata_anomaly_score", "rule_forensic_score"} <= set(done.manifest["data"]["not_content"])


def test_shuffled_labels_teach_nothing(tmp_path):
    frame = table(800)
    own = frame["group"].drop_duplicates()
    shuffled = dict(zip(own, np.random.default_rng(1).permutation(frame["label"][::2])))
    frame["label"] = frame["group"].map(shuffled)
    figure = run(tmp_path, frame).manifest["metrics"]["variants"]["all"]["test"]["auc"]
    assert figure["low"] <= 0.5 <= figure["high"]


def test_calibration_rows_teach_nothing_and_test_rows_neither(tmp_path):
    frame = table()
    first = run(tmp_path, frame, "first")
    val = pd.read_parquet(first.folder / "predictions_val.parquet")
    held = frame["record_id"].isin(val[val["calibration"]]["sha256"]) | (frame["split"] == "test")
    other = frame.copy()
    numbers = ["noise_variance", "ela_mean_error", "metadata_anomaly_score", "ml_probability"]
    other.loc[held, numbers] = np.random.default_rng(5).normal(50, 9, (int(held.sum()), len(numbers)))
    second = run(tmp_path, other, "second")
    for name in ("coefficients.csv", "coefficients_all.csv"):
        pd.testing.assert_frame_equal(coefficients(first.folder, name), coefficients(second.folder, name))
    assert first.manifest["metrics"]["test"]["auc"] != second.manifest["metrics"]["test"]["auc"]


def test_the_same_seed_gives_the_same_run(tmp_path):
    first, second = (run(tmp_path, table(), name) for name in ("one", "two"))
    assert (first.folder / "model_b.json").read_bytes() == (second.folder / "model_b.json").read_bytes()


def test_empty_and_constant_columns_are_listed_and_left_out(tmp_path):
    frame = table()
    frame.loc[frame["split"] != "train", "noise_flat"] = 7.0
    done = run(tmp_path, frame)
    assert done.manifest["data"]["dropped"]["all"] == {
        "all_missing": ["noise_missing"],
        "zero_variance": ["noise_flat"],
    }


def test_a_legacy_table_without_split_or_groups_is_split_here(tmp_path):
    frame = table().drop(columns=["record_id", "filepath", "source", "generator", "split", "group"])
    frame["target_label"] = (frame.pop("label") == "ai").astype(int)
    done = run(tmp_path, frame)
    counts = done.manifest["data"]["counts"]
    assert counts["train"]["ai"] == pytest.approx(126, abs=2) and counts["test"]["real"] == pytest.approx(27, abs=2)
    assert any("no train rows" in note or "whole groups" in note for note in done.manifest["warnings"])


def test_rules_and_model_a_are_judged_on_the_same_rows(tmp_path):
    frame = table()
    frame.loc[frame["split"] == "test", "ml_probability"] = np.where(
        np.arange((frame["split"] == "test").sum()) % 4, 0.5, np.nan
    )
    comparison = run(tmp_path, frame).manifest["metrics"]["comparison"]
    assert {comparison[k]["n"] for k in ("rules_only", "a_only", "a_and_b")} == {54}
    frame["ml_probability"] = np.nan
    comparison = run(tmp_path, frame).manifest["metrics"]["comparison"]
    assert comparison["a_only"] is None and comparison["rules_only"]["n"] == 72


def test_a_column_that_saw_the_training_labels_is_warned_about(tmp_path):
    frame = table()
    frame.loc[frame["split"] == "train", "ml_probability"] = (frame["label"] == "ai").astype(float)
    assert any("out-of-fold" in note for note in run(tmp_path, frame).manifest["warnings"])


@pytest.mark.parametrize("kind", ["forest", "boosting"])
def test_trees_answer_like_the_linear_model(tmp_path, kind):
    done = run(tmp_path, table(), kind=kind)
    model = load_model_b(store.load_run(done.folder))
    values = {"noise_variance": 3.0, "ela_mean_error": -2.0, "ml_probability": 0.9}
    assert (
        model.probability(values)
        > 0.6
        > 0.4
        > model.probability({"noise_variance": -2.0, "ela_mean_error": 2.0, "ml_probability": 0.1})
    )
    assert sum(part for *_, part in model.contributions(values)) == pytest.approx(model.logit(values))
    assert pd.read_csv(done.folder / "importances.csv")["feature"][0] == "noise_variance"
    row = table().iloc[0]
    stored = pd.read_parquet(done.folder / "predictions_train.parquet").set_index("sha256")
    assert model.probability(row.to_dict()) == pytest.approx(stored.loc[row["record_id"], "calibrated"])


def test_an_exchanged_forest_file_is_refused_before_it_is_read(tmp_path):
    done = run(tmp_path, table(), kind="forest")
    (done.folder / "ml_model.joblib").write_bytes(b"not a forest")
    for act in (store.set_current, lambda folder: load_model_b(store.load_run(folder))):
        with pytest.raises(InputError, match="changed after training"):
            act(done.folder)


def test_promoting_a_changed_model_file_is_refused(tmp_path):
    done = run(tmp_path, table())
    text = (done.folder / "model_b.json").read_text()
    (done.folder / "model_b.json").write_text(text.replace('"bias": ', '"bias": 1'))
    with pytest.raises(InputError, match="changed after training"):
        store.set_current(done.folder)


def test_training_again_into_the_folder_leaves_no_trace_of_the_first(tmp_path):
    run(tmp_path, table(), kind="forest")
    done = run(tmp_path, table())
    assert not (done.folder / "ml_model.joblib").exists() and not (done.folder / "importances.csv").exists()
    store.set_current(done.folder)


def test_exclusions_hold_and_are_obeyed_by_name_and_prefix(tmp_path):
    done = run(tmp_path, table(), exclude_features=("noise_variance",), exclude_prefixes=("metadata_", "rule_"))
    assert set(LinearModel.load(done.folder, variant="all").features) == {"ela_mean_error", "ml_probability"}
    assert done.manifest["metrics"]["variants"]["all"] == done.manifest["metrics"]["variants"]["content_only"]


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"exclude_features": ("noise_varience",)}, "noise_variance"),
        ({"exclude_prefixes": ("metdata_",)}, "metadata_"),
        ({"exclude_prefixes": ("noise_", "ela_", "metadata_", "rule_", "ml_")}, "exclude less"),
        ({"epochs": 0}, "--epochs"),
        ({"kind": "oracle"}, "linear, logistic, forest, boosting"),
    ],
)
def test_flags_that_cannot_be_meant_are_told_with_what_is_close(tmp_path, flags, words):
    with pytest.raises(InputError, match=words):
        run(tmp_path, table(60), **flags)


def test_a_table_with_one_class_is_refused(tmp_path):
    frame = table(60)
    with pytest.raises(InputError, match="real rows"):
        run(tmp_path, frame[frame["label"] == "ai"])
    frame.loc[frame["split"] == "val", "split"] = np.where(
        frame.loc[frame["split"] == "val", "label"] == "ai", "val", "train"
    )
    with pytest.raises(InputError, match="the val rows hold no real"):
        run(tmp_path, frame)


def test_progress_rises_to_the_end(tmp_path):
    path, seen = tmp_path / "t.csv", []
    table(80).to_csv(path, index=False)
    train(TrainModelBParams(path, tmp_path / "r", epochs=5), lambda done, total, note="": seen.append((done, total)))
    assert seen == sorted(seen) and seen[-1] == (10, 10)


def test_the_kept_epoch_is_the_best_on_the_choosing_rows(tmp_path):
    manifest = run(tmp_path, table(seed=4)).manifest
    best = min(manifest["history"], key=lambda h: (-h["val_auc"], h["val_loss"]))
    assert manifest["best_epoch"] == best["epoch"]
