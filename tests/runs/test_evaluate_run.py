"""A run judged on other images: tiers that treat both classes alike, the same exports, the in-domain figure beside."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.metrics import roc_auc_score

import cgid.models.architecture as registry
from cgid.data.manifest import read_manifest, write_manifest
from cgid.errors import InputError
from cgid.files import read_json
from cgid.imaging.degrade import degrade, parse_tiers
from cgid.progress import silent
from cgid.runs import evaluate
from cgid.runs.evaluate import evaluate as evaluate_evaluation
from cgid.runs.evaluate import export_model_a_results
from cgid.runs.params import EvaluateParams, ExportModelAResultsParams
from cgid.train import export_onnx
from cgid.train.model_a import train
from cgid.train.params import TrainModelAParams


def _average_pixel(imagenet: bool):
    from torch import nn

    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 1))


def _images(folder: Path, count: int, seed: int) -> Path:
    """Manifest of reddish AI and bluish real images."""
    random, rows = np.random.default_rng(seed), []
    folder.mkdir()
    for i in range(count):
        label = ("real", "ai")[i % 2]
        pixels = random.integers(60, 180, (40, 48, 3))
        pixels[..., 0 if label == "ai" else 2] += 20 + 10 * (i % 5)
        path = folder / f"{i}.png"
        Image.fromarray(pixels.astype(np.uint8)).save(path)
        generator = f"generator{i % 4 // 2}" if label == "ai" else ""
        rows.append({"path": str(path), "label": label, "source": f"source{i % 3}", "generator": generator})
    write_manifest(pd.DataFrame(rows).assign(group=[f"{seed}-{i}" for i in range(count)]), folder / "manifest.csv")
    return folder / "manifest.csv"


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("evaluation")
    paths = [_images(folder / name, 24, seed) for seed, name in enumerate(("train", "val", "test", "other"))]
    made = registry.Architecture("average", "", "", "", _average_pixel, smallest=8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "all_architectures", lambda: {"average": made})
        patch.setattr(export_onnx, "EXPORTERS", {"torchscript": export_onnx.EXPORTERS["torchscript"]})
        values = {"arch": "average", "epochs": 20, "image_size": 32, "lr": 0.1, "cross_fit": 0, "device": "cpu"}
        train(TrainModelAParams(*paths[:3], folder / "run", external_manifest=(paths[3],), **values), silent)
    return folder / "run", paths[3]


def test_figures_are_those_of_the_predictions_beside_the_in_domain_ones(trained, tmp_path):
    run, manifest = trained
    result = evaluate_evaluation(EvaluateParams(run, manifest, tmp_path, tiers="clean,web,hard"), silent)
    content = read_json(tmp_path / "metrics_summary.json")
    assert list(content["splits"]) == ["clean", "web", "hard"]
    for tier in content["splits"]:
        table = pd.read_parquet(tmp_path / f"predictions_{tier}.parquet")
        assert len(table) == 24
        expected = roc_auc_score(table["label"], table["calibrated"])
        assert content["splits"][tier]["overall"]["auc"]["value"] == pytest.approx(expected)
    assert result["in_domain"] == read_json(run / "run_manifest.json")["metrics"]["test"]
    text = (tmp_path / "evaluation_summary.md").read_text()
    assert "in-domain test" in text and "in-domain test AUC" in result["summary"]
    assert not (tmp_path / ".parts").exists()


def test_the_clean_tier_agrees_with_what_training_said_of_the_same_images(trained, tmp_path):
    run, manifest = trained
    evaluate_evaluation(EvaluateParams(run, manifest, tmp_path), silent)
    ours = pd.read_parquet(tmp_path / "predictions_clean.parquet")
    theirs = pd.read_parquet(run / "predictions_external_other.parquet")
    assert list(ours.columns) == list(theirs.columns)
    np.testing.assert_allclose(ours["calibrated"], theirs["calibrated"], atol=1e-4)


def test_parts_come_worst_first_and_add_up(trained, tmp_path):
    run, manifest = trained
    evaluate_evaluation(EvaluateParams(run, manifest, tmp_path), silent)
    content = read_json(tmp_path / "metrics_summary.json")["splits"]["clean"]
    for part in ("by_generator", "by_source"):
        right = [block["accuracy"]["value"] for block in content[part]]
        assert right == sorted(right)
        assert sum(block["n"] for block in content[part]) == 24
    assert {b["name"] for b in content["by_generator"]} == {"(real)", "generator0", "generator1"}
    matrices = pd.read_csv(tmp_path / "confusion_matrices.csv")
    assert (matrices[["tn", "fp", "fn", "tp"]].sum(axis=1) == matrices["n"]).all()
    assert {"accuracy", "accuracy_low", "auc", "auc_high"} <= set(pd.read_csv(tmp_path / "metrics_summary.csv"))


def test_what_was_judged_before_an_interruption_is_not_judged_again(trained, tmp_path, monkeypatch):
    run, manifest = trained
    monkeypatch.setattr(evaluate, "IMAGES_PER_FILE", 8)
    judged, plain = [], evaluate._predict
    monkeypatch.setattr(evaluate, "_predict", lambda m, f, *rest: judged.append(len(f)) or plain(m, f, *rest))

    def stop(done, total, note=""):
        if done == 16:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate_evaluation(EvaluateParams(run, manifest, tmp_path), stop)
    evaluate_evaluation(EvaluateParams(run, manifest, tmp_path), silent)
    assert judged == [8, 8, 8]
    assert len(pd.read_parquet(tmp_path / "predictions_clean.parquet")) == 24


def test_images_that_cannot_be_read_are_listed(trained, tmp_path):
    run, manifest = trained
    frame = read_manifest(manifest)
    (tmp_path / "empty.png").touch()
    frame.loc[0, "path"] = str(tmp_path / "empty.png")
    write_manifest(frame, tmp_path / "m.csv")
    result = evaluate_evaluation(EvaluateParams(run, tmp_path / "m.csv", tmp_path / "out", tiers="clean,hard"), silent)
    assert result["n_skipped"] == 1 and "empty" in result["skipped"][0]["reason"]
    assert len(pd.read_parquet(tmp_path / "out" / "predictions_hard.parquet")) == 23


def test_exports_of_a_run_can_be_written_again(trained):
    run, _ = trained
    before = (run / "exports" / "metrics_summary.csv").read_bytes()
    (run / "exports" / "metrics_summary.csv").unlink()
    result = export_model_a_results(ExportModelAResultsParams(run / "run_manifest.json"), silent)
    assert (run / "exports" / "metrics_summary.csv").read_bytes() == before
    assert "3 splits" in result["summary"]


def test_names_from_files_cannot_break_the_summarys_tables(trained, tmp_path):
    run, manifest = trained
    frame = read_manifest(manifest)
    frame.loc[frame["label"] == "ai", "generator"] = "a|b<script>`[x](http://y)"
    write_manifest(frame, tmp_path / "m.csv")
    evaluate_evaluation(EvaluateParams(run, tmp_path / "m.csv", tmp_path / "out"), silent)
    assert "<script>" not in (tmp_path / "out" / "evaluation_summary.md").read_text()


@pytest.mark.parametrize(("tiers", "words"), [("clean,foggy", "foggy"), (" , ", "at least one")])
def test_an_unknown_tier_is_refused(trained, tmp_path, tiers, words):
    with pytest.raises(InputError, match=words):
        evaluate_evaluation(EvaluateParams(*trained, tmp_path, tiers=tiers), silent)


def test_a_folder_that_is_no_run_is_refused(trained, tmp_path):
    with pytest.raises(InputError, match=r"run_manifest\.json"):
        evaluate_evaluation(EvaluateParams(tmp_path, trained[1], tmp_path / "out"), silent)


def test_tiers_shrink_to_their_longest_side_and_never_enlarge():
    wide = np.random.default_rng(0).integers(0, 256, (500, 1000, 3), dtype=np.uint8)
    assert degrade(wide, "clean") is wide
    assert degrade(wide, "web").shape == (384, 768, 3)
    assert degrade(wide, "hard").shape == (256, 512, 3)
    assert degrade(wide[:30, :40], "hard").shape == (30, 40, 3)
    assert degrade(wide[:1], "hard").shape == (1, 512, 3)
    assert parse_tiers("web, clean,web") == ["web", "clean"]


def test_web_is_jpeg_quality_60():
    rgb = np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    buffer = BytesIO()
    Image.fromarray(rgb).save(buffer, "JPEG", quality=60)
    np.testing.assert_array_equal(degrade(rgb, "web"), np.asarray(Image.open(buffer)))


def test_a_finished_training_leaves_a_model_card_and_the_export_writes_it_anew(trained):
    from cgid.runs import model_card

    run, _ = trained
    page = (run / "model_card.md").read_text()
    metrics = read_json(run / "metrics.json")
    assert (
        f"{metrics['test']['auc']['value']:.3f}" in page and "other data" in page and "Weakest in its own test" in page
    )
    assert read_json(run / "run_manifest.json")["weights"]["sha256"] in page
    (run / "model_card.md").unlink()
    export_model_a_results(ExportModelAResultsParams(run / "run_manifest.json"), silent)
    assert (run / "model_card.md").read_text() == model_card.text(run, read_json(run / "run_manifest.json")) == page
