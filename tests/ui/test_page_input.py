"""What people hand to pages: a folder, a manifest, a picture; good, broken and hostile."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from cgid.jobs import store
from cgid.settings import settings
from page_driver import open_page


@pytest.fixture(autouse=True)
def no_worker(monkeypatch):
    monkeypatch.setattr("cgid.jobs.processes.ensure_supervisor", lambda: None)
    monkeypatch.setattr("cgid.jobs.submit.ensure_supervisor", lambda: None)


def add_button(app: AppTest):
    return next(b for b in app.button if b.label == "Add")


def test_a_folder_becomes_a_chain_of_scan_clean_and_split(tmp_path):
    folder = tmp_path / "My photos"
    for label in ("real", "ai"):
        (folder / label).mkdir(parents=True)
        Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(folder / label / "a.png")
    app = open_page("data")
    app.text_input[0].set_value(str(folder))
    add_button(app).click().run()
    assert not app.exception and not app.error
    jobs = {job.kind: job for job in store.list_jobs()}
    assert set(jobs) == {"data-scan", "data-clean", "data-split"}
    assert jobs["data-clean"].after == (jobs["data-scan"].id,)
    assert jobs["data-split"].params["output_dir"].endswith("my_photos")


@pytest.mark.parametrize("path", ["", "/no/such/folder", "a\0b", "![x](http://127.0.0.1/a.png)"])
def test_a_folder_that_cannot_be_read_is_one_sentence_and_no_job(path):
    app = open_page("data")
    app.text_input[0].set_value(path)
    add_button(app).click().run()
    assert not app.exception and len(app.error) == 1
    assert "![x](" not in app.error[0].value
    assert not store.list_jobs()


@pytest.mark.parametrize("name", ["demo_matched", "../../etc", "   ", "ü"])
def test_names_of_data_sets_stay_inside_their_folder_and_off_the_demo(name):
    from cgid.errors import InputError
    from cgid.ui.data.view import dataset_name

    try:
        slug = dataset_name(name)
    except InputError as error:
        assert str(error).endswith(".")
    else:
        assert (settings().manifests / slug).resolve().parent == settings().manifests.resolve()
        assert not slug.startswith("demo_")


def test_a_manifest_is_taken_in_or_refused_line_by_line(tmp_path):
    from cgid.ui.data import view

    class Upload:
        name = "mine.csv"

        def __init__(self, text: str) -> None:
            self.text = text

        def getvalue(self) -> bytes:
            return self.text.encode()

    from cgid.errors import InputError

    target = settings().manifests / "mine"
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / "a.png")
    rows = f"filepath,label,source,generator,split\n{tmp_path / 'a.png'},real,s,,\nb.png,fake1,s,,\n"
    with pytest.raises(InputError, match=r"line 3.*fake1"):
        view._first_step(view.WAYS[2], "", Upload(rows), "mine", target)
    assert not (target / "manifest.csv").exists()
    assert view._first_step(view.WAYS[2], "", Upload(rows.replace("fake1", "ai")), "mine", target) is None
    assert (target / "manifest.csv").is_file()


@pytest.mark.parametrize("data", [b"", b"not an image", b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
def test_a_broken_picture_is_an_answer_not_a_traceback(data):
    def script(data: bytes) -> None:
        from cgid.ui.check import answer
        from cgid.ui.check.subject import Subject

        subject = Subject(data, "`x`.png")
        answer.show(subject, answer.check_of(subject))

    app = AppTest.from_function(script, kwargs={"data": data}, default_timeout=60).run()
    assert not app.exception
    assert app.header[0].value.endswith("Cannot be read")


def test_cifake_or_genimage_is_one_job_and_its_table_is_shown(tmp_path):
    from cgid.data.prepare import prepare
    from cgid.jobs.kind import kind_named
    from cgid.params import restore

    rng = np.random.default_rng(0)
    for cell in ("train/ai", "train/nature", "val/ai", "val/nature"):
        for generator in ("ADM", "wukong"):
            folder = tmp_path / "GenImage" / generator / cell
            folder.mkdir(parents=True)
            for i in range(4):
                Image.fromarray(rng.integers(0, 256, (32, 32, 3), np.uint8)).save(folder / f"{i}.png")
    app = open_page("data")
    app.segmented_control(key="way").set_value("CIFAKE or GenImage").run()
    folder, _, held = app.text_input
    folder.set_value(str(tmp_path / "GenImage"))
    held.set_value("wukong")
    next(b for b in app.button if b.label == "Prepare").click().run()
    assert not app.exception and not app.error
    (job,) = store.list_jobs()
    assert job.kind == "data-prepare" and job.params["hold_out"] == ["wukong"]
    params = restore(kind_named(job.kind).params, job.params | {"workers": 1})
    assert params.output_dir == settings().manifests / "genimage"
    prepare(params)
    app = open_page("data")
    assert not app.exception and "Images found and selected" in [s.value for s in app.subheader]
