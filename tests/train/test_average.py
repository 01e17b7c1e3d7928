"""An average of runs is the mean of their logits everywhere, a Model A like any other, and never of unlike runs."""

from __future__ import annotations

import json
import shutil

import numpy as np
import onnx
import pandas as pd
import pytest
from PIL import Image
from scipy.special import expit
from sklearn.metrics import roc_auc_score

import cgid.models.architecture as registry
from cgid.data.manifest import write_manifest
from cgid.errors import InputError
from cgid.evaluate.calibration import fit_temperature
from cgid.extraction.model_a import bind
from cgid.features.registry import all_groups
from cgid.files import read_json, sha256_of, write_json
from cgid.forensics.check import check
from cgid.jobs.kind import kind_named
from cgid.models.onnx_model import METADATA, OnnxModel
from cgid.progress import silent
from cgid.runs import store
from cgid.runs.compare import compare_runs
from cgid.runs.evaluate import evaluate, export_model_a_results
from cgid.runs.model_card import write_model_card
from cgid.runs.params import (
    CompareRunsParams,
    EvaluateParams,
    ExportModelAResultsParams,
    ModelCardParams,
    PromoteParams,
)
from cgid.runs.run import Run
from cgid.runs.store import promote
from cgid.train import export_onnx
from cgid.train.average import average_runs
from cgid.train.average_members import mean_tables, read_members
from cgid.train.model_a import train
from cgid.train.params import AverageRunsParams, ExportOnnxParams, TrainModelAParams

SEEDS = (1, 2, 3)
SPLITS = ("train", "val", "test", "oof", "external_other")


def _network(imagenet: bool):
    from torch import nn

    layers = nn.Conv2d(3, 4, 5, stride=2), nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    return nn.Sequential(*layers, nn.Linear(4, 1))


def _images(folder, seed: int, count: int = 24):
    """Manifest of noise, AI a little redder than real; two images a group."""
    random = np.random.default_rng(seed)
    folder.mkdir(parents=True)
    rows = []
    for i in range(count):
        label = ("real", "ai")[i % 2]
        pixels = random.integers(60, 180, (20, 22, 3))
        pixels[..., 0 if label == "ai" else 2] += 4 * (i % 5)
        Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{i}.png")
        rows.append({"path": str(folder / f"{i}.png"), "label": label, "group": f"{seed}-{label}-{i // 4}"})
        rows[-1]["source"] = "one" if i < count * 2 // 3 else "two"
    write_manifest(pd.DataFrame(rows).assign(generator=""), folder / "manifest.csv")
    return folder / "manifest.csv"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("average")


@pytest.fixture(scope="module", autouse=True)
def tiny_network():
    with pytest.MonkeyPatch.context() as patch:
        made = registry.Architecture("tiny", "", "", "", _network, smallest=8)
        patch.setattr(registry, "all_architectures", lambda: {"tiny": made})
        patch.setattr(export_onnx, "EXPORTERS", {"torchscript": export_onnx.EXPORTERS["torchscript"]})
        yield


@pytest.fixture(scope="module")
def manifests(home):
    return [_images(home / name, seed) for seed, name in enumerate(("train", "val", "test", "other"))]


def trained(manifests, output, **changes):
    values = {"arch": "tiny", "epochs": 1, "image_size": 16, "lr": 0.05, "cross_fit": 2, "device": "cpu"}
    values |= {"batch_size": 8, "external_manifest": (manifests[3],)}
    train(TrainModelAParams(*manifests[:3], output, **(values | changes)), silent)
    return output


@pytest.fixture(scope="module")
def members(home, manifests):
    return tuple(trained(manifests, home / f"seed{seed}", seed=seed) for seed in SEEDS)


@pytest.fixture(scope="module")
def averaged(home, members):
    average_runs(AverageRunsParams(members, home / "average"), silent)
    return home / "average"


@pytest.mark.parametrize("split", SPLITS)
def test_every_logit_is_the_mean_of_the_members_for_the_same_image(split, members, averaged):
    mean = pd.read_parquet(averaged / f"predictions_{split}.parquet").set_index("sha256")
    each = [pd.read_parquet(m / f"predictions_{split}.parquet").set_index("sha256")["logit"] for m in members]
    assert len(mean) == 24
    for sha256, row in mean.iterrows():
        logit = sum(float(logits[sha256]) for logits in each) / len(each)
        assert row["logit"] == pytest.approx(logit, abs=1e-12)
        assert row["probability"] == pytest.approx(expit(logit), abs=1e-12)


