"""The Feature explorer as a person uses it: every view, filters that narrow, tables that are odd."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from cgid.settings import settings
from page_driver import open_page, text

VIEWS = ("Distribution", "Two features", "Correlated features", "Missing values", "Unusual images")
ROWS = 90


def made(rows: int = ROWS) -> pd.DataFrame:
    """noise_sigma tells the classes apart, ela_std_error follows it, metadata_x is only there for real photos."""
    random = np.random.default_rng(0)
    label = np.arange(rows) % 2
    sigma = random.normal(size=rows) + 2 * label
    return pd.DataFrame(
        {
            "filepath": [f"{i}.png" for i in range(rows)],
            "label": np.where(label == 1, "ai", "real"),
            "source": np.where(np.arange(rows) % 3 == 0, "![x](http://127.0.0.1/a.png)", "web"),
            "generator": np.where(label == 1, "sim_a", "camera"),
            "split": np.where(np.arange(rows) % 5 == 0, "test", "train"),
            "noise_sigma": sigma,
            "ela_std_error": np.exp(sigma),
            "texture_flat": random.normal(size=rows),
            "metadata_camera_present": np.where(label == 1, np.nan, 1.0),
        }
    )


@pytest.fixture
def table():
    folder = settings().features / "mine"
    folder.mkdir(parents=True)
    made().to_parquet(folder / "features.parquet")
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(folder / "0.png")
    return folder / "features.parquet"


def test_without_a_table_it_says_what_to_do():
    app = open_page("explorer")
    assert len(app.get("page_link")) >= 2 and "feature table" in text(app)


def test_a_link_of_an_earlier_version_opens_the_view_of_today(table):
    app = open_page("explorer", view="Alike features")
    assert next(b for b in app.button_group if b.label == "View").value == "Correlated features"


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_draws_something_and_offers_the_rows(table, view):
    app = open_page("explorer", view=view)
    assert app.get("vega_lite_chart") or app.get("plotly_chart") or app.get("arrow_vega_lite_chart")
    assert len(app.get("download_button")) == 2
    assert f"{ROWS} of {ROWS} images" in text(app)


@pytest.mark.parametrize("draw", ["Histogram", "Violin", "ECDF"])
@pytest.mark.parametrize("by", ["class", "generator", "source"])
def test_a_feature_is_drawn_in_three_ways_over_any_groups(table, draw, by):
    app = open_page("explorer", draw=draw, by=by, feature="texture_flat")
    assert app.selectbox(key="choose-feature").value == "texture_flat"
    assert len(app.dataframe[0].value) == {"class": 2, "generator": 2, "source": 4}[by]


def test_the_feature_that_tells_most_apart_comes_first(table):
    options = open_page("explorer").selectbox(key="choose-feature").options
    assert options[0].startswith(("noise_sigma", "ela_std_error")) and "separation 0.8" in options[0]


def test_filters_narrow_rows_and_features_and_what_is_handed_out(table):
    app = open_page("explorer")
    app.multiselect(key="explore-split").set_value(["test"])
    app.pills(key="explore-families").set_value(["content"]).run()
    assert not app.exception
    assert "18 of 90 images (9 real, 9 AI)" in text(app) and "`test`" in text(app)
    assert all("metadata" not in option for option in app.selectbox(key="choose-feature").options)


def test_the_downloads_hold_the_filtered_rows_and_features(table):
    from cgid.ui.explorer import table as read
    from cgid.ui.explorer.view import _rows_as

    key = read.key_of(table)
    filters = (("split", ("test",)), ("class", ("AI image",)))
    selection = read.Selection(key, filters, read.about(key), read.rows(key, filters), ("noise_sigma",))
    expected = made().query("split == 'test' and label == 'ai'").drop(columns=["ela_std_error", "texture_flat", "metadata_camera_present"])  # fmt: skip
    for kind, reader in (("parquet", pd.read_parquet), ("csv", pd.read_csv)):
        found = reader(io.BytesIO(_rows_as(selection, kind)))
        pd.testing.assert_frame_equal(found, expected.reset_index(drop=True), check_dtype=False)


def test_a_gap_in_one_class_is_named(table):
    said = text(open_page("explorer", view="Missing values"))
    assert "metadata_camera_present" in said and "0.0 %" in said and "100.0 %" in said and "sign of AI images" in said


def test_features_that_say_the_same_are_one_cluster(table):
    app = open_page("explorer", view="Correlated features")
    assert "3 features form 2 clusters" in text(app)
    assert [list(m) for m in app.dataframe[0].value["members"]] == [["noise_sigma", "ela_std_error"]]


def test_an_image_that_stands_out_is_shown_first(table):
    frame = made()
    frame.loc[0, "texture_flat"] = 1e6
    frame.to_parquet(table)
    app = open_page("explorer", view="Unusual images", unusual="One feature", feature="texture_flat")
    assert "1 of 45 (Real photo)" in text(app) and "`1e+06, z +" in text(app)


def test_words_of_a_table_are_never_read_as_markdown(table):
    app = open_page("explorer", by="source")
    app.multiselect(key="explore-source").set_value(["![x](http://127.0.0.1/a.png)"]).run()
    assert not app.exception
    assert "`![x](http://127.0.0.1/a.png)`" in text(app)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("case", ["one row", "one class", "no labels", "empty", "all missing", "bare csv"])
def test_odd_tables_end_in_a_picture_or_a_sentence(table, view, case):
    frame = made(20)
    frame = {
        "one row": frame.head(1),
        "one class": frame[frame.label == "ai"],
        "no labels": frame.drop(columns=["label", "source", "generator", "split", "filepath"]),
        "empty": frame.head(0),
        "all missing": frame.assign(noise_sigma=np.nan, ela_std_error=np.nan, texture_flat=np.nan),
        "bare csv": frame[["label", "noise_sigma", "texture_flat"]],
    }[case]
    table.unlink()
    frame.to_csv(table.with_suffix(".csv"), index=False) if case == "bare csv" else frame.to_parquet(table)
    assert text(open_page("explorer", view=view))
    if view == "Unusual images":
        open_page("explorer", view=view, unusual="One feature")
    if view == "Two features":
        open_page("explorer", view=view, dots="Density")


def test_a_damaged_table_is_one_sentence(table):
    table.write_bytes(b"not a table")
    assert "cannot be read as a feature table" in open_page("explorer").error[0].value.replace("\\", "")


def test_a_box_finds_the_images_that_were_not_drawn_too():
    from cgid.ui.explorer.scatter import _in_box

    xs, ys = np.arange(10.0), np.arange(10.0)[::-1]
    assert _in_box({"x": [6, 3], "y": [0, 5]}, xs, ys, np.array([4, 5, 9])).tolist() == [4, 5]
    assert _in_box({}, xs, ys, np.arange(10)) is None
