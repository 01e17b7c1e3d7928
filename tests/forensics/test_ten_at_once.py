"""Ten people at once in one process: each gets the answer to their own picture, as if alone, and nobody waits for
models that another one chose."""

from __future__ import annotations

import io
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from PIL import Image

import sample_files
from cgid.data.demo.camera import CAMERAS, exif
from cgid.errors import InputError
from cgid.forensics import model_choice
from cgid.forensics.check import check
from cgid.forensics.model_choice import Choice, chosen_models
from cgid.forensics.samples import gallery
from cgid.forensics.samples.embed import with_location
from cgid.imaging.image_file import ImageFile
from cgid.metadata import exif as metadata_exif
from cgid.records import keep, store
from cgid.runs.store import set_current
from cgid.settings import settings
from cgid.ui.check import subject as subjects
from cgid.ui.check.subject import Subject
from planted_network import planted, planted_run

PEOPLE = 10
ROUNDS = 20


@pytest.fixture(autouse=True)
def impatient():
    """Threads take turns a thousand times as often, so that what can go wrong does."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(5e-6)
    yield
    sys.setswitchinterval(usual)


def at_once(steps: Sequence[Callable[[], Any]]) -> list[Any]:
    """Their results, in order; all begin at the same moment."""
    ready = threading.Barrier(len(steps))

    def begin(step: Callable[[], Any]) -> Any:
        ready.wait(timeout=30)
        return step()

    with ThreadPoolExecutor(len(steps)) as people:
        return list(people.map(begin, steps))


def photo(seed: int, side: int = 96) -> bytes:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(seed).normal(90 + 8 * seed, 25, (side, side, 3)).clip(0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def test_each_gets_the_answer_to_their_own_picture_as_if_alone() -> None:
    set_current(planted_run(settings().runs / "model_a" / "planted", np.full((8, 8), 0.2), bias=-6))
    pictures = [photo(seed) for seed in range(PEOPLE)]
    alone = [check(data, f"{n}.jpg").to_json() for n, data in enumerate(pictures)]
    assert len({found["model_a"]["probability"] for found in alone}) == PEOPLE
    together = at_once([lambda n=n, data=data: check(data, f"{n}.jpg").to_json() for n, data in enumerate(pictures)])
    assert together == alone


def test_no_tag_of_a_camera_is_lost_where_several_look_at_one_picture() -> None:
    tags = with_location(exif(CAMERAS[0], 200, 32, np.random.default_rng(1)), 28.6, -80.6, (32, 32))
    data = sample_files.jpeg(exif=tags)

    def told(image: ImageFile) -> tuple:
        return metadata_exif.tags(image), metadata_exif.ifd(image, "gps"), dict(image.exif)

    alone = told(ImageFile.from_bytes(data, "a.jpg"))
    assert len(alone[0]) > 10 and alone[1]
    for _ in range(ROUNDS):
        image = ImageFile.from_bytes(data, "a.jpg")
        assert at_once([lambda image=image: told(image)] * 6) == [alone] * 6


def test_a_picture_that_several_ask_for_is_decoded_once_and_few_are_at_the_same_time(monkeypatch) -> None:
    now, most, decoded, lock = 0, 0, [], threading.Lock()
    decode = ImageFile.from_bytes

    def watched(data: bytes, name: str) -> ImageFile:
        nonlocal now, most
        with lock:
            now, most = now + 1, max(most, now + 1)
            decoded.append(name)
        time.sleep(0.01)
        image = decode(data, name)
        with lock:
            now -= 1
        return image

    monkeypatch.setattr(ImageFile, "from_bytes", watched)
    monkeypatch.setattr(subjects, "_images", type(subjects._images)())
    data = photo(0)
    images = at_once([lambda n=n: Subject(data, f"{n % 3}.jpg").image for n in range(PEOPLE)])
    assert [image.name for image in images] == [f"{n % 3}.jpg" for n in range(PEOPLE)]
    assert most <= subjects.MAX_DECODERS and sorted(set(decoded)) == ["0.jpg", "1.jpg", "2.jpg"]
    assert len(decoded) <= 3 * subjects.MAX_DECODERS


def test_small_pictures_in_large_files_do_not_fill_the_memory(monkeypatch) -> None:
    monkeypatch.setattr(subjects, "_images", type(subjects._images)())
    monkeypatch.setattr(subjects, "MAX_CACHE_BYTES", 3_000_000)
    for n in range(6):
        assert Subject(photo(n) + bytes(1_000_000), f"{n}.jpg").image.width == 96
    assert [name for _, name in subjects._images] == ["4.jpg", "5.jpg"]


def test_models_that_one_person_chose_and_that_load_slowly_keep_nobody_else_waiting(tmp_path, monkeypatch) -> None:
    slow, quick = (Choice(str(planted(tmp_path / name, np.ones((8, 8)))), "none") for name in ("slow", "quick"))
    load, others_done, loads = model_choice._ChosenFiles.load, threading.Event(), []

    def held_up(places):
        loads.append(places.onnx.parent.name)
        if "slow" in loads[-1]:
            assert others_done.wait(timeout=30), "the others waited for the slow models"
        return load(places)

    monkeypatch.setattr(model_choice._ChosenFiles, "load", held_up)
    monkeypatch.setattr(model_choice, "_load_onnx_file", lambda path: (None, None, None))

    def other() -> Any:
        found = chosen_models(quick)
        others_done.set()
        return found

    *patient, other_one = at_once([lambda: chosen_models(slow)] * 3 + [other])
    assert all(models is patient[0] for models in patient) and other_one is not patient[0]
    assert sorted(loads) == ["quick", "slow"]


def test_models_that_cannot_be_loaded_are_told_to_everyone_and_are_tried_again(tmp_path) -> None:
    file = tmp_path / "no.onnx"
    file.write_bytes(b"no network")

    def told() -> str:
        with pytest.raises(InputError) as problem:
            chosen_models(Choice(str(file), "none"))
        return str(problem.value)

    assert len(set(at_once([told] * 4))) == 1
    assert not model_choice._loading and told()


def test_records_and_small_pictures_kept_at_once_are_all_there_and_each_is_its_own() -> None:
    pictures = {check(photo(n), f"{n}.jpg").sha256: photo(n) for n in range(PEOPLE)}
    found = [check(data, f"{sha256[:8]}.jpg").to_json() for sha256, data in pictures.items()]
    ids = at_once([lambda one=one: keep.save_check(one, pictures[one["sha256"]]) for one in found])
    assert len(set(ids)) == PEOPLE
    for id, one in zip(ids, found):
        (row,) = store.analyses(id=id)
        assert (row["sha256"], row["file"]) == (one["sha256"], one["file"])
        assert keep.thumbnail_path(one["sha256"])


def test_a_sample_that_several_ask_for_first_is_the_same_for_all() -> None:
    name = next(name for name, sample in gallery.all_samples().items() if sample.cacheable and "camera" not in name)
    gallery._create.cache_clear()
    pictures = at_once([lambda: gallery.sample_bytes(name)] * 4)
    assert pictures[0] and set(pictures) == {pictures[0]}
    gallery._create.cache_clear()
    assert gallery.sample_bytes(name) == pictures[0]
