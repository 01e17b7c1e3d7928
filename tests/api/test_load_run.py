"""`cgid.load_run`: what a run says of itself, and the same scores as a check by it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import cgid
from cgid.files import write_json
from cgid.runs.store import set_current
from cgid.settings import settings
from model_b_run import promoted
from planted_network import planted_run


@pytest.fixture
def pictures(tmp_path):
    paths = [tmp_path / f"{level}.png" for level in (20, 230)]
    for path, level in zip(paths, (20, 230)):
        Image.fromarray(np.full((64, 64, 3), level, np.uint8)).save(path)
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return [*paths, tmp_path / "broken.png"]


@pytest.fixture
def model_a():
    return planted_run(settings().runs / "model_a" / "planted", np.full((8, 8), 0.1, np.float32), bias=-3)


def test_metrics_thresholds_and_predictions_are_those_of_the_folder(model_a):
    test = pd.DataFrame({"filepath": ["a", "b"], "label": [0, 1], "calibrated": [0.1, 0.8]})
    test.to_parquet(model_a / "predictions_test.parquet")
    write_json(model_a / "metrics.json", {"test": {"n": 2, "auc": {"value": 1.0, "low": None, "high": None}}})
    run = cgid.load_run(model_a)
    assert (run.kind, run.id, run.folder, run.splits) == ("model_a", "planted", model_a, ["test"])
    assert run.metrics["test"]["n"] == 2 and run.thresholds["inconclusive"] == {"low": 0.3, "high": 0.7}
    pd.testing.assert_frame_equal(run.predictions("test"), test)
    assert (
        run.frame()["metric"].tolist() == ["auc"]
        and "planted" in run._repr_html_()
        and run.to_dict()["id"] == "planted"
    )
    assert "layer" in run.plot().to_dict()
    for split in ("val", "../planted/test"):
        with pytest.raises(cgid.InputError, match="there are: test"):
            run.predictions(split)


def test_model_a_scores_as_a_check_by_it_does(model_a, pictures):
    scores = cgid.load_run(model_a).score(pictures)
    assert scores["file"].tolist() == [str(p) for p in pictures]
    assert scores["verdict"].tolist() == ["likely_real", "likely_ai", "unreadable"] and scores["error"].iloc[2]
    for picture, score in zip(pictures[:2], scores["probability_ai"]):
        assert score == cgid.check(picture, model_a=model_a).model_a.probability
        assert cgid.load_run(model_a).score(picture.read_bytes())["probability_ai"].tolist() == [score]
    assert np.isnan(scores["probability_ai"].iloc[2])


def test_model_b_scores_as_a_check_by_it_does(model_a, pictures):
    set_current(model_a)
    values = cgid.check(pictures[0]).features
    around = {c: v for c, v in values.items() if v is not None and c.startswith(("noise_", "spectrum_"))}
    run = cgid.load_run(promoted(dict(list(around.items())[:6])))
    scores = run.score(pictures)
    assert scores["probability_ai"].iloc[0] == cgid.check(pictures[0]).model_b.probability
    assert scores["verdict"].iloc[2] == "unreadable" and run.kind == "model_b"
    assert run.metrics and run.thresholds and "test" in run.splits


def test_bad_input_is_one_sentence(model_a, tmp_path):
    with pytest.raises(cgid.InputError, match="holds no run_manifest"):
        cgid.load_run(tmp_path)
    (model_a / "thresholds.json").write_text("{")
    with pytest.raises(cgid.InputError, match=r"thresholds.json cannot be read"):
        _ = cgid.load_run(model_a).thresholds
    (model_a / "model.onnx").write_bytes(b"changed")
    with pytest.raises(cgid.InputError, match="was changed"):
        cgid.load_run(model_a).score(tmp_path / "a.png")
