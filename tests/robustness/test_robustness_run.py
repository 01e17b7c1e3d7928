"""A run judged at every strength: figures are those of its scores, nothing is judged twice, bad input is one sentence."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from cgid.cli.main import main
from cgid.data.manifest import read_manifest, write_manifest
from cgid.errors import InputError
from cgid.evaluate.metrics import summary
from cgid.files import read_json, write_json
from cgid.imaging.degrade import degrade
from cgid.imaging.image_file import ImageFile
from cgid.progress import silent
from cgid.robustness import run as study
from cgid.robustness.params import RobustnessParams
from cgid.robustness.points import all_conditions, sample_images
from cgid.robustness.record import doubled, sentences
from cgid.robustness.run import robustness
from imported_runs import images, run_of


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("robustness")
    return run_of(folder)


@pytest.fixture
def run(made, tmp_path):
    """A copy of its own, so that no test sees another's measurement."""
    return Path(shutil.copytree(made, tmp_path / "run"))


def test_every_figure_is_the_summary_of_the_scores_beside_it(run):
    result = robustness(RobustnessParams(run), silent)
    content = read_json(run / "robustness" / "robustness.json")
    scores = pd.read_parquet(run / "robustness" / "predictions.parquet")
    threshold = read_json(run / "thresholds.json")["thresholds"]["balanced"]
    assert len(content["points"]) == len(all_conditions()) == len(result["points"])
    for point in content["points"]:
        tier, name, level = point["tier"], point["degradation"], point["level"]
        same_level = scores["level"].isna() if level is None else scores["level"] == level
        rows = scores[(scores["tier"] == tier) & (scores["degradation"] == name) & same_level]
        assert len(rows) == 40 == point["n"]
        own = summary(rows["label"].to_numpy(), rows["calibrated"].to_numpy(), threshold, rows["group"].to_numpy())
        for figure in ("auc", "balanced_accuracy", "false_positive_rate", "false_negative_rate"):
            assert point[figure] == pytest.approx(own[figure])
        called = rows["calibrated"] >= threshold
        assert point["auc"]["value"] == pytest.approx(roc_auc_score(rows["label"], rows["calibrated"]))
        assert point["balanced_accuracy"]["value"] == pytest.approx(balanced_accuracy_score(rows["label"], called))
        assert point["false_positive_rate"]["value"] == pytest.approx(called[rows["label"] == 0].mean())


def test_changes_are_paired_differences_to_the_clean_images(run):
    points = robustness(RobustnessParams(run), silent)["points"]
    clean = points[0]
    assert clean["tier"] == "clean" and "change" not in clean
    for point in points[1:]:
        for figure, change in point["change"].items():
            assert change["value"] == pytest.approx(point[figure]["value"] - clean[figure]["value"], abs=1e-12)
            assert change["low"] - 1e-9 <= change["value"] <= change["high"] + 1e-9


def test_clean_and_tiers_are_those_of_the_run_itself_and_of_evaluate(run):
    robustness(RobustnessParams(run), silent)
    scores = pd.read_parquet(run / "robustness" / "predictions.parquet")
    theirs = pd.read_parquet(run / "predictions_test.parquet")
    ours = scores[scores["tier"] == "clean"]
    np.testing.assert_allclose(ours["calibrated"], theirs["calibrated"], atol=1e-5)
    from cgid.models.onnx_model import OnnxModel

    first = theirs["filepath"].iloc[0]
    expected = OnnxModel.load(run).logits([degrade(ImageFile.open(first).rgb, "hard")])[0]
    hard = scores[(scores["tier"] == "hard") & (scores["filepath"] == first)]
    assert hard["logit"].item() == pytest.approx(expected, abs=1e-5)


def test_the_same_seed_gives_the_same_scores_and_another_only_other_noise(run):
    def scores(seed: int) -> pd.DataFrame:
        robustness(RobustnessParams(run, seed=seed), silent)
        return pd.read_parquet(run / "robustness" / "predictions.parquet")

    first, again, other = scores(1), scores(1), scores(2)
    pd.testing.assert_frame_equal(first, again)
    changed = first["logit"] != other["logit"]
    assert set(first[changed]["degradation"]) == {"noise"}


def test_what_was_judged_before_an_interruption_is_not_judged_again(run, monkeypatch):
    monkeypatch.setattr(study, "MAX_INPUT_BYTES", 1)
    decoded, plain = [], study._network_inputs
    monkeypatch.setattr(study, "_network_inputs", lambda path, *rest: decoded.append(path) or plain(path, *rest))

    def stop(done, total, note=""):
        if done == 32:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        robustness(RobustnessParams(run), stop)
    assert not (run / "robustness" / "robustness.json").exists()
    robustness(RobustnessParams(run), silent)
    assert len(decoded) == len(set(decoded)) == 40  # each image once, for all strengths
    assert not (run / "robustness" / ".parts").exists()
    whole = pd.read_parquet(run / "robustness" / "predictions.parquet")
    monkeypatch.undo()
    robustness(RobustnessParams(run), silent)
    pd.testing.assert_frame_equal(whole, pd.read_parquet(run / "robustness" / "predictions.parquet"))


def test_files_to_hand_on_say_the_same(run, capsys):
    assert main(["robustness", "--run", str(run), "--images", "20"]) == 0
    printed = capsys.readouterr().out
    points = read_json(run / "robustness" / "robustness.json")["points"]
    table = pd.read_csv(run / "robustness" / "robustness.csv")
    assert (run / "exports" / "robustness.csv").read_bytes() == (run / "robustness" / "robustness.csv").read_bytes()
    assert table["auc"].tolist() == pytest.approx([p["auc"]["value"] for p in points])
    assert {"level", "false_positive_rate_low", "auc_change_high"} <= set(table)
    assert "JPEG quality 60" in printed and "20 of 40 images" in printed


