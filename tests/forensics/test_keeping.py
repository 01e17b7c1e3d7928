"""A record carries its versions; its picture goes when the last record of it goes, and never before the record."""

from __future__ import annotations

import hashlib
import io

import numpy as np
import pytest
from PIL import Image

from cgid import db_analyses
from cgid.forensics import keeping, thumbnails
from cgid.preferences import store_images


def picture(shade: int = 90) -> tuple[bytes, dict]:
    buffer = io.BytesIO()
    Image.fromarray(np.full((30, 40, 3), shade, np.uint8)).save(buffer, "PNG")
    sha256 = hashlib.sha256(buffer.getvalue()).hexdigest()
    return buffer.getvalue(), {"file": f"{shade}.png", "sha256": sha256, "verdict": "inconclusive"}


def test_a_record_says_by_what_it_was_made():
    data, found = picture()
    id = keeping.keep(found, data)
    [record] = db_analyses.analyses(id=id)
    made = record["check"]["versions"]
    assert made["record"] == 1 and made["libraries"]["numpy"] == np.__version__
    assert made["feature_groups"]["noise"] >= 1 and made["models"] == {"model_a": None, "model_b": None}
    told = {**found, "models": {"model_a": {"run": "another"}, "model_b": None}}
    [chosen] = db_analyses.analyses(id=keeping.keep(told))
    assert chosen["check"]["versions"]["models"] == {"model_a": {"run": "another", "weights": {}}, "model_b": None}
    [again] = db_analyses.analyses(id=keeping.keep({**found, "versions": {"cgid": "of then"}}))
    assert again["check"]["versions"] == {"cgid": "of then"}


def test_a_picture_stays_while_a_record_needs_it():
    data, found = picture()
    first, second = keeping.keep(found, data), keeping.keep(found, data)
    assert keeping.forget([first]) == 1 and thumbnails.kept(found["sha256"])
    assert keeping.forget([second]) == 1 and not thumbnails.kept(found["sha256"])
    assert keeping.forget([second]) == 0


def test_all_records_go_with_all_pictures():
    for shade in (10, 20):
        data, found = picture(shade)
        keeping.keep(found, data)
    assert len(thumbnails.all_kept()) == 2
    assert keeping.forget(None) == 2 and thumbnails.all_kept() == [] and db_analyses.count_analyses() == 0


def test_a_crash_between_row_and_picture_leaves_what_a_sweep_takes(monkeypatch: pytest.MonkeyPatch):
    (data, found), (other, needed) = picture(10), picture(20)
    id = keeping.keep(found, data)
    keeping.keep(needed, other)

    def crash(_contents):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(keeping, "_forget_unneeded", crash)
        keeping.forget([id])
    assert db_analyses.count_analyses() == 1 and len(thumbnails.all_kept()) == 2
    assert keeping.sweep() == 1 and thumbnails.all_kept() == [needed["sha256"]] and keeping.sweep() == 0


def test_never_keeps_the_record_without_its_picture_and_what_was_kept_can_go():
    data, found = picture()
    keeping.keep(found, data)
    store_images(False)
    assert keeping.forget_pictures() == 1 and db_analyses.count_analyses() == 1
    keeping.keep(found, data)
    assert thumbnails.all_kept() == [] and db_analyses.count_analyses() == 2


def test_strange_files_in_the_folder_are_left_alone():
    data, found = picture()
    keeping.keep(found, data)
    strange = thumbnails.kept(found["sha256"]).parent / "holiday.webp"
    strange.write_bytes(b"mine")
    assert keeping.forget(None) == 1 and strange.exists()
