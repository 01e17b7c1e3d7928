"""Results shows the worst mistakes: a way to gather them, then the gallery, in which names from files stay text."""

from __future__ import annotations

import io
import re
import zipfile

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from cgid.files import read_json, sha256_of, write_json
from cgid.jobs import store
from cgid.progress import silent
from cgid.runs.params import WorstErrorsParams
from cgid.runs.worst_errors import worst_errors
from cgid.settings import REPOSITORY, settings
from cgid.ui.results.worst_errors import _zip
from cgid.ui.shared.session import EXAMINED
from page_driver import open_page, text
from planted_network import planted_run

HOSTILE = "![x](http://127.0.0.1/a.png) :red[y] <b> $z$"


@pytest.fixture
def run():
    weight = np.zeros((16, 16))
    weight[:4, :4] = 1
    folder = planted_run(settings().runs / "model_a" / "planted", weight)
    rows = []
    for i in range(10):
        picture = np.full((40, 60, 3), 20 + i, np.uint8)
        path = settings().home / f"{i} {'*x* ' * (i == 0)}.png"
        Image.fromarray(picture).save(path)
        label, logit = int(i > 7), (3.0 - i / 10) * (1 if i <= 7 else -1)
        rows.append({"filepath": str(path), "sha256": sha256_of(path), "label": label, "logit": logit})
    table = pd.DataFrame(rows).assign(source=HOSTILE, generator=HOSTILE, group=[str(i) for i in range(10)])
    table["probability"] = table["calibrated"] = 1 / (1 + np.exp(-table["logit"]))
    table.to_parquet(folder / "predictions_test.parquet")
    return folder


def shown(app) -> list[str]:
    return [image.alt for element in app.get("image") for image in element.proto.imgs]


def test_before_there_is_a_gallery_a_button_starts_the_job(run, monkeypatch):
    monkeypatch.setattr("cgid.jobs.submit.ensure_supervisor", lambda: None)
    app = open_page("results", view="Worst errors")
    assert "Not computed yet" in text(app)
    app.button(key="find-errors").click().run()
    assert not app.exception
    (job,) = store.list_jobs()
    assert job.kind == "worst-errors" and job.params["run"] == str(run) and job.params["split"] == "test"


def test_the_gallery_says_what_was_shown_as_what_with_picture_and_map(run):
    worst_errors(WorstErrorsParams(run), silent)
    app = open_page("results", view="Worst errors")
    said = text(app)
    assert "**False positives (real photos called AI)**: 8 of 8 real photos" in said
    assert "**False negatives (AI images called real)**: 2 of 2 AI images" in said
    assert "Real photo, called AI: probability of AI 95.3\u00a0%" in said
    assert "AI image, called real: probability of AI 10.0\u00a0%" in said
    assert "not where an image was altered" in said
    maps = [alt for alt in shown(app) if alt.startswith("Occlusion map of")]
    assert len(maps) == 6 + 2
    assert {b.label for b in app.get("download_button")} >= {"List (JSON)", "Gallery (ZIP)"}
    app.number_input(key="errors-page-accused").set_value(2).run()
    assert not app.exception and sum(a.startswith("Occlusion map of") for a in shown(app)) == 2 + 2


def test_names_from_files_stay_text(run):
    worst_errors(WorstErrorsParams(run), silent)
    app = open_page("results", view="Worst errors")
    cards = [c.value for c in app.caption if "![x]" in c.value]
    assert cards
    for caption in cards:
        outside = re.sub(r"(`+)(?!`).*?\1(?!`)", "", caption)
        assert not set(outside) & set("![*:<$"), caption


def test_a_gallery_of_former_figures_says_so_and_a_damaged_one_counts_as_none(run):
    worst_errors(WorstErrorsParams(run), silent)
    table = pd.read_parquet(run / "predictions_test.parquet")
    table.iloc[:9].to_parquet(run / "predictions_test.parquet")
    app = open_page("results", view="Worst errors")
    assert any("evaluated again" in w.value for w in app.warning)
    (run / "errors" / "test" / "errors.json").write_text("{")
    assert "Not computed yet" in text(open_page("results", view="Worst errors"))


def test_lost_files_are_told_and_names_that_climb_out_of_the_folder_are_not_opened(run):
    (settings().home / "1 .png").unlink()
    worst_errors(WorstErrorsParams(run), silent)
    file = run / "errors" / "test" / "errors.json"
    content = read_json(file)
    content["images"][0]["map"] = "../../model.onnx"
    write_json(file, content)
    app = open_page("results", view="Worst errors")
    assert any("cannot be shown: 1" in e.label for e in app.expander)
    assert sum(a.startswith("Occlusion map of") for a in shown(app)) == 5 + 2
    names = zipfile.ZipFile(io.BytesIO(_zip(file.parent, content))).namelist()
    assert "errors.json" in names and len(names) == 1 + 9 + 8 and not any("onnx" in name for name in names)


def test_a_mistake_can_be_examined_and_put_away_again(run):
    worst_errors(WorstErrorsParams(run), silent)
    app = open_page("results", view="Worst errors")
    first = next(b for b in app.button if b.label == "Check this image")
    first.click().run()
    assert not app.exception and app.title[0].value == "Check an image"
    assert "From another page: `0 *x* .png`" in text(app) and app.header


def test_what_was_handed_over_can_be_put_away_and_may_be_gone(run):
    app = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=120)
    app.session_state[EXAMINED] = str(settings().home / "1 .png")
    app.switch_page("pages/check.py").run()
    assert not app.exception and app.header
    app.button(key="put-away").click().run()
    assert not app.exception and not app.header and app.title[0].value == "Check an image"
    (settings().home / "1 .png").unlink()
    app.session_state[EXAMINED] = str(settings().home / "1 .png")
    app.run()
    assert not app.exception and not app.header and any("no longer exists" in w.value for w in app.warning)
