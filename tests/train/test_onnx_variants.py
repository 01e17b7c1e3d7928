"""Smaller copies of model.onnx count only where they answer as it does; a refusal is one sentence and harms nothing."""

from __future__ import annotations

import json
import shutil

import numpy as np
import onnx
import pytest

import cgid.models.architecture as registry
from cgid.errors import InputError
from cgid.files import read_json, sha256_of, write_json
from cgid.models.onnx_model import METADATA, VARIANTS, OnnxModel
from cgid.progress import silent
from cgid.runs import predictions
from cgid.train import export_onnx, onnx_acceptance, onnx_convert
from cgid.train.export_onnx import export
from cgid.train.model_a import train
from cgid.train.params import ExportOnnxParams
from tiny_network import TINY, recipe


@pytest.fixture(scope="module")
def trained(tiny, tmp_path_factory):
    run = tmp_path_factory.mktemp("variants") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "all_architectures", lambda: {"tiny": TINY})
        patch.setattr(export_onnx, "EXPORTERS", {"torchscript": export_onnx.EXPORTERS["torchscript"]})
        train(recipe(tiny, run, epochs=4), silent)
    return run


@pytest.fixture
def run(trained, tmp_path, monkeypatch):
    """A copy, and limits wide enough for 24 images of a network that has hardly learnt: its judging has tests below."""
    monkeypatch.setattr(onnx_acceptance, "MARGIN", 0.5)
    monkeypatch.setitem(onnx_acceptance.LIMITS, "int8", onnx_acceptance.Limit(0.2, 0.5, 0.5))
    return shutil.copytree(trained, tmp_path / "run")


def test_both_are_made_recorded_and_answer_as_the_file_they_came_from(run):
    before = sha256_of(run / "model.onnx")
    result = export(ExportOnnxParams(run=run, variants="fp16, int8"), silent)
    assert "fp16 accepted" in result["summary"] and "int8 accepted" in result["summary"]
    assert sha256_of(run / "model.onnx") == before, "an intact float32 file stays as it is"
    blocks = read_json(run / "run_manifest.json")["onnx_variants"]
    exact = OnnxModel.load(run, threads=1)
    images = list(np.random.default_rng(0).integers(0, 256, (5, 40, 40, 3), dtype=np.uint8))
    for name in VARIANTS:
        file, block = run / f"model_{name}.onnx", blocks[name]
        assert block["sha256"] == sha256_of(file) and block["bytes"] == file.stat().st_size
        assert block["made_from"] == before and block["parity"]["images"] == 24
        assert block["accuracy"]["auc"]["low"] <= 0 <= block["accuracy"]["auc"]["high"]
        assert set(block["speed"]["ratio"]) == {"1", "32"}
        model = OnnxModel.load(run, threads=1, variant=name)
        assert model.sha256 == block["sha256"] and model.preprocess == exact.preprocess
        assert {t.type for t in model.session.get_inputs() + model.session.get_outputs()} == {"tensor(float)"}
        about = {k: v for k, v in model.metadata.items() if k not in ("variant", "made_from", "interface")}
        assert (
            about == {k: v for k, v in exact.metadata.items() if k != "interface"} and model.metadata["variant"] == name
        )
        tolerance = 0.01 if name == "fp16" else 0.2
        np.testing.assert_allclose(model.probabilities(images), exact.probabilities(images), atol=tolerance)
    operators = {n.op_type for n in onnx.load(run / "model_int8.onnx").graph.node}
    assert "QuantizeLinear" in operators and "DequantizeLinear" in operators


def test_ranges_of_int8_come_from_the_validation_half_that_chose_the_epoch(run, monkeypatch):
    seen = []
    real = onnx_convert.to_int8
    monkeypatch.setitem(onnx_convert.CONVERTERS, "int8", lambda f, squares: seen.extend(squares) or real(f, squares))
    export(ExportOnnxParams(run=run, variants="int8"), silent)
    val = predictions.read(run / "predictions_val.parquet")
    assert 0 < len(seen) == int((~val["calibration"]).sum()) < len(val)


def spoilt(change):
    def convert(file, squares):
        model = onnx.load(file)
        change(model)
        return model

    return convert


def negated(model):
    """Says the opposite."""
    last = model.graph.node[-1]
    name = last.output[0]
    last.output[0] = "before"
    model.graph.node.append(onnx.helper.make_node("Neg", ["before"], [name]))


def emptied(model):
    del model.graph.node[:]


