"""Training on pictures whose shorter side is scaled: what was measured in training is what the ONNX file answers."""

from __future__ import annotations

import numpy as np
import pytest

import cgid.models.architecture as registry
from cgid.errors import InputError
from cgid.imaging.image_file import ImageFile
from cgid.models.onnx_model import OnnxModel
from cgid.models.preprocess import FITS, Preprocess
from cgid.params import MISSING
from cgid.progress import silent
from cgid.runs import predictions
from cgid.train import export_onnx
from cgid.train.model_a import train
from cgid.train.params import TrainModelAParams
from cgid.train.run_folder import identity_of
from cgid.ui.train import form
from tiny_network import TINY, recipe


def test_the_run_its_file_and_its_predictions_see_the_same_squares(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "all_architectures", lambda: {"tiny": TINY})
    monkeypatch.setattr(export_onnx, "EXPORTERS", {"torchscript": export_onnx.EXPORTERS["torchscript"]})
    run = tmp_path / "run"
    train(recipe(tiny, run, epochs=1, fit="resize_crop", resize_to=36), silent)
    model = OnnxModel.load(run, threads=1)
    assert model.preprocess == Preprocess(32, "resize_crop", resize_to=36)
    test = predictions.read(run / "predictions_test.parquet")
    found = model.probabilities([ImageFile.open(p).rgb for p in test["filepath"]])
    np.testing.assert_allclose(found, test["probability"], atol=1e-5)


def test_a_shorter_side_without_its_fit_is_refused_before_the_folder_is_taken(tiny, tmp_path):
    with pytest.raises(InputError, match="needs fit resize_crop"):
        train(recipe(tiny, tmp_path / "run", resize_to=36), silent)
    assert not (tmp_path / "run").exists()


def test_the_flag_offers_every_fit_and_old_runs_go_on(tiny, tmp_path):
    field = TrainModelAParams.__dataclass_fields__["fit"]
    assert field.metadata["choices"] == FITS == tuple(form.FITS)
    assert TrainModelAParams.__dataclass_fields__["resize_to"].default is not MISSING
    assert identity_of(recipe(tiny, tmp_path))["config"]["resize_to"] == 0
