"""The Compare page: a way on when there is nothing, the verdict first when there are two runs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cgid.files import write_json
from cgid.settings import settings
from page_driver import open_page


def run(name: str, strength: float, images: range = range(200)) -> None:
    folder = settings().runs / "model_a" / name
    folder.mkdir(parents=True)
    label = np.arange(len(images)) % 2
    score = 1 / (1 + np.exp(-np.random.default_rng(len(name)).normal((label - 0.5) * strength, 1)))
    table = {"filepath": "/nowhere.png", "sha256": [f"{i:064x}" for i in images], "label": label, "source": "s"}
    table |= {"group": [str(i) for i in images], "generator": "*bold*", "probability": score, "calibrated": score}
    pd.DataFrame(table).to_parquet(folder / "predictions_test.parquet")
    write_json(folder / "thresholds.json", {"thresholds": {"balanced": 0.5}})
    write_json(folder / "run_manifest.json", {"kind": "model_a", "run_id": name, "simulated": False})


def test_one_run_alone_cannot_be_compared_and_the_page_says_what_to_do():
    run("weak", 1.0)
    app = open_page("compare")
    assert "a comparison needs two" in app.markdown[1].value and app.get("page_link")


def test_the_verdict_stands_first_and_the_address_chooses_the_runs():
    run("weak", 0.5)
    run("strong", 4.0)
    app = open_page("compare", first="model_a/weak", second="model_a/strong")
    assert app.subheader[0].value.startswith("Model A strong is better than Model A weak by")
    assert [s.value for s in app.subheader][1:4] == ["Differences", "Agreement", "Images on which they disagree"]
    labels = [s.label for s in app.selectbox]
    assert labels == ["First run", "Second run", "Images", "Show"]
    app.selectbox(key="part").select("both_wrong").run()
    assert not app.exception


def test_runs_without_common_images_get_the_sentence_and_a_way_on():
    run("weak", 1.0)
    run("other", 1.0, range(1000, 1100))
    app = open_page("compare")
    assert "in common" in app.error[0].value and app.get("page_link")
