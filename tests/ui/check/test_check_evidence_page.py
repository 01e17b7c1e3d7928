"""The evidence tab: strongest first, each with its strip, map and what fools it; older runs and no models at all."""

from __future__ import annotations

import io

import altair as alt
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from cgid.charts import feature_strip
from cgid.evaluate.class_distribution import ClassDistribution
from cgid.forensics.check import check
from model_b_run import promoted
from page_driver import text

WANTED = ("noise_sigma", "ela_mean_error", "spectrum_slope")


def picture(side: int = 64) -> bytes:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(0).normal(128, 20, (side, side, 3)).clip(0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def shown(data: bytes, found: dict):
    from streamlit.testing.v1 import AppTest

    def page(data, found):
        from cgid.ui.check.sections.evidence import SECTION
        from cgid.ui.check.subject import Subject

        SECTION.show(Subject(data, "a.png"), found)

    app = AppTest.from_function(page, kwargs={"data": data, "found": found}, default_timeout=60).run()
    assert not app.exception, [e.value for e in app.exception]
    return app


def test_with_training_data_the_strongest_comes_first_with_its_place_in_it():
    values = check(picture()).features
    folder = promoted({c: values[c] for c in WANTED})
    found = check(picture(), "a.png").to_json()
    app = shown(picture(), found)
    headlines = [m.value for m in app.markdown if m.value.startswith("**")]
    assert headlines[0].startswith("**Model B gives") and any(
        "100 images with a similar value were AI" in h for h in headlines
    )
    assert "Limitations" in text(app) and "Shaded" in text(app)
    assert "Train Model B again" not in text(app)
    assert "AI test images classified as real" in text(app)  # the figures of what weighs most are open at once
    assert any("of 100 training images were AI" in chart.proto.alt for chart in app.get("vega_lite_chart"))
    assert "sha256" in text(app) and not app.dataframe  # the numbers wait until they are asked for
    (folder / "reference.json").unlink()
    app = shown(picture(), found)
    assert "Train Model B again to compare this image with it" in text(app) and "Shaded" not in text(app)


def test_strips_of_simulated_images_say_so_and_prove_nothing_about_another_picture():
    values = check(picture()).features
    promoted({c: values[c] for c in WANTED}, source="demo_made")
    app = shown(picture(), check(picture(), "a.png").to_json())
    strips = [chart.proto for chart in app.get("vega_lite_chart") if "this image" in chart.proto.spec]
    assert strips and all("simulated training images" in one.spec + one.alt for one in strips)
    assert "This image is not one of them" in text(app) and "100 images with a similar value" not in text(app)


def test_without_models_values_and_maps_are_shown_and_speak_for_neither_side():
    app = shown(picture(), check(picture(), "a.png").to_json())
    assert "Without a Model B" in text(app) and "No training data is available for comparison" in text(app)


def test_a_single_pixel_gives_sentences_and_no_error(monkeypatch):
    monkeypatch.setattr("cgid.ui.check.sections.evidence.MAX_OPEN", 99)
    app = shown(picture(1), check(picture(1), "a.png").to_json())
    assert "Not applicable" in text(app)


def test_hostile_reasons_stay_text():
    found = check(picture(), "a.png").to_json()
    bad = "<script>alert(1)</script> [x](http://evil) $\\alpha$"
    fired = {"code": "generator_trace", "reason": bad, "weight": 0.9}
    found["rules"] = {"score": 1.0, "fired": [fired, fired]}  # and twice the same breaks nothing
    assert "[x](http" not in text(shown(picture(), found))


def spread(n: int = 200) -> ClassDistribution:
    random = np.random.default_rng(0)
    return ClassDistribution.of(np.concatenate([random.normal(0, 1, n), random.normal(2, 1, n)]), np.repeat([0, 1], n))


def test_the_strip_holds_all_images_of_each_class_and_agrees_with_a_histogram():
    random = np.random.default_rng(0)
    value = random.normal(0, 1, 400)
    whole = ClassDistribution.of(value, np.zeros(400), bins=200)
    grid = np.linspace(-1.5, 1.5, 13)
    expected = np.histogram(np.clip(value, -1.5, 1.5), grid)[0] / 400
    share = feature_strip.class_fractions(whole.edges, whole.real, grid)
    assert share.sum() == pytest.approx(1) and np.abs(share - expected).max() < 0.012
    assert feature_strip.class_fractions(whole.edges, whole.ai, grid).sum() == 0


@pytest.mark.parametrize("value", [None, 0.5, 99.0, -99.0])
def test_the_strip_says_in_words_where_the_image_lies(value):
    one = spread()
    near = one.neighbours(value) if value is not None and not one.outside(value) else None
    drawn = feature_strip.spec(one, value, "Some value", near)
    assert alt.LayerChart.from_dict(drawn).to_dict()["layer"]  # Vega-Lite as Altair checks it
    words = [row["word"] for layer in drawn["layer"] for row in layer["data"]["values"] if "word" in row]
    assert {"▲ Real photos", "▼ AI images"} <= set(words)  # told by place and word, not by colour
    assert any("this image" in w for w in words) is (value is not None)
    said = feature_strip.describe(one, value, near)
    expected = {None: "no value", 0.5: "of 100 training images were AI", 99.0: "above all 400", -99.0: "below all 400"}
    assert expected[value] in said


def test_a_constant_and_a_yes_no_feature_are_drawn_too():
    for values in (np.ones(20), np.repeat([0.0, 1.0], 10)):
        one = ClassDistribution.of(values, np.tile([0, 1], 10))
        rows = pd.DataFrame(feature_strip.spec(one, 1.0, "x")["layer"][0]["data"]["values"])
        assert rows.groupby("class")["share"].sum().tolist() == pytest.approx([1, 1])
