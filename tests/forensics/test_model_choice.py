"""Other models for a check: a run by its name, an ONNX file by itself, or none; what cannot be used is one sentence."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image

from cgid.errors import InputError
from cgid.forensics.evidence.reference import answering_models
from cgid.forensics.model_choice import Choice, chosen_models
from cgid.runs.store import runs

onnx = pytest.importorskip("onnx")


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("CGID_HOME", str(tmp_path))
    return tmp_path


def network(path, about: dict | None) -> None:
    """A tiny graph whose logit is the mean of its input, with the metadata a model.onnx holds."""
    helper, numpy_helper = onnx.helper, onnx.numpy_helper
    axes = numpy_helper.from_array(np.array([1, 2, 3], dtype=np.int64), "axes")
    graph = helper.make_graph(
        [helper.make_node("ReduceMean", ["x", "axes"], ["y"], keepdims=0)],
        "mean",
        [helper.make_tensor_value_info("x", 1, ["n", 3, 8, 8])],
        [helper.make_tensor_value_info("y", 1, ["n"])],
        [axes],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    if about is not None:
        helper.set_model_props(model, {"cgid": json.dumps(about)})
    path.write_bytes(model.SerializeToString())


ABOUT = {
    "preprocess": {"image_size": 8, "fit": "resize", "mean": [0.5] * 3, "std": [0.5] * 3},
    "calibration": {"temperature": 2.0, "bias": 0.0, "thresholds": {}, "inconclusive": {"low": 0.3, "high": 0.6}},
}


def test_the_current_models_answer_where_nothing_is_chosen(home) -> None:
    from cgid.forensics.models import current_models

    assert chosen_models(Choice()) is current_models()


def test_an_onnx_file_with_its_metadata_answers_and_its_ignorance_is_said(home) -> None:
    from cgid.forensics.check import check

    network(home / "model.onnx", ABOUT)
    models = chosen_models(Choice(str(home / "model.onnx"), "none"))
    white = np.full((8, 8, 3), 255, np.uint8)
    assert models.network.logits([white])[0] == pytest.approx(1.0)
    buffer = io.BytesIO()
    Image.fromarray(white).save(buffer, "PNG")
    found = check(buffer.getvalue(), "w.png", models).to_json()
    assert found["model_a"]["probability"] == pytest.approx(1 / (1 + np.exp(-0.5)))
    assert (found["verdict"], found["error_rates"]) == ("likely_ai", None)
    assert "its error rates and training data are unknown" in found["reason"]
    assert chosen_models(Choice(str(home / "model.onnx"), "none")) is models  # loaded once
    assert found["models"]["chosen"] == {"model_a": str(home / "model.onnx"), "model_b": "none"}
    assert answering_models(found) is models  # so that evidence and maps are of the model that answered


def test_a_changed_file_is_loaded_anew(home) -> None:
    file = home / "model.onnx"
    network(file, ABOUT)
    first = chosen_models(Choice(str(file), "none"))
    network(file, ABOUT | {"note": "another"})
    assert chosen_models(Choice(str(file), "none")).network.sha256 != first.network.sha256


def test_a_file_of_a_simulated_model_stays_marked(home) -> None:
    network(home / "m.onnx", ABOUT | {"simulated": True})
    assert chosen_models(Choice(str(home / "m.onnx"), "none")).simulated


@pytest.mark.parametrize(
    ("about", "words"),
    [
        (None, "cgid model-a export-onnx"),
        ({"preprocess": ABOUT["preprocess"]}, "import-detector"),
        ({}, "is not a model"),
    ],
)
def test_a_file_that_says_too_little_is_refused_with_the_way_out(home, about, words) -> None:
    network(home / "m.onnx", about)
    with pytest.raises(InputError, match=words):
        chosen_models(Choice(str(home / "m.onnx")))


@pytest.mark.parametrize("data", [b"", b"not an onnx file", b"\x08\x09" * 50])
def test_a_broken_file_is_one_sentence(home, data) -> None:
    (home / "m.onnx").write_bytes(data)
    with pytest.raises(InputError, match=r"m\.onnx"):
        chosen_models(Choice(str(home / "m.onnx")))


def test_a_run_that_is_not_there_names_those_that_are(home) -> None:
    assert runs() == []
    with pytest.raises(InputError, match=r"no Model A run 'x'\. Available: none yet"):
        chosen_models(Choice("x"))
    with pytest.raises(InputError, match="no file"):
        chosen_models(Choice(str(home / "gone.onnx")))


def test_none_leaves_a_model_out(home) -> None:
    models = chosen_models(Choice("none", "none"))
    assert models.network is models.fusion is None
