"""Model A as a feature: never what it says about an image it was trained on."""

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from cgid.extraction.model_a import bind
from cgid.features.group import extract
from cgid.features.registry import select_groups
from cgid.imaging.image_file import ImageFile
from synthetic_images import encoded, photo

IMAGES = [ImageFile.from_bytes(encoded(photo(seed=i)), f"{i}.png") for i in range(3)]


@pytest.fixture
def loads(monkeypatch):
    """Stands for the network: says 0.9 about everything; counts how often it is loaded."""
    seen = []

    def load(folder, threads=0):
        seen.append(str(folder))
        return SimpleNamespace(sha256="of the network", probabilities=lambda images: np.full(len(images), 0.9))

    monkeypatch.setattr("cgid.models.onnx_model.OnnxModel.load", load)
    return seen


def said(folder) -> list[float]:
    groups = {"model_a": bind(select_groups("model_a")["model_a"], folder)}
    return [extract(image, groups)[0]["ml_probability"] for image in IMAGES]


def test_a_new_image_gets_the_networks_word_and_the_network_is_loaded_once(tmp_path, loads):
    assert said(tmp_path) == [0.9, 0.9, 0.9]
    assert len(loads) == 2  # once to check the run, once for all images


def test_a_trained_image_gets_its_out_of_fold_value_or_none(tmp_path, loads):
    pd.DataFrame({"sha256": [IMAGES[0].sha256, IMAGES[1].sha256]}).to_parquet(tmp_path / "predictions_train.parquet")
    first, second, third = said(tmp_path)
    assert math.isnan(first) and math.isnan(second) and third == 0.9
    before = bind(select_groups("model_a")["model_a"], tmp_path).variant()
    pd.DataFrame({"sha256": [IMAGES[0].sha256], "probability": [0.2], "fold": [1]}).to_parquet(
        tmp_path / "predictions_oof.parquet"
    )
    assert bind(select_groups("model_a")["model_a"], tmp_path).variant() != before
    first, second, third = said(tmp_path)
    assert first == 0.2 and math.isnan(second) and third == 0.9


def test_without_a_run_there_is_no_value():
    values, problems = extract(IMAGES[0], select_groups("model_a"))
    assert math.isnan(values["ml_probability"]) and values["ml_missing"] == 1 and problems == {}
