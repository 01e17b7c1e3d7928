"""Results shows precision-recall and DET beside ROC, and whole confusion matrices by generator and by data set."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cgid.evaluate.intervals import wilson
from cgid.files import write_json
from cgid.settings import settings
from page_driver import open_page

MATRIX = ["Real photo, says real", "Real photo, says AI", "AI image, says real", "AI image, says AI"]


def run_with(label: np.ndarray) -> None:
    """A Model A run whose generator `good` is always caught and `bad` never, with three of ten photos accused."""
    folder = settings().runs / "model_a" / "made"
    folder.mkdir(parents=True)
    place = np.arange(len(label)) % 10
    generator = np.where(label == 0, "", np.where(np.arange(len(label)) % 4 < 2, "good", "bad"))
    calibrated = np.where(label == 0, np.where(place < 3, 0.8, 0.2), np.where(generator == "good", 0.9, 0.1))
    table = {"filepath": "/nowhere.png", "sha256": "", "label": label, "source": "made", "generator": generator}
    table |= {"group": np.arange(len(label)).astype(str), "probability": calibrated, "calibrated": calibrated}
    pd.DataFrame(table).to_parquet(folder / "predictions_test.parquet")
    write_json(folder / "thresholds.json", {"thresholds": {"balanced": 0.5}, "inconclusive": {"low": 0.3, "high": 0.7}})
    write_json(folder / "run_manifest.json", {"kind": "model_a", "run_id": "made", "metrics": {}})


def test_the_worst_generator_stands_first_with_its_matrix_and_wilson_interval():
    run_with(np.repeat([0, 1], 40))
    app = open_page("results")
    table = app.dataframe[0].value
    assert table["generator"].tolist() == ["bad", "real, camera not stated", "good"]
    assert table[MATRIX].to_numpy().tolist() == [[0, 0, 20, 0], [28, 12, 0, 0], [0, 0, 0, 20]]
    low, high = wilson(12, 40)
    assert table.loc[1, ["error rate", "low", "high"]].tolist() == pytest.approx([0.3, low, high])
    titles = [s.value for s in app.subheader]
    assert "Precision and recall" in titles and "Both error rates (DET)" in titles
    assert len(app.get("vega_lite_chart") or app.get("arrow_vega_lite_chart")) == 5


def test_one_class_only_is_told_instead_of_a_curve():
    run_with(np.zeros(20, int))
    captions = " ".join(c.value for c in open_page("results").caption)
    assert "This split has no AI images" in captions and "This split has only one class" in captions
