"""A Model B run keeps how each feature lies in its training rows, and nothing of the rows that judge it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from cgid.evaluate.class_distribution import ClassDistribution
from cgid.runs import store
from model_b_cases import groups, run, table  # noqa: F401


def test_it_holds_every_feature_of_the_training_rows_and_promoting_checks_it(tmp_path):
    frame = table()
    done = run(tmp_path, frame, exclude_features=("ela_mean_error",))
    kept = json.loads((done.folder / "reference.json").read_text())
    assert kept["format"] == 1
    taught = frame[frame["split"] == "train"]
    assert kept["rows"] == {"real": int((taught["label"] == "real").sum()), "ai": int((taught["label"] == "ai").sum())}
    assert kept["groups"]["real"] + kept["groups"]["ai"] == taught["group"].nunique()
    wanted = {"noise_variance", "noise_flat", "ela_mean_error", "metadata_anomaly_score", "rule_forensic_score"}
    assert set(kept["features"]) == wanted | {"ml_probability"}
    block = kept["features"]["noise_variance"]
    auc = roc_auc_score(taught["label"] == "ai", taught["noise_variance"])
    assert block["auc"]["value"] == pytest.approx(auc, abs=1e-4)
    assert block["auc"]["low"] < auc < block["auc"]["high"] and 0 < min(block["independent"]) <= 1
    ela = kept["features"]["ela_mean_error"]
    assert sum(ela["missing"].values()) == taught["ela_mean_error"].isna().sum()
    assert ClassDistribution.from_json(ela).count == taught["ela_mean_error"].notna().sum()
    assert kept["features"]["noise_flat"]["auc"]["value"] == 0.5
    store.set_current(done.folder)
    (done.folder / "reference.json").write_text("{}")
    with pytest.raises(Exception, match=r"reference\.json was changed"):
        store.set_current(done.folder)


def test_other_rows_leave_no_trace(tmp_path):
    frame = table()
    changed = frame.copy()
    changed.loc[changed["split"] != "train", "noise_variance"] = np.arange(float((frame["split"] != "train").sum()))
    one, two = (
        json.loads((run(tmp_path, f, n).folder / "reference.json").read_text())
        for f, n in ((frame, "a"), (changed, "b"))
    )
    assert one == two
