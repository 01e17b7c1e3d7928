"""Any ONNX detector becomes a Model A: the same probabilities as by hand, judged, promoted, checked with, or refused."""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
import re

import numpy as np
import onnx
import pandas as pd
import pytest
from onnx import TensorProto, helper
from PIL import Image
from sklearn.metrics import roc_auc_score

from cgid.data.manifest import write_manifest
from cgid.errors import InputError
from cgid.external.import_detector import import_detector
from cgid.external.params import ImportDetectorParams
from cgid.external.sidecar import Sidecar
from cgid.extraction.model_a import bind
from cgid.features.registry import all_groups
from cgid.files import read_json, sha256_of
from cgid.forensics.check import check
from cgid.models.onnx_model import OnnxModel
from cgid.progress import silent
from cgid.runs import store
from cgid.runs.evaluate import evaluate
from cgid.runs.params import EvaluateParams, PromoteParams
from cgid.runs.store import promote
from cgid.settings import REPOSITORY
from detectors import SIZE, by_hand, detector

SIDECAR = {
    "input_size": SIZE,
    "output": "logit",
    "positive_class": "ai",
    "mean": [0.5, 0.4, 0.3],
    "std": [0.2, 0.3, 0.25],
}


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    """Folder with val.csv, test.csv and other.csv of reddish AI and bluish real images."""
    folder = tmp_path_factory.mktemp("sets")
    random = np.random.default_rng(0)
    for name in ("val", "test", "other"):
        rows = []
        for i in range(24):
            label = ("real", "ai")[i % 2]
            pixels = random.integers(40, 180, (20, 24, 3))
            pixels[..., 0 if label == "ai" else 2] += 10 * (i % 5)
            path = folder / f"{name}{i}.png"
            Image.fromarray(pixels.astype(np.uint8)).save(path)
            rows.append({"path": str(path), "label": label, "source": f"s{i % 2}", "group": f"{name}{i}"})
        write_manifest(pd.DataFrame(rows), folder / f"{name}.csv")
    return folder


def asked(folder, sets, sidecar=SIDECAR, **more):
    (folder / "d.json").write_text(json.dumps(sidecar) if isinstance(sidecar, dict) else sidecar)
    values = {"onnx": folder / "d.onnx", "sidecar": folder / "d.json", "output_dir": folder / "run"}
    values |= {"val_manifest": sets / "val.csv", "test_manifest": sets / "test.csv"}
    return ImportDetectorParams(**(values | {"external_manifest": (sets / "other.csv",)} | more))


def imported(folder, sets, sidecar=SIDECAR, **network):
    detector(folder / "d.onnx", output=sidecar["output"], layout=sidecar.get("layout", "nchw"), **network)
    return import_detector(asked(folder, sets, sidecar), silent)


KINDS = [
    *itertools.product(("logit", "probability"), ("ai", "real"), (1,)),
    *itertools.product(("softmax", "two_logits"), ("ai", "real"), (0, 1)),
]


@pytest.mark.parametrize(("output", "positive", "index"), KINDS)
def test_probabilities_are_those_computed_by_hand(tmp_path, sets, output, positive, index):
    sidecar = SIDECAR | {"output": output, "positive_class": positive, "index": index, "fit": "crop"}
    imported(tmp_path, sets, sidecar)
    model = OnnxModel.load(tmp_path / "run", threads=1)
    images = np.random.default_rng(1).integers(0, 256, (40, SIZE, SIZE, 3), dtype=np.uint8)
    np.testing.assert_allclose(model.probabilities(images), by_hand(images, sidecar), atol=1e-5)


HABITS = {
    "BGR": ({"channel_order": "bgr"}, {}),
    "NHWC": ({"layout": "nhwc"}, {}),
    "0..255": ({"range": 255, "mean": [120, 110, 100], "std": [50, 60, 70]}, {}),
    "all at once": (
        {"layout": "nhwc", "channel_order": "bgr", "range": 255, "mean": [103.9, 116.8, 123.7], "std": [57, 58, 59]},
        {},
    ),
    "one at a time": ({}, {"batch": 1}),
    "any size": ({}, {"size": "s"}),
    "double": ({}, {"kind": TensorProto.DOUBLE}),
    "old": ({}, {"opset": 9}),
}


