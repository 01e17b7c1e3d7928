"""Results draws reliability with its figures, and says what each frozen threshold costs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cgid.charts.curves import RAW
from cgid.files import write_json
from cgid.settings import settings
from page_driver import open_page, text


def run_with(label: np.ndarray, calibrated: np.ndarray, frozen: dict, raw: np.ndarray | None = None) -> None:
    folder = settings().runs / "model_a" / "made"
    folder.mkdir(parents=True)
    table = {"filepath": "/nowhere.png", "sha256": "", "label": label, "source": "made", "generator": ""}
    table |= {"group": np.arange(len(label)).astype(str), "calibrated": calibrated}
    table["probability"] = calibrated if raw is None else raw
    pd.DataFrame(table).to_parquet(folder / "predictions_test.parquet")
    write_json(folder / "thresholds.json", frozen)
    write_json(folder / "run_manifest.json", {"kind": "model_a", "run_id": "made", "metrics": {}})


def test_each_threshold_says_whom_it_accuses_and_misses_with_interval_and_n():
    frozen = {"thresholds": {"balanced": 0.5, "f1": 0.1, "real_accuracy_95": 2.0}}
    frozen["inconclusive"] = {"low": 0.3, "high": 0.7}
    label = np.repeat([0, 1], 20)
    p = np.concatenate([np.full(15, 0.2), np.full(5, 0.9), np.full(16, 0.8), np.full(4, 0.4)])
    run_with(label, p, frozen, raw=p**0.5)
    app = open_page("results", view="Calibration")
    table = next(d.value for d in app.dataframe if "wrongly accuses" in d.value)
    assert table["wrongly accuses"].tolist() == [
        "25 % (11 to 47 %) of 20 real photos", "0 % (0 to 16 %) of 20 real photos",
        "100 % (84 to 100 %) of 20 real photos", "25 % (11 to 47 %) of 20 real photos",
    ]  # fmt: skip
    assert table["misses"][0] == "20 % (8 to 42 %) of 20 AI images"
    assert table["says AI at"].tolist() == [
        "0.500 and above",
        "never",
        "0.100 and above",
        "0.700 and above; real below 0.300",
    ]
    assert table["leaves open"][3] == "0 % (0 to 16 %) of 20 real photos; 20 % (8 to 42 %) of 20 AI images"
    shown = text(app)
    assert (
        "**Calibrated**: expected calibration error" in shown
        and f"**{RAW.capitalize()}**: expected calibration error" in shown
        and "Brier" in shown
    )
    assert {b.label for b in app.get("download_button")} >= {"Reliability (CSV)", "Operating points (CSV)"}


def test_a_run_without_thresholds_and_of_one_class_still_shows_reliability():
    run_with(np.zeros(12, int), np.linspace(0, 1, 12), {})
    app = open_page("results", view="Calibration")
    assert "Is the probability calibrated?" in [s.value for s in app.subheader]
    assert "With so few images" in text(app) and "operating points" not in " ".join(s.value for s in app.subheader)
