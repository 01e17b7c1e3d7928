"""The page *Check an image* as a whole: the answer, who agrees, whether it holds, other models, a folder."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from cgid.forensics.stability import COPIES
from cgid.jobs import store
from cgid.settings import REPOSITORY
from cgid.ui.check import intake
from cgid.ui.check.section import Section, all_sections
from cgid.ui.check.subject import Subject
from page_driver import open_page, text


def photo() -> bytes:
    pixels = np.random.default_rng(1).normal(128, 30, (64, 64, 3)).clip(0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def checked(**query: str) -> AppTest:
    app = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=120)
    for key, value in query.items():
        app.query_params[key] = value
    app.session_state[intake._CHOSEN] = [Subject(photo(), "photo.png")]
    app.switch_page("pages/check.py").run()
    assert not app.exception, [e.value for e in app.exception]
    return app


def test_before_any_model_the_answer_says_what_is_missing_and_that_none_speaks(own_home) -> None:
    said = text(checked())
    assert "Inconclusive" in said and "No model has been trained" in said
    assert "None of the four sources points to a side" in said
    assert f"All {len(COPIES)} copies are inconclusive too" in said


@pytest.mark.parametrize("name", all_sections())
def test_each_part_opens_by_its_address(own_home, monkeypatch, name: str) -> None:
    monkeypatch.setattr("cgid.ui.check.stability.show", lambda *_: None)
    opened: list[str] = []

    def watched(other: str, section: Section) -> Section:
        return replace(section, show=lambda subject, found: (opened.append(other), section.show(subject, found)))

    sections = {other: watched(other, section) for other, section in all_sections().items()}
    monkeypatch.setattr("cgid.ui.check.section.all_sections", lambda: sections)
    checked(section=name)
    assert opened == [name]


def test_a_model_that_is_not_there_is_one_sentence_and_the_current_ones_answer(own_home, monkeypatch) -> None:
    monkeypatch.setattr("cgid.ui.check.stability.show", lambda *_: None)
    app = checked()
    app.selectbox(key="model_a").select("none").run()
    assert not app.exception
    assert any("Models other than the current ones are in use" in i.value for i in app.info)


def test_a_folder_is_queued_once_it_is_one(own_home, tmp_path) -> None:
    app = open_page("check")
    app.text_input(key="folder").input("no/such").run()
    app.button(key="FormSubmitter:check-folder-Start").click().run()
    assert any("not a folder" in e.value.replace("\\", "") for e in app.error)
    (tmp_path / "pictures").mkdir()
    app.text_input(key="folder").input(str(tmp_path / "pictures"))
    app.button(key="FormSubmitter:check-folder-Start").click().run()
    assert not app.exception
    (job,) = store.list_jobs(kind="check-folder")
    assert str(tmp_path / "pictures") in str(job.params)


def test_the_result_of_a_folder_is_a_picture_a_table_and_downloads(own_home, tmp_path) -> None:
    from cgid.progress import silent
    from cgid.records.check_folder import check_folder
    from cgid.records.params import CheckFolderParams
    from cgid.settings import settings

    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "<b>x.png").write_bytes(photo())
    (tmp_path / "pictures" / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    check_folder(CheckFolderParams(tmp_path / "pictures", settings().checks / "pictures-1", workers=1), silent)
    app = open_page("check")
    assert list(app.dataframe[0].value["file"]) == ["<b>x.png", "broken.jpg"]
    assert len(app.get("download_button")) == 2


@pytest.mark.parametrize("summary", ["[]", "{}", '{"models": [], "images": 1, "verdicts": {}}', "{"])
def test_a_damaged_result_of_a_folder_is_one_sentence(own_home, summary: str) -> None:
    from cgid.settings import settings

    folder = settings().checks / "pictures-1"
    folder.mkdir(parents=True)
    (folder / "summary.json").write_text(summary)
    (folder / "checks.csv").write_text("file\na.png\n")
    app = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=60)
    app.switch_page("pages/check.py").run()
    assert not app.exception
    assert "This result is damaged" in text(app)