@pytest.mark.parametrize("habit", HABITS)
def test_every_habit_of_input_gives_the_same_as_by_hand(tmp_path, sets, habit):
    words, network = HABITS[habit]
    imported(tmp_path, sets, SIDECAR | words, **network)
    images = np.random.default_rng(2).integers(0, 256, (40, SIZE, SIZE, 3), dtype=np.uint8)
    found = OnnxModel.load(tmp_path / "run", threads=1).probabilities(images)
    np.testing.assert_allclose(found, by_hand(images, SIDECAR | words), atol=1e-5)


def test_a_detector_that_wants_the_shorter_side_scaled_and_the_centre_gets_it_everywhere(tmp_path, sets, monkeypatch):
    from torchvision.transforms import v2

    sidecar = SIDECAR | {"fit": "resize_crop", "resize_to": 18}
    imported(tmp_path, sets, sidecar)
    table = pd.read_parquet(tmp_path / "run" / "predictions_test.parquet")
    theirs = v2.Compose([v2.Resize(18, antialias=True), v2.CenterCrop(SIZE)])
    squares = np.stack([np.asarray(theirs(Image.open(p))) for p in table["filepath"]])
    np.testing.assert_allclose(table["probability"], by_hand(squares, sidecar), atol=1e-5)
    evaluate(EvaluateParams(tmp_path / "run", sets / "test.csv", tmp_path / "judged"), silent)
    again = pd.read_parquet(tmp_path / "judged" / "predictions_clean.parquet")
    np.testing.assert_allclose(again["probability"], table["probability"], atol=1e-6)
    monkeypatch.setenv("CGID_HOME", str(tmp_path))
    promote(PromoteParams(tmp_path / "run"), silent)
    assert check(sets / "test1.png").probability_ai == pytest.approx(table["calibrated"][1], abs=1e-5)


def test_a_smaller_copy_is_made_of_an_imported_detector_too(tmp_path, sets):
    from cgid.train.export_onnx import export
    from cgid.train.params import ExportOnnxParams

    imported(tmp_path, sets)
    assert "fp16 accepted" in export(ExportOnnxParams(run=tmp_path / "run", variants="fp16"), silent)["summary"]
    images = np.random.default_rng(2).integers(0, 256, (8, SIZE, SIZE, 3), dtype=np.uint8)
    found = OnnxModel.load(tmp_path / "run", threads=1, variant="fp16").probabilities(images)
    np.testing.assert_allclose(found, by_hand(images, SIDECAR), atol=5e-3)


def test_half_precision_is_near_enough(tmp_path, sets):
    imported(tmp_path, sets, kind=TensorProto.FLOAT16)
    images = np.random.default_rng(2).integers(0, 256, (8, SIZE, SIZE, 3), dtype=np.uint8)
    found = OnnxModel.load(tmp_path / "run", threads=1).probabilities(images)
    np.testing.assert_allclose(found, by_hand(images, SIDECAR), atol=5e-3)


def test_figures_are_scikit_learns_and_evaluation_agrees(tmp_path, sets):
    result = imported(tmp_path, sets)
    run = tmp_path / "run"
    for split, block in (("test", result["metrics"]["test"]), ("external_other", result["metrics"]["external"][0])):
        table = pd.read_parquet(run / f"predictions_{split}.parquet")
        assert len(table) == 24
        assert block["auc"]["value"] == pytest.approx(roc_auc_score(table["label"], table["probability"]), abs=1e-9)
    again = evaluate(EvaluateParams(run, sets / "other.csv", tmp_path / "e"), silent)
    assert again["metrics"]["clean"]["auc"] == result["metrics"]["external"][0]["auc"]
    manifest = read_json(run / "run_manifest.json")
    assert manifest["imported"] is True and manifest["onnx"]["sha256"] == sha256_of(run / "model.onnx")
    assert manifest["detector"]["sha256"] == sha256_of(tmp_path / "d.onnx")
    about = OnnxModel.load(run).metadata
    frozen = read_json(run / "thresholds.json")
    assert about["calibration"]["thresholds"] == frozen["thresholds"] and about["labels"] == {"real": 0, "ai": 1}


