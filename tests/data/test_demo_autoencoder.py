"""The simulated generators: they learn, repeat exactly, and leave the traces of their up-sampling."""

import numpy as np
import pytest

from cgid.data.demo import autoencoder
from cgid.data.demo.plan import PHOTOS, random_crop


@pytest.fixture(scope="module")
def crops():
    rng = np.random.default_rng(0)
    return np.stack([random_crop(p, 96, rng) for p in PHOTOS[:8]])


@pytest.mark.parametrize("kind", autoencoder.KINDS)
def test_training_brings_copies_closer_and_is_repeatable(kind, crops):
    early, late, again = (autoencoder.train(kind, crops, 5, steps=s) for s in (1, 60, 60))
    assert all(np.array_equal(late[name], again[name]) for name in late)

    def error(weights):
        return np.mean(
            [np.abs(autoencoder.generate(kind, weights, c, True, 1) - c.astype(float)).mean() for c in crops]
        )

    assert error(late) < 0.5 * error(early)
    copy, same, other = (autoencoder.generate(kind, late, crops[0], True, s) for s in (1, 1, 2))
    assert copy.shape == crops[0].shape and np.array_equal(copy, same) and not np.array_equal(copy, other)


def test_copies_of_grey_photographs_are_grey(crops):
    weights = autoencoder.train("sim_nearest", crops, 5, steps=3)
    assert np.ptp(autoencoder.generate("sim_nearest", weights, crops[1], False, 1).astype(int), axis=2).max() == 0


def test_an_unknown_generator_is_refused(crops):
    with pytest.raises(ValueError, match="sim_unknown"):
        autoencoder.train("sim_unknown", crops, 1)