@pytest.mark.parametrize(
    ("change", "words"), [(negated, "its probabilities differ from float32's"), (emptied, "it cannot be converted")]
)
def test_one_that_fails_is_refused_in_one_sentence_and_earlier_files_stay(run, monkeypatch, change, words):
    export(ExportOnnxParams(run=run, variants="fp16,int8"), silent)
    kept = {p.name: p.read_bytes() for p in run.glob("*.onnx")}
    monkeypatch.setitem(onnx_convert.CONVERTERS, "fp16", spoilt(change))
    result = export(ExportOnnxParams(run=run, variants="fp16"), silent)
    assert words in result["summary"] and "\n" not in result["summary"] and not result["variants"]["fp16"]["kept"]
    assert {p.name: p.read_bytes() for p in run.glob("*.onnx")} == kept
    block = read_json(run / "run_manifest.json")["onnx_variants"]["fp16"]
    assert block["kept"] and words in block["last_refusal"]
    assert OnnxModel.load(run, variant="fp16").sha256 == block["sha256"]


def test_a_refused_one_is_not_written_and_its_reason_is_what_loading_it_says(run, monkeypatch):
    monkeypatch.setitem(onnx_convert.CONVERTERS, "int8", spoilt(negated))
    export(ExportOnnxParams(run=run, variants="int8"), silent)
    assert not (run / "model_int8.onnx").exists()
    with pytest.raises(InputError, match="int8 was not accepted") as caught:
        OnnxModel.load(run, variant="int8")
    assert "\n" not in str(caught.value)


def test_what_was_changed_or_is_missing_is_one_sentence(run):
    with pytest.raises(InputError, match=r"has no fp16 copy.*--variants fp16"):
        OnnxModel.load(run, variant="fp16")
    export(ExportOnnxParams(run=run, variants="fp16"), silent)
    file, manifest = run / "model_fp16.onnx", read_json(run / "run_manifest.json")
    whole = file.read_bytes()
    file.write_bytes(whole[:-40])
    with pytest.raises(InputError, match="was changed since it was written"):
        OnnxModel.load(run, variant="fp16")
    damaged = {**manifest["onnx_variants"]["fp16"], "sha256": sha256_of(file)}
    write_json(run / "run_manifest.json", {**manifest, "onnx_variants": {"fp16": damaged}})
    with pytest.raises(InputError, match="is not a model this program wrote") as caught:
        OnnxModel.load(run, variant="fp16")
    assert "\n" not in str(caught.value)
    file.unlink()
    with pytest.raises(InputError, match=r"holds no model_fp16\.onnx"):
        OnnxModel.load(run, variant="fp16")
    other = {**manifest, "onnx": {**manifest["onnx"], "sha256": "0" * 64}}
    write_json(run / "run_manifest.json", other)
    with pytest.raises(InputError, match=r"made from another model\.onnx"):
        OnnxModel.load(run, variant="fp16")
    with pytest.raises(InputError, match="'fp8' is not one of fp16, int8"):
        export(ExportOnnxParams(run=run, variants="fp16,fp8"), silent)


def test_images_that_are_gone_and_runs_of_scores_alone_are_one_sentence(run):
    test = predictions.read(run / "predictions_test.parquet")
    predictions.write(test.assign(filepath="/nowhere.png"), run / "predictions_test.parquet")
    with pytest.raises(InputError, match="None of the run's test images can be read"):
        export(ExportOnnxParams(run=run, variants="fp16"), silent)
    (run / "predictions_test.parquet").write_bytes(b"no table")
    with pytest.raises(InputError, match=r"predictions_test\.parquet cannot be read") as caught:
        export(ExportOnnxParams(run=run, variants="fp16"), silent)
    assert "\n" not in str(caught.value)
    manifest = read_json(run / "run_manifest.json")
    write_json(run / "run_manifest.json", {k: v for k, v in manifest.items() if k != "onnx"} | {"imported": True})
    with pytest.raises(InputError, match="imported scores, but not the detector"):
        export(ExportOnnxParams(run=run, variants="fp16"), silent)


def test_the_file_says_all_a_reader_needs_in_plain_json(run):
    export(ExportOnnxParams(run=run, variants="fp16"), silent)
    model, manifest = onnx.load(run / "model_fp16.onnx"), read_json(run / "run_manifest.json")
    about = json.loads({p.key: p.value for p in model.metadata_props}[METADATA])
    frozen = read_json(run / "thresholds.json")
    assert about["labels"] == {"real": 0, "ai": 1} and about["positive"] == "ai" and about["run_id"] == "run"
    assert about["preprocess"] == manifest["preprocess"]
    assert about["weights_sha256"] == manifest["weights"]["sha256"] == sha256_of(run / "model_a_best.pt")
    assert about["calibration"]["thresholds"] == frozen["thresholds"]
    assert about["calibration"]["inconclusive"] == frozen["inconclusive"]
    assert about["interface"]["input"] == model.graph.input[0].name
    assert about["interface"]["output"] == model.graph.output[0].name
    assert about["interface"]["input_shape"][1:] == [3, 32, 32]
