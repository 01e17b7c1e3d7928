"""Logistic regression is scikit-learn's own, served without unpickling, and its file is checked before it answers."""

import json
import subprocess
import sys

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from cgid.errors import InputError
from cgid.model_b.estimators import load_model_b
from cgid.model_b.linear import LinearModel
from cgid.runs import store
from model_b_cases import coefficients, groups, run, table  # noqa: F401


def test_the_numbers_are_scikit_learns_on_the_standardised_training_rows(tmp_path):
    frame = table()
    done = run(tmp_path, frame, kind="logistic")
    teach = frame[frame["split"] == "train"]
    for name in ("all", "content_only"):
        model = LinearModel.load(done.folder, variant=name)
        matrix = model.preparation.matrix(teach[list(model.features)].to_numpy(float))
        theirs = LogisticRegression(max_iter=10_000, tol=1e-10).fit(matrix, teach["label"] == "ai")
        assert model.coefficients == pytest.approx(theirs.coef_[0], abs=1e-4)
        assert model.intercept == pytest.approx(theirs.intercept_[0], abs=1e-4)
        kept = joblib.load(done.folder / "ml_model.joblib")[name]
        assert np.array_equal(kept.coef_[0], model.coefficients)


def test_what_is_served_is_what_the_predictions_say_calibration_included(tmp_path):
    frame = table()
    done = run(tmp_path, frame, kind="logistic")
    stored = pd.read_parquet(done.folder / "predictions_test.parquet").set_index("sha256")
    model = load_model_b(store.set_current(done.folder))
    for row in frame[frame["split"] == "test"].head(5).to_dict("records"):
        assert model.probability(row) == pytest.approx(stored.loc[row["record_id"], "calibrated"])
    assert done.manifest["history"][0]["converged"] is True


def test_coefficients_have_intervals_that_hold_them(tmp_path):
    found = coefficients(run(tmp_path, table(), kind="logistic").folder)
    assert (found["low"] < found["coefficient"]).all() and (found["coefficient"] < found["high"]).all()
    assert found.loc["noise_variance", "low"] > 0 > found.loc["ela_mean_error", "high"]


def test_a_changed_file_is_refused_in_one_sentence_and_never_unpickled(tmp_path):
    done = run(tmp_path, table(), kind="logistic")
    (done.folder / "ml_model.joblib").write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    for act in (store.set_current, lambda folder: load_model_b(store.load_run(folder))):
        with pytest.raises(InputError, match="changed after training") as refused:
            act(done.folder)
        assert "\n" not in str(refused.value)


def test_a_run_that_records_no_sha256_is_not_loaded(tmp_path):
    done = run(tmp_path, table(), kind="logistic")
    manifest = {k: v for k, v in done.manifest.items() if k != "weights"}
    (done.folder / "run_manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(InputError, match="does not record the sha256"):
        load_model_b(store.load_run(done.folder))


def test_serving_it_imports_no_scikit_learn(tmp_path):
    done = run(tmp_path, table(), kind="logistic")
    script = (
        "import sys; from cgid.runs import store; from cgid.model_b.estimators import load_model_b; "
        f"load_model_b(store.load_run({str(done.folder)!r})).probability({{}}); sys.exit('sklearn' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], timeout=60).returncode == 0