def test_the_one_file_says_the_mean_too_for_any_number_of_images(members, averaged):
    random = np.random.default_rng(5)
    images = [random.integers(0, 256, (16 + i, 20, 3), dtype=np.uint8) for i in range(5)]
    expected = expit(np.mean([OnnxModel.load(m).logits(images) for m in members], axis=0))
    model = OnnxModel.load(averaged)
    np.testing.assert_allclose(model.probabilities(images), expected, atol=1e-6)
    np.testing.assert_allclose([model.probabilities([i])[0] for i in images], expected, atol=1e-6)
    file = onnx.load(averaged / "model.onnx")
    onnx.checker.check_model(file)
    about = json.loads({p.key: p.value for p in file.metadata_props}[METADATA])
    frozen = read_json(averaged / "thresholds.json")
    assert about["run_id"] == "average" and about["members"] == 3
    assert about["weights_sha256"] == [sha256_of(m / "model_a_best.pt") for m in members]
    assert about["calibration"]["thresholds"] == frozen["thresholds"]
    block = read_json(averaged / "run_manifest.json")["onnx"]
    assert block["parity"]["passed"] and block["opset"] == 18 and block["exporter"] == "merged from torchscript"


def test_the_file_agrees_with_the_table_of_the_test_images(averaged):
    table = pd.read_parquet(averaged / "predictions_test.parquet")
    images = [np.asarray(Image.open(path).convert("RGB")) for path in table["filepath"]]
    np.testing.assert_allclose(OnnxModel.load(averaged).probabilities(images), table["probability"], atol=1e-4)


def test_out_of_fold_networks_saw_neither_the_row_nor_its_group_although_members_draw_other_folds(members, averaged):
    folds = []
    for member in members:
        table = pd.read_parquet(member / "predictions_oof.parquet").set_index("sha256")
        assert (table.groupby("group")["fold"].nunique() == 1).all(), "a group is in one fold, so its network missed it"
        folds.append(table["fold"])
    assert any(not folds[0].sort_index().equals(other.sort_index()) for other in folds[1:]), "the case to be shown"
    assert "fold" not in pd.read_parquet(averaged / "predictions_oof.parquet")


def test_calibration_is_frozen_anew_on_the_calibration_rows_alone(averaged):
    val = pd.read_parquet(averaged / "predictions_val.parquet")
    half = val[val["calibration"]]
    frozen = read_json(averaged / "thresholds.json")
    calibration = fit_temperature(half["logit"].to_numpy(), half["label"].to_numpy())
    assert (frozen["temperature"], frozen["bias"]) == (calibration.temperature, calibration.bias)
    assert frozen["calibrated_on"]["n"] == len(half) < len(val)


def test_figures_are_of_the_mean_and_say_how_far_the_seeds_part(members, averaged):
    metrics = read_json(averaged / "metrics.json")
    table = pd.read_parquet(averaged / "predictions_test.parquet")
    assert metrics["test"]["auc"]["value"] == pytest.approx(roc_auc_score(table["label"], table["logit"]))
    alone = []
    for member, said in zip(members, metrics["members"]["runs"]):
        own = pd.read_parquet(member / "predictions_test.parquet")
        alone.append(roc_auc_score(own["label"], own["logit"]))
        assert said["auc"]["test"]["value"] == pytest.approx(alone[-1])
    assert [said["seed"] for said in metrics["members"]["runs"]] == list(SEEDS)
    spread = metrics["members"]["spread"]
    assert spread["test"] == pytest.approx({"lowest": min(alone), "highest": max(alone)})
    assert "external_other" in spread
    words = f"single seeds ranged from AUC {min(alone):.3f} to {max(alone):.3f} on its own test split"
    card = (averaged / "model_card.md").read_text()
    assert words in card and card.count("model.onnx: sha256") == 1


def test_it_is_a_run_like_any_other(home, members, averaged, manifests, tmp_path, monkeypatch):
    monkeypatch.setenv("CGID_HOME", str(tmp_path))
    manifest = read_json(averaged / "run_manifest.json")
    assert Run.at(averaged).completed_manifest() == manifest
    assert [m["onnx_sha256"] for m in manifest["members"]] == [sha256_of(m / "model.onnx") for m in members]
    assert "average" in promote(PromoteParams(averaged), silent)["summary"]
    assert store.current("model_a").folder == averaged
    image = home / "other" / "1.png"
    table = pd.read_parquet(averaged / "predictions_external_other.parquet").set_index("filepath")
    answer = check(image)
    assert answer.model_a.run == "average"
    assert answer.probability_ai == pytest.approx(table.loc[str(image), "calibrated"], abs=1e-4)
    evaluate(EvaluateParams(averaged, manifests[3], tmp_path / "evaluation"), silent)
    assert (tmp_path / "evaluation" / "metrics_summary.json").is_file()
    export_model_a_results(ExportModelAResultsParams(averaged / "run_manifest.json"), silent)
    write_model_card(ModelCardParams(averaged), silent)
    compared = compare_runs(CompareRunsParams((members[0], averaged), tmp_path / "comparison"), silent)
    assert compared["n"] == 24 and compared["auc"]["a"] is not None
    bound = bind(all_groups()["model_a"], averaged)
    assert bound.variant()


def test_export_onnx_says_how_the_file_is_made_anew(averaged):
    with pytest.raises(InputError, match=r"ensemble of runs.*cgid model-a average"):
        export_onnx.export(ExportOnnxParams(averaged), silent)
    inputs = kind_named("export-onnx").inputs(ExportOnnxParams(averaged))
    assert all(path.is_file() for path in inputs), "the command line gets as far as the sentence"


