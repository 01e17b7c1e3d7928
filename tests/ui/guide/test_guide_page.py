"""The Feature guide: every group in words on any machine, and on two pictures where the demo was built."""

from __future__ import annotations

import csv
import hashlib
import json

import numpy as np
import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from cgid.features.registry import all_groups, group_record, search, to_csv
from cgid.settings import settings
from page_driver import open_page, text


@pytest.fixture
def demo():
    """A matched demo set of two scenes, as the real one lies on disk."""
    folder = settings().manifests / "demo_matched_4"
    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    rows = []
    for at, (label, generator, group) in enumerate(
        [("real", "cam", "one"), ("real", "cam", "two"), ("ai", "sim", "two"), ("ai", "render", "scene")]
    ):
        path = folder / f"{at}.jpg"
        Image.fromarray(random.integers(0, 255, (64, 64, 3), dtype=np.uint8)).save(path, quality=85)
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        rows.append({"filepath": path.name, "label": label, "generator": generator, "group": group, "sha256": sha256})
    with open(folder / "split.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder


def plain(app: AppTest) -> str:
    """As a person reads it: without the backslashes that keep words from being taken for Markdown."""
    return text(app).replace("\\", "")


@pytest.mark.parametrize("key", all_groups())
def test_every_group_is_told_in_words_without_the_demo(key):
    app, group = open_page("guide", group=key), all_groups()[key]
    said = plain(app)
    for words in (group.title, group.meaning, group.weakness, group.not_applicable, group.cite):
        assert words in said
    assert "has not been built" in said and app.get("page_link")
    assert app.table[0].value["column"].tolist() == [f"`{group.column(f.name)}`" for f in group.features]


@pytest.mark.parametrize("key", all_groups())
def test_every_group_shows_its_maps_and_values_of_both_pictures(key, demo):
    app, group = open_page("guide", group=key), all_groups()[key]
    images = app.get("image")
    assert len(images) == 2 + 2 * len(group.maps) and all(i.alt for e in images for i in e.proto.imgs)
    assert "imulated" in plain(app)
    for one in group.maps:
        assert one.legend in plain(app) and one.caution in plain(app)
    measured = app.table[0].value
    assert len(measured) == len(group.features) and {"photo", "generated"} <= set(measured)


def test_the_pair_shows_the_same_scene_where_there_is_one(demo):
    from cgid.ui.guide.pictures import pairs

    assert [(p.path.name, g.path.name) for p, g in pairs()] == [("0.jpg", "3.jpg"), ("1.jpg", "2.jpg")]


def test_a_picture_that_is_gone_or_broken_leaves_the_words(demo):
    st.cache_data.clear()  # what was drawn from these bytes before is kept by their sha256
    (demo / "0.jpg").write_bytes(b"\xff\xd8broken")
    assert "Not available for this image." in plain(open_page("guide", group="noise"))
    for path in demo.glob("*.jpg"):
        path.unlink()
    (demo / "split.csv").touch()
    assert all_groups()["noise"].meaning in plain(open_page("guide", group="noise"))


def test_search_in_words_and_family_narrow_the_groups(demo):
    app = open_page("guide")
    app.text_input(key="guide-search").set_value("Immerkaer operator").run()
    assert not app.exception and app.query_params["group"] == "noise"
    app.text_input(key="guide-search").set_value("no such word at all").run()
    assert not app.exception and "No group or feature matches" in plain(app)
    app.text_input(key="guide-search").set_value("")
    app.pills(key="guide-family").set_value("provenance").run()
    assert not app.exception and all_groups()[app.query_params["group"]].family == "provenance"


def test_an_unknown_group_in_the_address_opens_the_first():
    assert "Noise residual" in plain(open_page("guide", group="![x](http://127.0.0.1/a.png)"))


def test_found_needs_every_word_in_a_feature_or_in_the_groups_own_words():
    groups = all_groups()
    assert set(search(groups, "")) == set(groups)
    assert search(groups, "IMMERKAER operator") == {"noise": ["noise_sigma"]}
    assert search(groups, "immerkaer", "container") == {}


def test_the_registry_as_files_holds_every_feature_once():
    groups = all_groups().values()
    rows = list(csv.DictReader(to_csv(groups).splitlines()))
    assert [r["column"] for r in rows] == [g.column(f.name) for g in groups for f in g.features]
    assert all(r["meaning"] and r["citation"] for r in rows)
    record = json.loads(json.dumps(group_record(all_groups()["noise"])))
    assert record["not_applicable"] and record["features"][0]["unit"] and record["maps"][0]["legend"]


def test_the_command_line_says_the_same(capsys):
    from cgid.cli import main

    assert main.main(["features", "--groups", "noise", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [group_record(all_groups()["noise"])]
    assert main.main(["features", "--find", "immerkaer"]) == 0
    said = capsys.readouterr().out
    for words in ("Not applicable: ", "Weakness: ", "Source: ", "Map ", "1 group\n"):
        assert words in said
    assert main.main(["features", "--groups", "nope"]) == 2
