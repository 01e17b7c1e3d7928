"""Whether pictures are kept: the home's choice, the environment before it, and no wherever that cannot be read."""

from __future__ import annotations

import pytest

from cgid.files import read_json, write_json
from cgid.settings import set_by_environment, set_store_images, settings, stores_images


def test_small_copies_are_kept_until_somebody_says_never():
    assert stores_images() and not set_by_environment()
    set_store_images(False)
    assert not stores_images()
    set_store_images(True)
    assert stores_images()


@pytest.mark.parametrize(("said", "kept"), [("never", False), (" NEVER ", False), ("small", True), ("nevr", False)])
def test_the_environment_overrules_the_choice_and_a_slip_in_it_counts_as_never(said, kept, monkeypatch):
    set_store_images(not kept)
    monkeypatch.setenv("CGID_STORE_IMAGES", said)
    assert stores_images() is kept and set_by_environment()


@pytest.mark.parametrize("content", ["", "[]", "{", '{"store_images": 7}', "\0"])
def test_a_damaged_file_keeps_nothing_and_can_be_chosen_anew(content):
    path = settings().artifacts / "preferences.json"
    path.parent.mkdir(parents=True)
    path.write_text(content)
    assert not stores_images()
    set_store_images(True)
    assert stores_images()


def test_other_choices_in_the_file_stay():
    path = settings().artifacts / "preferences.json"
    write_json(path, {"other": 1})
    set_store_images(False)
    assert read_json(path) == {"other": 1, "store_images": "never"}
