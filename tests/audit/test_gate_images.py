"""The gate before Model A: it measures what files say, refuses what tells by format, and lets one pipeline pass."""

import json

import pandas as pd
import pytest
from PIL import Image

import cgid.models.architecture as registry
from cgid.audit import gate
from cgid.data import manifest
from cgid.errors import InputError
from cgid.progress import silent
from tiny_images import make_images
from tiny_network import TINY, recipe


def as_jpeg(frame: pd.DataFrame, which: pd.Series) -> pd.DataFrame:
    """The rows of `which` saved again as JPEG."""
    frame = frame.copy()
    for i in frame.index[which]:
        with Image.open(frame.loc[i, "path"]) as image:
            frame.loc[i, "path"] = frame.loc[i, "path"].replace(".png", ".jpg")
            image.save(frame.loc[i, "path"], quality=90)
    return frame


def examples_of(tmp_path, frame):
    from cgid.data.manifest import write_manifest

    write_manifest(frame, tmp_path / "train.csv")
    return tmp_path / "train.csv", manifest.read_examples(tmp_path / "train.csv")


def test_pixels_of_one_class_saved_as_jpeg_shut_the_gate_before_any_training(tmp_path):
    frame = make_images(tmp_path / "images", 48, 1)
    manifest, rows = examples_of(tmp_path, as_jpeg(frame, frame["label"] == "real"))
    with pytest.raises(
        InputError, match=r"leakage gate refuses this data: in .*train\.csv .*`container` alone with 100"
    ):
        gate.require_images(0.6, manifest, rows, tmp_path / "gate", 0)
    measured = pd.read_parquet(tmp_path / "gate" / "features.parquet")
    assert "container_format_code" in measured and not [c for c in measured if c.startswith("noise_")]


def test_both_classes_through_one_pipeline_pass(tmp_path):
    frame = make_images(tmp_path / "images", 48, 1)
    for path in frame["path"]:  # one content: what is compared is the format alone
        Image.new("RGB", (40, 40), (120, 90, 60)).save(path)
    manifest, rows = examples_of(tmp_path, frame)
    found = gate.require_images(0.6, manifest, rows, tmp_path / "gate", 0)
    assert json.dumps(found) and found["container"]["balanced_accuracy"]["value"] in (None, 0.5)


def test_a_training_behind_a_shut_gate_learns_nothing_and_says_why(tiny, tmp_path, monkeypatch):
    from cgid.train.model_a import train

    monkeypatch.setattr(registry, "all_architectures", lambda: {"tiny": TINY})
    frame = make_images(tmp_path / "images", 48, 1)
    manifest, _ = examples_of(tmp_path, as_jpeg(frame, frame["label"] == "real"))
    with pytest.raises(InputError, match="leakage gate refuses this data"):
        train(recipe(tiny | {"train": manifest}, tmp_path / "run", gate=0.6), silent)
    assert not list((tmp_path / "run").glob("*.pt"))
    with pytest.raises(InputError, match="--gate must be 0"):
        train(recipe(tiny, tmp_path / "run", gate=2), silent)