def test_it_is_promoted_checks_an_image_and_is_a_feature(tmp_path, sets, monkeypatch):
    monkeypatch.setenv("CGID_HOME", str(tmp_path))
    imported(tmp_path, sets)
    promote(PromoteParams(tmp_path / "run"), silent)
    assert store.current("model_a").folder == tmp_path / "run"
    picture = sets / "test1.png"
    answer = check(picture)
    table = pd.read_parquet(tmp_path / "run" / "predictions_test.parquet").set_index("filepath")
    expected = table.loc[str(picture)]
    assert answer.model_a.run == "run"
    assert answer.probability_ai == pytest.approx(expected["calibrated"], abs=1e-5)
    assert answer.features["ml_probability"] == pytest.approx(expected["probability"], abs=1e-5)
    from cgid.imaging.image_file import ImageFile

    value = bind(all_groups()["model_a"], tmp_path / "run").compute(ImageFile.open(picture))
    assert value["probability"] == pytest.approx(expected["probability"], abs=1e-5)


def test_an_answer_that_is_no_number_leaves_the_image_out_and_the_check_without_model_a(tmp_path, sets, monkeypatch):
    monkeypatch.setenv("CGID_HOME", str(tmp_path))
    root = helper.make_node("Sqrt", ["sum"], ["root"])  # NaN below 0
    detector(tmp_path / "d.onnx", extra=(root,), answer="root")
    result = import_detector(asked(tmp_path, sets, SIDECAR | {"mean": [0.32, 0.45, 0.38]}), silent)
    skipped = read_json(tmp_path / "run" / "run_manifest.json")["skipped"]
    assert 0 < result["skipped"] < 72 and {s["reason"] for s in skipped} == {"the detector gave no finite score for it"}
    promote(PromoteParams(tmp_path / "run"), silent)
    answer = check(skipped[0]["filepath"])
    assert answer.model_a is None and answer.verdict == "inconclusive"
    assert any("no finite probability" in words for words in answer.to_json()["models"]["problems"])


SIDECARS = {
    "unknown key": (SIDECAR | {"sise": 3}, "`sise` is not a key of a sidecar"),
    "no class": ({k: v for k, v in SIDECAR.items() if k != "positive_class"}, "`positive_class` is missing"),
    "class": (SIDECAR | {"positive_class": "fake"}, "must be one of ai, real"),
    "std": (SIDECAR | {"std": [1, 0, 1]}, "`std` must be above 0"),
    "mean": (SIDECAR | {"mean": [1, "a", 1]}, "`mean` must be a list of three numbers"),
    "nan": (SIDECAR | {"mean": [1, float("nan"), 1]}, "`mean` must be a list of three numbers"),
    "size": (SIDECAR | {"input_size": 1e9}, "`input_size` is"),
    "list as choice": (SIDECAR | {"output": ["logit"]}, "`output` is"),
    "no object": ("[1]", "holds no JSON object"),
    "no JSON": ("{", "cannot be read as JSON"),
    "deep": ("[" * 100000, "cannot be read as JSON"),
    "other size": (
        SIDECAR | {"input_size": 32},
        "takes any x 3 x 16 x 16, but the sidecar specifies any x 3 x 32 x 32",
    ),
    "other layout": (SIDECAR | {"layout": "nhwc"}, r"but the sidecar specifies any x 16 x 16 x 3 \(nhwc\)"),
    "two for one": (SIDECAR | {"output": "softmax"}, r"returns 1 x 1 .*for one image.*means two"),
    "no probability": (SIDECAR | {"output": "probability", "std": [0.01] * 3}, "no probability; is its output `logit`"),
    "shorter alone": (SIDECAR | {"resize_to": 20}, "`resize_to` belongs to `fit` resize_crop"),
    "shorter": (SIDECAR | {"fit": "resize_crop", "resize_to": 8}, "`resize_to` is 8; it must be whole pixels from 16"),
    "no such output": (SIDECAR | {"output_name": "y"}, "has no output `y`; it has sum"),
}