def test_a_manifest_takes_the_place_of_the_own_test(run, tmp_path):
    manifest = images(tmp_path, "other", 12, 7)
    robustness(RobustnessParams(run, manifest=manifest), silent)
    content = read_json(run / "robustness" / "robustness.json")
    assert content["images"].startswith("all images of ") and content["points"][0]["n"] == 12


def test_images_that_cannot_be_read_or_changed_are_left_out_everywhere_and_listed(run, tmp_path):
    manifest = images(tmp_path, "other", 12, 7)
    frame = read_manifest(manifest)
    Path(frame["path"][0]).write_bytes(b"")
    frame.loc[1, "sha256"] = "0" * 64
    Image.new("RGB", (66000, 1)).save(frame["path"][2])
    write_manifest(frame, manifest)
    result = robustness(RobustnessParams(run, manifest=manifest), silent)
    reasons = {Path(s["filepath"]).name: s["reason"] for s in result["skipped"]}
    assert set(reasons) == {"0.png", "1.png", "2.png"}
    assert "empty" in reasons["0.png"] and "sha256 differs" in reasons["1.png"] and "degraded" in reasons["2.png"]
    assert {p["n"] for p in result["points"]} == {9}


def frame_of(groups: np.ndarray, seed: int = 0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    n = len(groups)
    return pd.DataFrame(
        {"path": [f"{i}.png" for i in range(n)], "target": random.integers(0, 2, n), "group": groups.astype(str),
         "source": [f"s{i % 3}" for i in range(n)], "generator": ""}
    )  # fmt: skip


@pytest.mark.parametrize("size", [1, 4, 9])
def test_a_draw_is_of_whole_groups_in_proportion_and_never_too_large(size):
    frame = frame_of(np.arange(900) // size)
    drawn = sample_images(frame, 120, seed=5)
    assert 100 <= len(drawn) <= 120
    whole = frame["group"].value_counts()
    assert (drawn["group"].value_counts() == whole[drawn["group"].unique()]).all()
    assert drawn["target"].mean() == pytest.approx(frame["target"].mean(), abs=0.06)
    assert drawn["source"].value_counts().min() > 25
    pd.testing.assert_frame_equal(drawn, sample_images(frame, 120, seed=5))
    assert set(drawn["path"]) != set(sample_images(frame, 120, seed=6)["path"])


def test_groups_that_are_too_large_for_the_draw_are_named():
    with pytest.raises(InputError, match="the largest has 30 images"):
        sample_images(frame_of(np.arange(90) // 30), 20, seed=5)


def point(accused: float, low: float | None) -> dict:
    none = {"value": None, "low": None, "high": None}
    rate = {"value": accused, "low": 0.0, "high": 1.0}
    change = {"value": None, "low": low, "high": None}
    return {"tier": "", "degradation": "jpeg", "title": f"{accused}", "auc": none} | {
        "false_positive_rate": rate, "false_negative_rate": rate,
        "change": {"false_positive_rate": change, "false_negative_rate": change},
    }  # fmt: skip


def test_a_rate_doubles_only_where_it_is_beyond_chance():
    clean = point(0.1, None) | {"tier": "clean", "degradation": ""}
    curve = [point(0.15, 0.01), point(0.25, -0.02), point(0.2, 0.03), point(0.4, 0.2)]
    assert doubled(curve, clean, "false_positive_rate") is curve[2]
    assert doubled(curve[:2], clean, "false_positive_rate") is None
    clean["false_positive_rate"] = {"value": 0.0, "low": 0.0, "high": 0.1}
    assert doubled(curve, clean, "false_positive_rate") is curve[0]
    said = sentences({"points": [clean, *curve], "degradations": [{"name": "jpeg", "title": "JPEG recompression"}]})
    assert said == [
        "JPEG recompression: the false positive rate first exceeds zero at 0.15 (15% instead of 0%); "
        "the false negative rate first doubles at 0.2 (20% instead of 10%)."
    ]
    wrong = point(0.7, None) | {"tier": "clean", "degradation": ""}
    lost = sentences({"points": [wrong, *curve], "degradations": [{"name": "jpeg", "title": "JPEG"}]})
    assert lost[0].startswith("JPEG: the false positive rate already exceeds 50 % (70%);")
    calm = sentences({"points": [clean, curve[1]], "degradations": [{"name": "jpeg", "title": "JPEG"}]})
    assert calm == [
        "JPEG: neither error rate doubles at any tested level (the false positive rate 0%, "
        "the false negative rate 10% without it)."
    ]


@pytest.mark.parametrize(("more", "words"), [({"images": 1}, "at least 2"), ({"seed": -1}, "negative")])
def test_numbers_that_make_no_sense_are_one_sentence(run, more, words):
    with pytest.raises(InputError, match=words):
        robustness(RobustnessParams(run, **more), silent)


def test_runs_that_cannot_be_judged_are_one_sentence_and_exit_2(run, tmp_path, capsys):
    (run / "predictions_test.parquet").write_bytes(b"no parquet")
    assert main(["robustness", "--run", str(run)]) == 2
    assert "cannot be read" in capsys.readouterr().err
    (run / "predictions_test.parquet").unlink()
    assert main(["robustness", "--run", str(run)]) == 2
    assert "--manifest" in capsys.readouterr().err
    manifest = read_json(run / "run_manifest.json")
    write_json(run / "run_manifest.json", {k: v for k, v in manifest.items() if k != "onnx"})
    assert main(["robustness", "--run", str(run)]) == 2
    error = capsys.readouterr().err
    assert len(error.strip().splitlines()) == 1 and "Traceback" not in error
