"""Any detector's scores become a run: figures agree with scikit-learn, and every kind of bad table is one clear line."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, confusion_matrix, roc_auc_score

from cgid.data.manifest import write_manifest
from cgid.data.split import calibration_rows
from cgid.errors import InputError
from cgid.external.import_predictions import import_predictions
from cgid.external.params import ImportPredictionsParams
from cgid.external.scores import read_scores
from cgid.files import read_json
from cgid.models.onnx_model import OnnxModel
from cgid.progress import silent
from cgid.runs import store
from cgid.runs.evaluate import export_model_a_results
from cgid.runs.params import ExportModelAResultsParams


@pytest.fixture
def made(tmp_path):
    """(folder, the manifest's rows, a score in 0..1 for each): val, test and external, files that are not there."""
    random = np.random.default_rng(0)
    label = np.tile(["real", "ai"], 90)
    rows = pd.DataFrame(
        {
            "filepath": [f"images/{i}.png" for i in range(180)],
            "label": label,
            "source": [f"source{i % 3}" for i in range(180)],
            "generator": np.where(label == "ai", "sd", ""),
            "split": np.repeat(["val", "test", "external"], 60),
            "group": [f"g{i // 2}" for i in range(180)],
            "sha256": [f"{i:064x}" for i in range(180)],
        }
    )
    score = 1 / (1 + np.exp(-(random.normal(size=180) + 1.5 * (label == "ai"))))
    write_manifest(rows, tmp_path / "sets" / "m.csv")
    return tmp_path, rows, score


def asked(folder, frame, **more):
    frame.to_csv(folder / "scores.csv", index=False)
    values = {"predictions": folder / "scores.csv", "manifest": folder / "sets" / "m.csv", "output_dir": folder / "run"}
    return ImportPredictionsParams(**(values | more))


def run(made, frame=None, **more):
    folder, rows, score = made
    default = pd.DataFrame({"filepath": rows["filepath"], "score": score})
    return import_predictions(asked(folder, default if frame is None else frame, **more), silent)


def test_figures_are_scikit_learns_of_the_same_scores(made):
    folder, rows, score = made
    result = run(made, name="Somebody's detector")
    ai = (rows["label"] == "ai").to_numpy()
    test, external = (rows["split"] == name for name in ("test", "external"))
    block = result["metrics"]["test"]
    assert block["auc"]["value"] == pytest.approx(roc_auc_score(ai[test], score[test]), abs=1e-9)
    assert block["average_precision"]["value"] == pytest.approx(
        average_precision_score(ai[test], score[test]), abs=1e-9
    )
    outside = result["metrics"]["external"]
    assert [e["name"] for e in outside] == ["m"]
    assert outside[0]["auc"]["value"] == pytest.approx(roc_auc_score(ai[external], score[external]), abs=1e-9)
    table = pd.read_parquet(folder / "run" / "predictions_test.parquet")
    np.testing.assert_allclose(table["probability"], score[test], atol=1e-12)
    thresholds = read_json(folder / "run" / "thresholds.json")
    found = confusion_matrix(table["label"], table["calibrated"] >= thresholds["thresholds"]["balanced"]).ravel()
    assert [block["confusion"][k] for k in ("tn", "fp", "fn", "tp")] == found.tolist()
    assert "Somebody's detector" in result["summary"]
    assert "external, imported detector" in (folder / "run" / "model_card.md").read_text()


def test_thresholds_come_from_the_calibration_half_of_val_alone(made):
    folder, rows, score = made
    run(made)
    first = read_json(folder / "run" / "thresholds.json")
    val = rows[rows["split"] == "val"]
    assert first["calibrated_on"]["n"] == calibration_rows(val).sum()
    other = score.copy()
    other[(rows["split"] == "test").to_numpy()] = 0.5
    other[val.index[~calibration_rows(val)]] = 0.5
    run(made, pd.DataFrame({"filepath": rows["filepath"], "score": other}))
    second = read_json(folder / "run" / "thresholds.json")
    assert first["thresholds"] == second["thresholds"] and first["temperature"] == second["temperature"]


def test_every_way_of_naming_the_images_gives_the_same_run(made):
    folder, rows, score = made
    logit = np.log(score) - np.log1p(-score)
    tables = []
    for frame, more in (
        (pd.DataFrame({"filepath": rows["filepath"], "score": score}), {}),
        (pd.DataFrame({"filepath": [f"sets/{p}" for p in rows["filepath"]], "score": score}), {}),
        (pd.DataFrame({"sha256": rows["sha256"].str.upper(), "score": logit}), {"score": "logit"}),
    ):
        run(made, frame, **more)
        tables.append(pd.read_parquet(folder / "run" / "predictions_val.parquet"))
    pd.testing.assert_frame_equal(tables[0], tables[1])
    pd.testing.assert_frame_equal(tables[0], tables[2])
    pd.DataFrame({"sha256": rows["sha256"], "score": score}).to_parquet(folder / "s.parquet")
    import_predictions(asked(folder, rows, predictions=folder / "s.parquet"), silent)
    pd.testing.assert_frame_equal(tables[0], pd.read_parquet(folder / "run" / "predictions_val.parquet"))


def test_the_run_is_listed_exported_and_never_promoted(made, monkeypatch):
    folder, _, _ = made
    monkeypatch.setenv("CGID_HOME", str(folder))
    place = folder / "artifacts" / "runs" / "model_a" / "theirs"
    run(made, output_dir=place)
    assert [r.id for r in store.runs("model_a")] == ["theirs"] and store.runs()[0].manifest["imported"] is True
    before = (place / "exports" / "confusion_matrices.csv").read_bytes()
    export_model_a_results(ExportModelAResultsParams(place / "run_manifest.json"), silent)
    assert (place / "exports" / "confusion_matrices.csv").read_bytes() == before
    with pytest.raises(InputError, match="import the detector itself"):
        store.set_current(place)
    with pytest.raises(InputError, match="import the detector itself"):
        OnnxModel.load(place)


def test_rows_without_a_score_strangers_and_twins_are_counted(made):
    _, rows, score = made
    frame = pd.DataFrame({"filepath": rows["filepath"], "score": score.astype(object)})
    frame.loc[[0, 70], "score"] = ["", "NaN"]
    extra = pd.DataFrame({"filepath": ["elsewhere/1.png", "images/9.png"], "score": [0.5, score[9]]})
    result = run(made, pd.concat([frame, extra]))
    assert result["skipped"] == 2 and "1 scores are of images that the manifest does not list" in result["summary"]
    assert result["metrics"]["test"]["n"] == 59


def changed(column, row, value):
    def change(frame):
        frame[column] = frame[column].astype(object) if column in frame else ""
        frame.loc[row, column] = value
        return frame

    return change


BAD = {
    "outside": (changed("score", 3, 1.3), r"row 4: score `1.3` is not a probability.*--score logit"),
    "word": (changed("score", 3, "high"), r"row 4: score `high` is not a number\."),
    "infinite": (changed("score", 3, "inf"), r"row 4: score `inf` is not finite"),
    "label": (changed("label", 3, "fake1"), r"row 4: label `fake1` is not one of real, ai"),
    "contradiction": (changed("label", 0, "ai"), r"row 1: its label contradicts m.csv"),
    "twice": (lambda f: pd.concat([f, f.iloc[:1].assign(score=0.123)]), r"rows 1 and 181 give .*two different scores"),
    "no score": (lambda f: f.drop(columns="score"), "column `score` is missing"),
    "no image": (lambda f: f.drop(columns="filepath"), "column `filepath` or `sha256` is missing"),
    "empty": (lambda f: f.iloc[:0], "no row below its header"),
    "strangers": (lambda f: f.assign(filepath="x/" + f["filepath"]), "scores no image of the val split"),
    "one class": (lambda f: f.iloc[[*range(0, 60, 2), *range(60, 180)]], "class `real` only"),
    "no test": (lambda f: f.iloc[:60], "scores no image of the test split"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_table_that_cannot_be_used_is_one_line_and_leaves_the_earlier_run(made, name):
    folder, rows, score = made
    run(made)
    kept = (folder / "run" / "run_manifest.json").read_bytes()
    change, words = BAD[name]
    with pytest.raises(InputError, match=words) as caught:
        run(made, change(pd.DataFrame({"filepath": rows["filepath"], "score": score})))
    assert "\n" not in str(caught.value)
    assert (folder / "run" / "run_manifest.json").read_bytes() == kept


@pytest.mark.parametrize("data", [b"", b"PAR1 broken", b"\xff\xfe\x00x", b'filepath,score\n"open', b"\0\0\0"])
def test_bytes_that_are_no_table_are_one_line(made, data):
    folder, rows, _ = made
    params = asked(folder, rows)
    params.predictions.write_bytes(data)
    with pytest.raises(InputError) as caught:
        import_predictions(params, silent)
    assert "\n" not in str(caught.value)


def test_a_manifest_without_splits_and_a_folder_of_something_else_are_refused(made):
    folder, rows, _ = made
    (folder / "other").mkdir()
    (folder / "other" / "config.json").write_text("{}")
    with pytest.raises(InputError, match="something other than an import"):
        run(made, output_dir=folder / "other")
    write_manifest(rows.assign(split=""), folder / "sets" / "m.csv")
    with pytest.raises(InputError, match="no row of the split val or test"):
        run(made)


TABLES = [b'filepath,sha256,score,label\n"a.png",ab,0.5,real\nb.png,,1,1\n', b"sha256,score\n" + b"a,0.1\n" * 5]


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(TABLES), st.integers(0, 60), st.integers(0, 8), st.binary(max_size=6))
def test_a_damaged_table_is_read_or_refused_in_one_line(tmp_path_factory, table, at, cut, put):
    path = tmp_path_factory.getbasetemp() / "damaged.csv"
    path.write_bytes(table[:at] + put + table[at + cut :])
    try:
        logit = read_scores(path, "probability")["logit"]
    except InputError as error:
        assert "\n" not in str(error)
    else:
        assert not np.isinf(logit).any()
