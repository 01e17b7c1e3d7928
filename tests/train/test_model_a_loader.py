"""What a training step is fed: every row once, the same after a restart, and never a look at the label."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from cgid.models.image_cache import Images, shift_margin
from cgid.models.preprocess import FITS, Preprocess, resize_shorter_side
from cgid.train.loader import SampledAugmentation, augment_batch, batches, prefetch, rotate_flip


@pytest.fixture
def pool():
    with ThreadPoolExecutor(2) as made:
        yield made


def images_of(folder, pool, preprocess, shapes, budget=10**8) -> Images:
    random = np.random.default_rng(0)
    paths = []
    for i, shape in enumerate(shapes):
        paths.append(str(folder / f"{i}.png"))
        Image.fromarray(random.integers(0, 256, (*shape, 3), dtype=np.uint8)).save(paths[-1])
    images = Images(paths, preprocess, pool, shift_margin(preprocess), budget)
    assert list(images.fill(lambda done, total: None)) == list(range(len(shapes)))
    return images


def test_an_epoch_holds_every_row_once_in_batches_of_nearly_one_size():
    rows = np.arange(100, 165)
    made = batches(rows, 16, seed=1, epoch=0)
    assert sorted(np.concatenate(made)) == list(rows)
    assert {len(b) for b in made} == {13}
    assert not np.array_equal(np.concatenate(made), np.concatenate(batches(rows, 16, seed=1, epoch=1)))


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("budget", [0, 10**8])
def test_the_centre_of_what_training_keeps_is_what_inference_sees(tmp_path, pool, fit, budget):
    preprocess = Preprocess(32, fit)
    images = images_of(tmp_path, pool, preprocess, [(20, 90), (64, 64), (33, 41), (100, 77)], budget)
    expected = [preprocess.input_pixels(np.asarray(Image.open(p))) for p in images.paths]
    np.testing.assert_array_equal(images.centre_crops(np.arange(4)), np.stack(expected))


def test_crops_come_from_anywhere_in_the_middle_but_not_from_mirrored_edges(tmp_path, pool):
    images = images_of(tmp_path, pool, Preprocess(32, "crop"), [(200, 200), (40, 48), (10, 10)])
    assert images.slack.tolist() == [[32, 32], [8, 16], [4, 4]]
    source = np.asarray(Image.open(images.paths[1])).astype(int)
    views = {w.tobytes() for w in np.lib.stride_tricks.sliding_window_view(source, (32, 32, 3)).reshape(-1, 32, 32, 3)}
    for epoch in range(20):
        draws = SampledAugmentation.of(3, False, 0.0, seed=0, epoch=epoch)
        draws.flip[:] = False
        assert augment_batch(images, np.array([1]), draws)[0].astype(int).tobytes() in views


def test_scaled_pictures_shift_within_what_was_scaled_and_keep_their_up_and_down(tmp_path, pool):
    preprocess = Preprocess(32, "resize_crop", resize_to=40)
    assert shift_margin(preprocess) == 8 and shift_margin(Preprocess(32, "resize_crop", resize_to=32)) == 4
    images = images_of(tmp_path, pool, preprocess, [(200, 200), (60, 120), (10, 10)])
    assert images.slack.tolist() == [[8, 8], [8, 8], [8, 8]]
    scaled = resize_shorter_side(np.asarray(Image.open(images.paths[1])), 40).astype(int)
    views = {w.tobytes() for w in np.lib.stride_tricks.sliding_window_view(scaled, (32, 32, 3)).reshape(-1, 32, 32, 3)}
    for epoch in range(20):
        draws = SampledAugmentation.of(3, preprocess.fit == "crop", 0.0, seed=0, epoch=epoch)
        draws.flip[:] = False
        assert augment_batch(images, np.array([1]), draws)[0].astype(int).tobytes() in views


def test_draws_follow_from_seed_and_epoch_and_only_crops_are_turned():
    one, again, later = (SampledAugmentation.of(50, True, 0.5, 7, epoch) for epoch in (3, 3, 4))
    np.testing.assert_array_equal(one.shift, again.shift)
    assert not np.array_equal(one.shift, later.shift)
    assert set(one.rotations) == {0, 1, 2, 3} and set(SampledAugmentation.of(50, False, 0.5, 7, 3).rotations) == {0}
    assert 0 < (one.quality > 0).sum() < 50 and one.quality.max() < 96


def test_items_come_in_order_and_an_error_reaches_who_asks():
    assert list(prefetch(lambda x: x * x, range(7))) == [(x, x * x) for x in range(7)]
    with pytest.raises(ZeroDivisionError):
        list(prefetch(lambda x: 1 // x, [1, 0, 1]))


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("turns", range(4))
def test_turning_and_flipping_are_numpys_own(turns, flip):
    picture = np.random.default_rng(turns).integers(0, 256, (40, 37, 3), dtype=np.uint8)
    picture.setflags(write=False)
    view = picture[3:35, 4:36]
    expected = np.rot90(view, turns)[:, :: -1 if flip else 1]
    np.testing.assert_array_equal(rotate_flip(view, turns, flip), expected)
