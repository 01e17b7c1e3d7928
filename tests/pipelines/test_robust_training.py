"""The preset `robust`: some trainings and their average, none of it done twice, whether killed, repeated or in the page."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import cgid.models.architecture as registry
from cgid.cli.main import main
from cgid.data.manifest import write_manifest
from cgid.errors import InputError
from cgid.files import read_json
from cgid.jobs.submit import submit_chain
from cgid.models.onnx_model import OnnxModel
from cgid.pipelines.robust_training import chain, train_robust, training_of
from cgid.progress import silent
from cgid.train import export_onnx, model_a
from cgid.train.params import TrainModelAParams, TrainRobustParams


class Killed(BaseException):
    """Stands for the process going away."""


def _network(imagenet: bool):
    from torch import nn

    return nn.Sequential(
        nn.Conv2d(3, 2, 5, stride=2), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2, 1)
    )


def _images(folder: Path, count: int = 16) -> pd.DataFrame:
    random = np.random.default_rng(0)
    folder.mkdir(parents=True)
    rows = []
    for i in range(count):
        label = ("real", "ai")[i % 2]
        pixels = random.integers(60, 180, (20, 22, 3)) + (30 if label == "ai" else 0) * np.array([1, 0, 0])
        Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{i}.png")
        rows.append(
            {"path": str(folder / f"{i}.png"), "label": label, "source": "tiny", "generator": "", "group": str(i)}
        )
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def manifests(tmp_path_factory) -> list[Path]:
    folder = tmp_path_factory.mktemp("robust")
    made = []
    for name in ("train", "val", "test"):
        made.append(folder / f"{name}.csv")
        write_manifest(_images(folder / name).assign(group=lambda t, n=name: n + t["group"]), made[-1])
    return made


@pytest.fixture(autouse=True)
def tiny_network(monkeypatch):
    made = registry.Architecture("tiny", "", "", "", _network, smallest=8)
    monkeypatch.setattr(registry, "all_architectures", lambda: {"tiny": made, "resnet18": made})
    monkeypatch.setattr(export_onnx, "EXPORTERS", {"torchscript": export_onnx.EXPORTERS["torchscript"]})
    monkeypatch.setattr("cgid.jobs.processes.ensure_supervisor", lambda: None)
    monkeypatch.setattr("cgid.jobs.submit.ensure_supervisor", lambda: None)


def asked(manifests, output, **changes) -> TrainRobustParams:
    values = {"arch": "tiny", "epochs": 1, "image_size": 16, "cross_fit": 0, "device": "cpu"}
    return TrainRobustParams(*manifests, output, **(values | changes))


def test_the_recipe_is_the_one_that_was_measured_and_all_of_it_is_passed_on(manifests, tmp_path):
    params = TrainRobustParams(*manifests, tmp_path / "r", early_stop_source="some source")
    training = training_of(params)
    kept = ("input", "fit", "augment", "early_stop_source")
    assert [getattr(training, name) for name in kept] == ["srm", "crop", "web", "some source"]
    assert training.patience > 0 and params.seeds == 3
    assert TrainRobustParams(*manifests, tmp_path / "r").early_stop_source == "auto-or-none", (
        "a held-out source chooses"
    )
    assert {f.name for f in fields(params)} - {"seeds"} <= {f.name for f in fields(TrainModelAParams)}


def test_members_differ_by_seed_and_folder_alone_and_the_average_waits_for_all(manifests, tmp_path):
    *trainings, average = chain(training_of(asked(manifests, tmp_path / "r")), 3)
    assert [t.params.output_dir.name for t in trainings] == ["r_seed2026", "r_seed3026", "r_seed4026"]
    assert [t.params.seed for t in trainings] == [2026, 3026, 4026]
    assert average.after == (0, 1, 2) and average.params.run == tuple(t.params.output_dir for t in trainings)
    assert average.params.output_dir == tmp_path / "r"
    for seeds in (1, 0, 21):
        with pytest.raises(InputError, match="between 2 and 20"):
            chain(training_of(asked(manifests, tmp_path / "r")), seeds)


def test_killed_between_members_and_run_again_does_nothing_twice(manifests, tmp_path, monkeypatch):
    begun, plain = [], model_a._Stages.complete
    monkeypatch.setattr(model_a._Stages, "complete", lambda self: begun.append(self.run.folder.name) or plain(self))

    def stop(done, total, note=""):
        if note.startswith("training 2 of 3"):
            raise Killed

    params = asked(manifests, tmp_path / "r")
    with pytest.raises(Killed):
        train_robust(params, stop)
    assert (tmp_path / "r_seed2026" / "run_manifest.json").is_file() and not (tmp_path / "r").exists()
    seen = []
    result = train_robust(params, lambda done, total, note="": seen.append((done, total)))
    assert begun.count("r_seed2026") == 1 and set(begun) == {"r_seed2026", "r_seed3026", "r_seed4026"}
    assert [done for done, _ in seen] == sorted(done for done, _ in seen) and seen[-1] == (4000, 4000)
    manifest = read_json(tmp_path / "r" / "run_manifest.json")
    assert manifest["config"]["seeds"] == [2026, 3026, 4026] and manifest["network"]["input"] == "srm"
    assert len(result["members"]) == 3 and "Average of 3" in result["summary"]
    image = np.zeros((20, 22, 3), np.uint8)
    alone = [OnnxModel.load(folder).logits([image])[0] for folder in result["members"]]
    assert OnnxModel.load(tmp_path / "r").logits([image])[0] == pytest.approx(np.mean(alone), abs=1e-5)
    written = (tmp_path / "r" / "run_manifest.json").stat().st_mtime_ns
    count = len(begun)
    train_robust(params, silent)
    assert len(begun) == count and (tmp_path / "r" / "run_manifest.json").stat().st_mtime_ns == written


def test_the_same_chain_of_jobs_again_is_the_same_jobs(manifests, tmp_path, monkeypatch):
    monkeypatch.setenv("CGID_HOME", str(tmp_path))
    first = submit_chain(chain(training_of(asked(manifests, tmp_path / "r")), 3))
    (tmp_path / "r_seed2026").mkdir()  # as one training has begun
    assert submit_chain(chain(training_of(asked(manifests, tmp_path / "r")), 3)) == first
    more = submit_chain(chain(training_of(asked(manifests, tmp_path / "more")), 4))
    assert not set(first) & set(more), "another folder is another training"


def test_the_command_says_what_is_wrong_in_one_line(manifests, tmp_path, capsys):
    flags = [f"--{name}-manifest={path}" for name, path in zip(("train", "val", "test"), manifests)]
    assert main(["train-robust", *flags, f"--output-dir={tmp_path / 'r'}", "--seeds=1"]) == 2
    said = capsys.readouterr().err.strip()
    assert said.count("\n") == 0 and "model-a train" in said
    assert main(["average-runs", "--run", str(tmp_path), "--output-dir", str(tmp_path / "a")]) == 2
    assert "two or more" in capsys.readouterr().err
