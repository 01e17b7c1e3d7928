"""Imported runs on the pages: results as for own runs, and scores without a detector say why they cannot be promoted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cgid.data.manifest import write_manifest
from cgid.external.import_predictions import import_predictions
from cgid.external.params import ImportPredictionsParams
from cgid.jobs import store
from cgid.progress import silent
from page_driver import open_page, text


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("CGID_HOME", str(tmp_path))
    random = np.random.default_rng(0)
    label = np.tile(["real", "ai"], 80)
    rows = pd.DataFrame({"filepath": [f"{i}.png" for i in range(160)], "label": label})
    rows["split"] = np.repeat(["val", "test"], 80)
    rows["source"] = [f"s{i % 2}" for i in range(160)]
    write_manifest(rows, tmp_path / "m.csv")
    for name, gain in (("strong", 2.0), ("weak", 0.5)):
        rows.assign(score=random.normal(size=160) + gain * (label == "ai")).to_csv(tmp_path / "s.csv", index=False)
        folder = tmp_path / "artifacts" / "runs" / "model_a" / name
        asked = ImportPredictionsParams(tmp_path / "s.csv", tmp_path / "m.csv", folder, name="`x` <b>", score="logit")
        import_predictions(asked, silent)
    return tmp_path


def test_every_page_that_shows_runs_shows_imported_ones(home):
    assert "Confusion matrix" in text(open_page("results"))
    models = text(open_page("models"))
    assert "Imported, not trained here" in models and "import the detector itself" in models
    for page in ("overview", "train", "check", "compare"):
        text(open_page(page))


@pytest.mark.parametrize(
    ("files", "kind"), [(["s.csv"], "import-predictions"), (["s.csv", "m.csv"], "import-detector")]
)
def test_the_form_sends_the_import_to_the_background_and_names_a_file_that_is_not_there(home, monkeypatch, files, kind):
    monkeypatch.setattr("cgid.jobs.submit.ensure_supervisor", lambda: None)
    folder = home / "data" / "manifests" / "mine"
    folder.mkdir(parents=True)
    for name in ("val", "test", "split"):
        (folder / f"{name}.csv").write_bytes((home / "m.csv").read_bytes())
    app = open_page("models")
    if kind == "import-detector":
        app.segmented_control(key="import-way").select("Detector (ONNX and sidecar)").run()
    fields = [field for field in app.text_input if "on this computer" in field.label]
    press = next(button for button in app.button if button.label.startswith("Import the"))
    press.click().run()
    assert not app.exception and any("There is no file" in e.value for e in app.error) and not store.list_jobs()
    for field, name in zip(fields, files, strict=True):
        field.set_value(str(home / name))
    press.click().run()
    assert not app.exception and [job.kind for job in store.list_jobs()] == [kind]
