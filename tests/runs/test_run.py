"""A run's folder: where its files lie, and when it counts as finished."""

from __future__ import annotations

import hashlib

from cgid.files import write_json
from cgid.runs.run import Run


def test_files_lie_where_the_contract_says(tmp_path):
    run = Run.at(tmp_path / "one")
    assert (run.kind, run.id, run.folder, run.manifest) == ("model_a", "one", tmp_path / "one", {})
    paths = (run.manifest_path, run.weights_path, run.checkpoint_path, run.onnx_path, run.thresholds_path)
    paths += (run.metrics_path, run.history_path, run.config_path, run.card_path, run.exports_folder)
    paths += (run.predictions_path("test"),)
    assert [path.relative_to(run.folder).as_posix() for path in paths] == [
        "run_manifest.json", "model_a_best.pt", "last.pt", "model.onnx", "thresholds.json",
        "metrics.json", "history.json", "config.json", "model_card.md", "exports",
        "predictions_test.parquet",
    ]  # fmt: skip


def test_a_run_is_complete_once_its_files_are_the_recorded_ones(tmp_path):
    run = Run.at(tmp_path)
    assert run.completed_manifest() is None
    blocks = {}
    for key, path in (("weights", run.weights_path), ("onnx", run.onnx_path)):
        path.write_bytes(key.encode())
        blocks[key] = {"file": path.name, "sha256": hashlib.sha256(key.encode()).hexdigest()}
    write_json(run.manifest_path, blocks)
    assert run.completed_manifest() == blocks
    run.onnx_path.write_bytes(b"changed")
    assert run.completed_manifest() is None
    run.manifest_path.write_text("{")
    assert run.completed_manifest() is None


def test_splits_with_predictions_are_listed_by_name(tmp_path):
    run = Run.at(tmp_path)
    for split in ("val", "external_web", "test"):
        run.predictions_path(split).touch()
    assert run.prediction_splits() == ["external_web", "test", "val"]
