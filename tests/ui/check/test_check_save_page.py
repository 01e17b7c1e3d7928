"""Save and share: a check is one record a visit, can be noted and taken along, and says what is kept of the picture."""

from __future__ import annotations

import hashlib
import io

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from cgid.records import keep, store
from cgid.settings import set_store_images
from page_driver import text


@pytest.fixture(autouse=True)
def no_evidence(monkeypatch):
    """What is gathered is tested elsewhere."""
    monkeypatch.setattr(keep, "gather", lambda _material: [])


def section() -> None:
    import streamlit as st

    from cgid.ui.check import record
    from cgid.ui.check.sections.keep import SECTION
    from cgid.ui.check.subject import Subject

    SECTION.show(Subject(st.session_state["data"], "a.png"), st.session_state["found"])
    if "later" in st.session_state:
        record.add(st.session_state["found"], "stability", st.session_state["later"])


def visit() -> AppTest:
    buffer = io.BytesIO()
    Image.fromarray(np.full((30, 40, 3), 90, np.uint8)).save(buffer, "PNG")
    app = AppTest.from_function(section, default_timeout=60)
    app.session_state["data"] = buffer.getvalue()
    sha256 = hashlib.sha256(buffer.getvalue()).hexdigest()
    app.session_state["found"] = {"file": "a.png", "sha256": sha256, "verdict": "inconclusive", "reason": "So."}
    return app


def look(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception, [e.value for e in app.exception]
    return app


@pytest.fixture(autouse=True)
def no_links(monkeypatch):
    """Links to other pages need the whole app around them."""
    monkeypatch.setattr("cgid.ui.shell.link", lambda *_args, **_query: None)


def test_a_visit_keeps_one_record_however_often_it_looks_and_another_visit_another():
    app = visit()
    look(look(look(app)))
    assert store.count_analyses() == 1 and len(keep.all_thumbnails()) == 1
    assert "Saved as record **1**" in text(app) and "a thumbnail of the image" in text(app)
    assert "Other results" in text(look(visit())) and store.count_analyses() == 2


def test_what_is_found_out_later_comes_into_the_record_once():
    app = visit()
    app.session_state["later"] = {"sentence": "All 10 copies agree."}
    look(look(app))
    assert [r["check"].get("stability") for r in store.analyses()] == [{"sentence": "All 10 copies agree."}]


def test_the_three_files_are_offered_and_a_note_is_kept():
    app = look(visit())
    assert [b.label for b in app.get("download_button")] == ["Report (HTML)", "Report (PDF)", "Record (JSON)"]
    app.text_area[0].set_value("for the *desk*").run()
    assert store.list_records()[0]["note"] == "for the *desk*"


def test_never_storing_images_is_honoured_and_said():
    set_store_images(False)
    app = look(visit())
    assert "without a thumbnail" in text(app) and keep.all_thumbnails() == []


def test_a_record_deleted_elsewhere_is_said():
    app = look(visit())
    keep.delete_records(None)
    assert "was deleted" in text(look(app)) and store.count_analyses() == 0


def test_a_database_that_cannot_be_used_costs_a_line_not_the_page(monkeypatch):
    monkeypatch.setenv("CGID_DATABASE_URL", "nonsense")
    assert "could not be saved" in text(look(visit()))