def test_again_writes_nothing_and_a_lost_file_is_written_anew(members, averaged, tmp_path):
    folder = shutil.copytree(averaged, tmp_path / "average")
    before = {p.name: p.stat().st_mtime_ns for p in folder.iterdir() if p.suffix in (".onnx", ".parquet")}
    average_runs(AverageRunsParams(tuple(reversed(members)), folder), silent)
    assert before == {p.name: p.stat().st_mtime_ns for p in folder.iterdir() if p.name in before}
    (folder / "model.onnx").unlink()
    average_runs(AverageRunsParams(members, folder), silent)
    assert sha256_of(folder / "model.onnx") == sha256_of(averaged / "model.onnx")
    with pytest.raises(InputError, match="something other than this ensemble"):
        average_runs(AverageRunsParams(members[:2], folder), silent)


def test_members_whose_epoch_a_held_out_source_chose_are_averaged_and_say_so(manifests, members, tmp_path):
    held = [trained(manifests, tmp_path / f"held{s}", seed=s, early_stop_source="two", epochs=2) for s in SEEDS[:2]]
    average_runs(AverageRunsParams(tuple(held), tmp_path / "average"), silent)
    learnt, left_out = (pd.read_parquet(tmp_path / "average" / f"predictions_{s}.parquet") for s in ("train", "oof"))
    assert set(learnt["source"]) == {"one"} and set(left_out["source"]) == {"one", "two"} and len(left_out) == 24
    manifest = read_json(tmp_path / "average" / "run_manifest.json")
    assert manifest["early_stop_source"]["sources"] == ["two"]
    assert "never trained on" in (tmp_path / "average" / "model_card.md").read_text()
    refused("held out different sources", [held[0], members[1]], tmp_path)


def refused(words, runs, tmp_path):
    with pytest.raises(InputError, match=words) as caught:
        average_runs(AverageRunsParams(tuple(runs), tmp_path / "out"), silent)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def changed(run, folder, **changes):
    """A copy of the run whose manifest says something else, as another network."""
    copy = shutil.copytree(run, folder)
    manifest = read_json(copy / "run_manifest.json")
    with open(copy / "model_a_best.pt", "ab") as file:
        file.write(b" ")
    manifest["weights"]["sha256"] = sha256_of(copy / "model_a_best.pt")
    write_json(copy / "run_manifest.json", manifest | changes)
    return copy


def test_runs_that_cannot_be_averaged_are_refused_in_one_sentence(members, averaged, tmp_path):
    a, b = members[:2]
    refused("two or more", [a], tmp_path)
    refused("named twice", [a, b, a], tmp_path)
    refused("same network", [a, shutil.copytree(a, tmp_path / "copy")], tmp_path)
    refused("average already", [a, averaged], tmp_path)
    refused("no run_manifest", [a, tmp_path / "nothing"], tmp_path)
    unfinished = shutil.copytree(b, tmp_path / "unfinished")
    (unfinished / "run_manifest.json").unlink()
    refused("not finished", [a, unfinished], tmp_path)
    manifest = read_json(b / "run_manifest.json")
    other = [{**m, "sha256": "0" * 64} if m["role"] == "val" else m for m in manifest["manifests"]]
    refused("val manifests differ", [a, changed(b, tmp_path / "data", manifests=other)], tmp_path)
    larger = manifest["preprocess"] | {"image_size": 32}
    refused("16 px and .* 32 px", [a, changed(b, tmp_path / "size", preprocess=larger)], tmp_path)
    cut = manifest["preprocess"] | {"fit": "crop"}
    refused("different ways", [a, changed(b, tmp_path / "fit", preprocess=cut)], tmp_path)
    srm = manifest["network"] | {"input": "srm"}
    refused("different networks", [a, changed(b, tmp_path / "input", network=srm)], tmp_path)
    folds = manifest["config"] | {"cross_fit": 0}
    refused("2 and .* 0 cross-fit folds", [a, changed(b, tmp_path / "folds", config=folds)], tmp_path)
    refused("was imported", [a, changed(b, tmp_path / "imported", imported=True, onnx=None)], tmp_path)
    touched = shutil.copytree(b, tmp_path / "touched")
    with open(touched / "model.onnx", "ab") as file:
        file.write(b" ")
    refused("was changed after training", [a, touched], tmp_path)


def test_rows_and_calibration_must_agree(members, tmp_path):
    less = changed(members[1], tmp_path / "less")
    val = pd.read_parquet(less / "predictions_val.parquet")
    val.assign(calibration=~val["calibration"]).to_parquet(less / "predictions_val.parquet")
    with pytest.raises(InputError, match="calibrated on different rows"):
        mean_tables(read_members([members[0], less]))
    val.iloc[1:].to_parquet(less / "predictions_val.parquet")
    with pytest.raises(InputError, match="do not have the same rows of val"):
        mean_tables(read_members([members[0], less]))
