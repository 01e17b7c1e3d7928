"""The inspector as a user sees it: gallery, one filter, its sliders, a region, a second image."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from cgid.inspector.filter import Choice, Filter, FilterResult, Span, all_filters
from cgid.ui.check import inspector_cache, inspector_form
from cgid.ui.components import viewer


def script() -> None:
    import streamlit as st

    from cgid.ui.check.sections import inspector

    inspector.SECTION.show(st.session_state["subject"], {})


def encoded(width: int = 96, height: int = 64, orientation: int = 1) -> bytes:
    pixels = np.random.default_rng(3).integers(0, 256, (height, width, 3), dtype=np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", exif=exif)
    return buffer.getvalue()


def inspector(data: bytes | None = None, name: str = "photo.png", **query: str) -> AppTest:
    from cgid.ui.check.subject import Subject

    at = AppTest.from_function(script, default_timeout=30)
    at.session_state["subject"] = Subject(encoded() if data is None else data, name)
    for key, value in query.items():
        at.query_params[key] = value
    return at.run()


def told(at: AppTest) -> str:
    return " ".join(str(e.value) for kind in ("markdown", "caption", "warning", "error") for e in at.get(kind))


def looked_at(at: AppTest) -> list[dict]:
    """What the viewer was given: its panes."""
    import json

    told = [json.loads(found.proto.json) for found in at.get("bidi_component")]
    (panes,) = (one["panes"] for one in told if "panes" in one)
    return panes


@pytest.fixture
def few(monkeypatch):
    """An inspector with few filters, so that pages are quick: one of the real ones and one of every kind of trouble."""

    def fails(view):
        raise RuntimeError("no")

    def band(view, between, how):
        return FilterResult(f"Between {between[0]:g} and {between[1]:g}, {how}.", view.rgb)

    words = ("Noise", "It shows.", "Read it so.", "It cannot.")
    every = (
        all_filters()["bit_planes"],
        Filter("band", "Band", *words, band, (
            Span("between", "Between", 0, 10, (2, 4), 0.5, "% of all"), Choice("how", "How", ("soft", "hard"), "soft"))),
        Filter("broken", "Broken", *words, fails),
        Filter("plot", "Plot", *words, lambda v: FilterResult("A plot.", columns={"x": np.arange(3)}), chart="chart_none"),
        Filter("spectrum", "Spectrum", *words, lambda v: FilterResult("A peak.", np.zeros((5, 5), np.uint8), aligned=False)),
    )  # fmt: skip
    some = {one.name: one for one in every}
    for place in ("inspector_form", "inspector_view", "inspector_sheet"):
        monkeypatch.setattr(f"cgid.ui.check.{place}.all_filters", lambda: some)
    monkeypatch.setattr("cgid.inspector.export.all_filters", lambda: some)
    return some


def test_at_a_glance_every_filter_has_its_button_and_one_that_fails_costs_a_sentence(few) -> None:
    at = inspector()
    assert {b.label for b in at.button} >= {one.title for one in few.values()}
    assert "Broken could not be applied to this image." in told(at).replace("\\", "")
    assert not at.exception
    at.button(key="inspector-open-bit_planes").click().run()
    assert at.session_state["inspector-filter"] == "bit_planes"
    assert len(looked_at(at)) == 1 and not at.exception


def test_an_address_opens_its_filter_and_the_picture_says_the_finding(few) -> None:
    at = inspector(filter="bit_planes")
    (pane,) = looked_at(at)
    assert pane["above"]["alt"].startswith("Bit planes: Bit 0 of brightness is set in")
    assert pane["below"]["src"] != pane["above"]["src"]
    assert "How to read it" in told(at) and "What it cannot show" in told(at)
    at = inspector(filter="bit_planes")
    at.selectbox(key="inspector-filter").set_value("band").run()
    assert at.query_params["filter"] in ("band", ["band"])
    at.segmented_control(key="inspector-way").set_value(inspector_form.GALLERY).run()
    assert "filter" not in at.query_params
    at.query_params["filter"] = "spectrum"  # a link followed in the same visit
    assert at.run().session_state["inspector-filter"] == "spectrum"
    assert inspector_form.named("ela") == "error_level" or "error_level" not in inspector_form.all_filters()
    assert inspector_form.named("") is None
    assert inspector(filter="../nonsense").session_state["inspector-way"] == inspector_form.GALLERY


def test_a_moved_slider_draws_another_picture_and_the_start_values_come_back(few) -> None:
    at = inspector(filter="bit_planes")
    before = looked_at(at)[0]
    at.slider(key="inspector-bit_planes-bit").set_value(6).run()
    after = looked_at(at)[0]
    assert "Bit 6" in told(at) and after["above"]["src"] != before["above"]["src"]
    assert after["below"]["src"] == before["below"]["src"]
    next(b for b in at.button if b.label.startswith("Reset")).click().run()
    assert looked_at(at)[0]["above"]["src"] == before["above"]["src"]


def test_a_band_and_a_choice_reach_the_filter(few) -> None:
    at = inspector(filter="band")
    at.slider(key="inspector-band-between").set_value((1.0, 9.0)).run()
    assert "Between 1 and 9, soft" in told(at).replace("\\", "")
    assert not at.exception


@pytest.mark.parametrize(("name", "words"), [("broken", "could not be applied"), ("spectrum", "differ in size")])
def test_what_cannot_lie_over_the_picture_is_said(few, name: str, words: str) -> None:
    at = inspector(filter=name)
    assert words in told(at).replace("\\", "") and not at.exception
    assert all(pane["above"] is None for pane in looked_at(at))


def test_an_evidence_map_lies_beside_the_picture(few) -> None:
    names = [n for n in inspector_form.choices() if n.startswith("map:")]
    at = inspector(filter=names[0])
    assert "shown side by side" in told(at) and not at.exception
    assert len(looked_at(at)) == 2


def test_a_part_is_chosen_where_the_picture_is_large_and_the_read_out_counts_from_the_whole(few, monkeypatch) -> None:
    monkeypatch.setattr(inspector_form, "SIDES", (32, 64))
    at = inspector(encoded(96, 64, orientation=6), filter="bit_planes")
    at.pills(key=f"inspector-one-{at.session_state['subject'].sha256[:12]}").set_value("32 px").run()
    across, _ = (s for s in at.slider if s.label.startswith("Centre"))
    across.set_value(100).run()
    assert looked_at(at)[0]["origin"][0] == 32 and not at.exception


@pytest.mark.parametrize("data", [encoded(1, 1), encoded(300, 2)], ids=["1x1", "300x2"])
def test_any_size_of_picture(few, data: bytes) -> None:
    assert not inspector(data).exception
    assert not inspector(data, filter="bit_planes").exception


def test_a_hostile_name_is_text(few) -> None:
    at = inspector(name="[x](javascript:alert(1)) **b** <script>\u202e.png", filter="bit_planes")
    assert not at.exception and "](javascript" not in told(at).replace("\\]", "")


def test_what_was_drawn_is_kept_within_bounds() -> None:
    calls: list[int] = []
    store = inspector_cache.LruCache(10, len)

    def make(n: int):
        return lambda: calls.append(n) or "x" * 4

    for n in (1, 2, 1, 3, 1, 2):
        store.get(n, make(n))
    assert calls == [1, 2, 3, 2]
    store.get(9, lambda: "x" * 99)
    assert store.get(9, lambda: "") == "x" * 99


def test_a_second_picture_lies_beside_the_first_under_the_same_filter(few) -> None:
    at = inspector(filter="bit_planes")
    at.file_uploader(key="inspector-second").set_value(("other.png", encoded(64, 48), "image/png")).run()
    one, two = looked_at(at)
    assert (one["title"], two["title"]) == ("photo.png", "other.png")
    assert two["above"]["alt"].startswith("Bit planes: ") and not at.exception
    assert len(at.get("download_button")) == 2
    at.file_uploader(key="inspector-second").set_value(("broken.png", b"nothing", "image/png")).run()
    assert "broken" in told(at) and len(looked_at(at)) == 1 and not at.exception


def test_the_views_that_are_kept_are_weighed_with_what_their_filters_made() -> None:
    held = {"a": np.zeros(10, np.uint8), "made": {"f": (np.zeros(5, np.float32), [np.zeros(3, np.uint8)])}, "n": 3}
    assert inspector_cache._bytes(held) == 10 + 20 + 3


@pytest.mark.parametrize("sent", [None, 3, {}, {"across": "0", "down": 0}, {"across": 2, "down": 0}, {"across": True, "down": 0},
                                  {"across": float("nan"), "down": 0}])  # fmt: skip
def test_a_place_that_makes_no_sense_moves_nothing(sent) -> None:
    assert viewer.read(sent) is None
    assert viewer.read({"across": 0.25, "down": 1}) == (0.25, 1.0)
