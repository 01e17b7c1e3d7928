"""What the page *Check an image* has made of a picture once is not made again, and what it needs is loaded ahead."""

from __future__ import annotations

import io
import threading
from collections import Counter

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from cgid.forensics.stability import COPIES
from cgid.imaging.image_file import ImageFile
from cgid.settings import REPOSITORY
from cgid.ui.check import intake, scheduling
from cgid.ui.check.section import all_sections
from cgid.ui.check.subject import Subject


def photo(seed: int) -> bytes:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(seed).normal(120, 25, (48, 64, 3)).clip(0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.fixture
def done(monkeypatch) -> Counter:
    """How often each costly step was taken."""
    count: Counter = Counter()

    def counted(place: str, name: str) -> None:
        module = __import__(place, fromlist=[name])
        step = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *a, **k: (count.update([name]), step(*a, **k))[1])

    counted("cgid.forensics.check", "check")
    counted("cgid.ui.check.stability", "check_copy")
    counted("cgid.forensics.maps", "maps")
    counted("cgid.records.keep", "record_check")
    decode = ImageFile.from_bytes
    monkeypatch.setattr(ImageFile, "from_bytes", lambda *a: (count.update(["decode"]), decode(*a))[1])
    return count


def test_opening_another_part_judges_decodes_and_records_nothing_again(own_home, done) -> None:
    app = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=120)
    app.session_state[intake._CHOSEN] = [Subject(photo(20261), "once.jpg")]
    app.switch_page("pages/check.py").run()
    assert not app.exception, [e.value for e in app.exception]
    first = Counter(done)
    assert (first["check"], first["check_copy"], first["record_check"]) == (1, len(COPIES), 1) and first["maps"]
    for section in (all_sections()["keep"], all_sections()["evidence"]):
        app.session_state["part"] = f"{section.icon} {section.title}"
        app.run()
        assert not app.exception, [e.value for e in app.exception]
    assert done == first


def test_libraries_and_models_are_loaded_ahead_once_and_nothing_is_kept_of_it(own_home, monkeypatch, done) -> None:
    monkeypatch.setattr(scheduling, "_first", threading.Lock())
    monkeypatch.setattr("gc.freeze", lambda: done.update(["freeze"]))
    before = set(threading.enumerate())
    for _ in range(5):
        scheduling.begin()
    for thread in set(threading.enumerate()) - before:
        thread.join(timeout=60)
    assert done == {"check": 1, "decode": 1, "freeze": 1}
    assert not [path for path in own_home.rglob("*") if path.is_file()]


def test_a_server_that_cannot_load_ahead_answers_all_the_same(own_home, monkeypatch, caplog) -> None:
    def broken(*_args, **_more):
        raise RuntimeError("no such library")

    monkeypatch.setattr("cgid.forensics.check.check", broken)
    scheduling._load()
    assert "preloading failed" in caplog.text
