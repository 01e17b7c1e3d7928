"""What people and strangers hand to the page *Check an image*: every way in, in the page itself, however hostile."""

from __future__ import annotations

import io
import re
import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from cgid.ui.check import intake
from cgid.ui.components import paste
from page_driver import open_page, text

WORDS = ("Likely real", "Inconclusive", "Likely AI", "Declared AI by its own data")
RNG = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def without_copies(monkeypatch):
    """Whether a verdict survives re-saving is judged after the answer, and tested elsewhere."""
    monkeypatch.setattr("cgid.ui.check.stability.show", lambda *_: None)


def picture(width: int = 40, height: int = 30, form: str = "PNG", mode: str = "RGB", **options) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(RNG.integers(0, 256, (height, width, 3), np.uint8)).convert(mode).save(buffer, form, **options)
    return buffer.getvalue()


def bomb(side: int = 60_000) -> bytes:
    """A PNG of a few bytes whose header claims side x side pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">L", len(body)) + kind + body + struct.pack(">L", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">LLBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def animated(form: str) -> bytes:
    frames = [Image.fromarray(RNG.integers(0, 256, (32, 32, 3), np.uint8)) for _ in range(3)]
    buffer = io.BytesIO()
    frames[0].save(buffer, form, save_all=True, append_images=frames[1:], duration=50)
    return buffer.getvalue()


def sixteen_bit() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(RNG.integers(0, 65536, (30, 40), np.uint16)).save(buffer, "PNG")
    return buffer.getvalue()


def turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return picture(form="JPEG", exif=exif)


# name, content, can it be read?
HOSTILE = {
    "bomb": ("bomb.png", bomb(), False),
    "PNG called JPEG": ("photo.jpg", picture(), True),
    "text called PNG": ("letter.png", b"Dear Sir or Madam, <script>alert(1)</script>", False),
    "no extension": ("IMG-20260704-WA0001", picture(form="JPEG"), True),
    "animated GIF": ("a.gif", animated("GIF"), True),
    "animated WebP": ("a.webp", animated("WEBP"), True),
    "1 x 1": ("a.png", picture(1, 1), True),
    "CMYK": ("a.jpg", picture(form="JPEG", mode="CMYK"), True),
    "16 bit": ("a.png", sixteen_bit(), True),
    "rotated": ("a.jpg", turned(), True),
    "empty": ("a.png", b"", False),
    "cut short": ("a.png", picture()[:200], False),
    "Markdown": ("![x](http://127.0.0.1/a.png) :red[y] $z$.png", picture(), True),
    "HTML": ("<img src=x onerror=alert(1)>.png", b"no picture", False),
    "control characters": ("a\0b\x1b[31m\r\nc.png", picture(), True),
    "right to left": ("photo_\u202egnp.exe", picture(), True),
    "very long": ("long " * 4000 + ".png", picture(), True),
    "only an extension": (".png", picture(), True),
    "a path": ("../../etc/passwd", picture(), True),
}  # fmt: skip


def dropped(*files: tuple[str, bytes], app: AppTest | None = None) -> AppTest:
    app = app or open_page("check")
    app.file_uploader[0].set_value([(name, data, "application/octet-stream") for name, data in files]).run()
    assert not app.exception, [e.value for e in app.exception]
    return app


def verdict(app: AppTest) -> str:
    return app.header[0].value if app.header else ""


def test_whatever_is_dropped_ends_in_a_verdict_or_one_sentence():
    """One after the other into one page, as a visitor may: no file leaves the page unusable for the next."""
    app = open_page("check")
    for kind, (name, data, readable) in HOSTILE.items():
        dropped((name, data), app=app)
        assert verdict(app).endswith(WORDS if readable else "Cannot be read"), kind
        assert bool(app.tabs) == readable, kind
        said = text(app)
        assert len(said) < 20_000 and "Traceback" not in said, kind
        plain = re.sub(r"`[^`]*`|\\.", "", said)  # inline code and escaped signs are read as text
        assert not [h for h in ("![", ":red[y]", "<script", "<img", "$z$", "\u202e", "\x1b", "\0") if h in plain], kind


def test_a_file_over_the_products_own_limit_is_one_sentence(monkeypatch):
    """The box refuses what is over 200 MB before it is sent; whatever comes past it is refused by the reader."""
    monkeypatch.setattr("cgid.imaging.image_file.MAX_BYTES", 1_000_000)
    app = dropped(("a.png", picture() + bytes(2_000_000)))
    assert verdict(app).endswith("Cannot be read") and "at most 1,000,000 are read" in text(app).replace("\\", "")


def test_a_bomb_is_refused_by_its_header():
    assert "is too large: " in text(dropped(("bomb.png", bomb()))).replace("\\", "")


def test_the_empty_page_says_what_happens_to_a_picture_and_which_are_read():
    app = open_page("check")
    said = text(app)
    assert not app.header
    assert "not sent anywhere" in said and "a thumbnail are saved" in said and "HEIC" in said and "200 MB" in said
    assert app.file_uploader[0].accept_multiple_files and not app.camera_input
    assert next(b.label for b in app.button if (b.key or "").startswith("sample-")) == "Camera photo"


def test_the_sentence_follows_the_choice_to_store_no_pictures(monkeypatch):
    monkeypatch.setenv("CGID_STORE_IMAGES", "never")
    assert "only the result is saved" in text(open_page("check"))


def test_the_newest_input_wins_and_put_away_empties_the_page():
    app = dropped(("one.png", picture()))
    assert "`one.png`" in text(app)
    dropped(("two.png", picture()), app=app)
    assert "`two.png`" in text(app) and "one.png" not in text(app)
    app.toggle[0].set_value(True).run()
    app.camera_input[0].upload("shot.jpg", picture(form="JPEG")).run()
    assert not app.exception and "From the camera: `camera.jpg`" in text(app) and not app.camera_input
    app.button(key="put-away").click().run()
    assert not app.header and "Or try a sample" in text(app)


def test_a_sample_has_an_address_and_leaves_it_with_the_next_picture():
    app = open_page("check", sample="signed")
    assert verdict(app).endswith("Declared AI by its own data") and "Signed as AI" in text(app)
    assert app.query_params["sample"] in ("signed", ["signed"])
    app.selectbox(key=next(s.key for s in app.selectbox if s.label == "Or a sample")).set_value("forged").run()
    assert not app.exception and app.query_params["sample"] in ("forged", ["forged"])
    assert not verdict(app).endswith("Declared AI by its own data")
    dropped(("one.png", picture()), app=app)
    assert "sample" not in app.query_params and "Signed as AI" not in text(app)


@pytest.mark.parametrize("name", ["nothing", "../../etc/passwd", "![x](http://127.0.0.1)"])
def test_an_address_of_no_sample_is_one_sentence(name):
    app = open_page("check", sample=name)
    assert not app.header and [w.value for w in app.warning] == ["This sample does not exist here."]


def test_what_the_browser_pastes_is_taken_and_what_makes_no_sense_is_not():
    import base64

    content = base64.b64encode(b"abc").decode()
    assert paste.read({"files": [{"name": "a.png", "content": content}]}) == ([("a.png", b"abc")], False)
    assert paste.read({"files": [{"name": None, "content": content}], "dropped": True}) == ([("", b"abc")], True)
    for nonsense in (None, 7, "x", {}, {"files": 7}, {"files": [7, {}, {"content": 7}, {"content": "é!"}]}):
        assert paste.read(nonsense) == ([], False)


def test_more_than_fit_are_left_out_in_words():
    taken, (note,) = intake._accept([(f"{i}.png", b"x") for i in range(130)], "upload")
    assert len(taken) == 100 and taken[0].name == "0.png" and "Only the first 100 of 130 files" in note


def test_too_many_bytes_at_once_are_left_out_but_one_file_always_comes_in(monkeypatch):
    monkeypatch.setattr(intake, "MAX_TOTAL_BYTES", 5)
    taken, notes = intake._accept([("a", b"xxxxxxx"), ("b", b"x")], "upload")
    assert [s.name for s in taken] == ["a"] and len(notes) == 1
