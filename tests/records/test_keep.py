"""A record carries its versions; its picture goes when the last record of it goes, and never before the record."""

from __future__ import annotations

import hashlib
import io

import numpy as np
import pytest
from PIL import Image

from cgid.records import keep, store
from cgid.settings import set_store_images


def picture(shade: int = 90) -> tuple[bytes, dict]:
    buffer = io.BytesIO()
    Image.fromarray(np.full((30, 40, 3), shade, np.uint8)).save(buffer, "PNG")
    sha256 = hashlib.sha256(buffer.getvalue()).hexdigest()
    return buffer.getvalue(), {"file": f"{shade}.png", "sha256": sha256, "verdict": "inconclusive"}


def test_a_record_says_by_what_it_was_made():
    data, found = picture()
    id = keep.save_check(found, data)
    [record] = store.analyses(id=id)
    made = record["check"]["versions"]
    assert made["record"] == 1 and made["libraries"]["numpy"] == np.__version__
    assert made["feature_groups"]["noise"] >= 1 and made["models"] == {"model_a": None, "model_b": None}
    told = {**found, "models": {"model_a": {"run": "another"}, "model_b": None}}
    [chosen] = store.analyses(id=keep.save_check(told))
    assert chosen["check"]["versions"]["models"] == {"model_a": {"run": "another", "weights": {}}, "model_b": None}
    [again] = store.analyses(id=keep.save_check({**found, "versions": {"cgid": "of then"}}))
    assert again["check"]["versions"] == {"cgid": "of then"}


def test_a_picture_stays_while_a_record_needs_it():
    data, found = picture()
    first, second = keep.save_check(found, data), keep.save_check(found, data)
    assert keep.delete_records([first]) == 1 and keep.thumbnail_path(found["sha256"])
    assert keep.delete_records([second]) == 1 and not keep.thumbnail_path(found["sha256"])
    assert keep.delete_records([second]) == 0


def test_all_records_go_with_all_pictures():
    for shade in (10, 20):
        data, found = picture(shade)
        keep.save_check(found, data)
    assert len(keep.all_thumbnails()) == 2
    assert keep.delete_records(None) == 2 and keep.all_thumbnails() == [] and store.count_analyses() == 0


def test_a_crash_between_row_and_picture_leaves_what_a_sweep_takes(monkeypatch: pytest.MonkeyPatch):
    (data, found), (other, needed) = picture(10), picture(20)
    id = keep.save_check(found, data)
    keep.save_check(needed, other)

    def crash(_contents):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(keep, "_delete_unneeded", crash)
        keep.delete_records([id])
    assert store.count_analyses() == 1 and len(keep.all_thumbnails()) == 2
    assert keep.sweep() == 1 and keep.all_thumbnails() == [needed["sha256"]] and keep.sweep() == 0


def test_never_keeps_the_record_without_its_picture_and_what_was_kept_can_go():
    data, found = picture()
    keep.save_check(found, data)
    set_store_images(False)
    assert keep.delete_thumbnails() == 1 and store.count_analyses() == 1
    keep.save_check(found, data)
    assert keep.all_thumbnails() == [] and store.count_analyses() == 2


def test_strange_files_in_the_folder_are_left_alone():
    data, found = picture()
    keep.save_check(found, data)
    strange = keep.thumbnail_path(found["sha256"]).parent / "holiday.webp"
    strange.write_bytes(b"mine")
    assert keep.delete_records(None) == 1 and strange.exists()