@pytest.mark.parametrize("name", SIDECARS)
def test_a_sidecar_that_cannot_be_is_one_line(tmp_path, sets, name):
    sidecar, words = SIDECARS[name]
    detector(tmp_path / "d.onnx")
    with pytest.raises(InputError, match=words) as caught:
        import_detector(asked(tmp_path, sets, sidecar), silent)
    assert "\n" not in str(caught.value) and not (tmp_path / "run" / "run_manifest.json").exists()


def outside(path):
    """Its weights are said to lie in a file that is none of its business."""
    model = onnx.load(detector(path))
    weight = model.graph.initializer[0]
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    for key, value in (("location", "../../etc/passwd"), ("offset", "0"), ("length", "12")):
        entry = weight.external_data.add()
        entry.key, entry.value = key, value
    path.write_bytes(model.SerializeToString())


FILES = {
    "empty": (lambda p: p.touch(), "holds no ONNX network"),
    "noise": (lambda p: p.write_bytes(os.urandom(1000)), "ONNX"),
    "truncated": (lambda p: p.write_bytes(detector(p).read_bytes()[:-40]), "ONNX"),
    "huge": (lambda p: os.truncate(detector(p), 2**31), "larger than 2 GB"),
    "a folder": (lambda p: p.mkdir(), "cannot be read as ONNX"),
    "external data": (outside, "keeps its weights in other files"),
    "custom operator": (
        lambda p: detector(p, extra=(helper.make_node("Foo", ["sum"], ["y"], domain="my.own"),), answer="y"),
        "cannot be run by onnxruntime .*Foo",
    ),
    "eight at a time": (lambda p: detector(p, batch=8), "takes exactly 8 images at a time"),
    "too old": (lambda p: detector(p, opset=8), "opset 8"),
    "integers": (lambda p: detector(p, kind=TensorProto.INT32), "not of floating numbers"),
    "wrong shape": (lambda p: detector(p, output="softmax"), r"returns 1 x 2 .*for one image"),
    "NaN": (
        lambda p: detector(
            p,
            extra=(helper.make_node("Sub", ["sum", "sum"], ["z"]), helper.make_node("Div", ["z", "z"], ["y"])),
            answer="y",
        ),
        "no finite score for any of",
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_used_is_one_line(tmp_path, sets, name):
    make, words = FILES[name]
    (tmp_path / "in").mkdir()
    make(tmp_path / "in" / "d.onnx")
    with pytest.raises(InputError, match=words) as caught:
        import_detector(asked(tmp_path, sets, onnx=tmp_path / "in" / "d.onnx"), silent)
    assert "\n" not in str(caught.value) and not (tmp_path / "run" / "run_manifest.json").exists()


def test_one_class_in_val_is_one_line(tmp_path, sets):
    detector(tmp_path / "d.onnx")
    frame = pd.read_csv(sets / "val.csv").iloc[::2]
    frame["filepath"] = [str(sets / p) for p in frame["filepath"]]
    frame.to_csv(tmp_path / "v.csv", index=False)
    with pytest.raises(InputError, match="class `real` only"):
        import_detector(asked(tmp_path, sets, val_manifest=tmp_path / "v.csv"), silent)


def test_the_guide_names_every_key_of_a_sidecar_and_its_example_is_one(tmp_path):
    text = (REPOSITORY / "docs" / "any-detector.md").read_text(encoding="utf-8")
    table = text.split("| key |")[1].split("\n\n")[0]
    rows = "\n".join(line.split("|")[1] for line in table.splitlines() if line.startswith("| `"))
    assert set(re.findall("`([a-z_]+)`", rows)) == {field.name for field in dataclasses.fields(Sidecar)}
    (tmp_path / "d.json").write_text(re.search("```json\n(.*?)```", text, re.S).group(1))
    assert Sidecar.read(tmp_path / "d.json").output == "softmax"
