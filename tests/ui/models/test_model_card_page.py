"""Models and Results show a run's card, and names from files stay text in it."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from cgid.files import write_json
from cgid.settings import settings
from page_driver import open_page

HOSTILE = "![x](http://127.0.0.1/a.png) :red[y] www.evil.example <b>"


@pytest.mark.parametrize("page", ["models", "results"])
def test_the_card_is_shown_and_can_be_taken_along(page):
    folder = settings().runs / "model_a" / "made"
    folder.mkdir(parents=True)
    score = np.linspace(0, 1, 20)
    table = {
        "filepath": "/nowhere.png",
        "sha256": "",
        "label": np.arange(20) % 2,
        "probability": score,
        "calibrated": score,
    }
    pd.DataFrame(table).to_parquet(folder / "predictions_test.parquet")
    write_json(folder / "thresholds.json", {"thresholds": {"balanced": 0.5}, "inconclusive": {"low": 0.3, "high": 0.7}})
    about = {"kind": "model_a", "run_id": "made", "metrics": {}, "data": {"name": HOSTILE}, "warnings": [HOSTILE]}
    write_json(folder / "run_manifest.json", about)
    app = open_page(page)
    shown = next(m.value for m in app.markdown if "Limitations, most serious first" in m.value)
    assert "indication, not proof" in shown and "no real photos there" in shown
    unescaped = re.sub(r"\\.", "", shown)
    for mark in ("![", ":red", "www.evil", "<b", "http:"):
        assert mark not in unescaped
    assert any(b.label == "Model card (Markdown)" for b in app.get("download_button"))
