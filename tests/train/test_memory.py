"""A step that does not fit: the sentence names a smaller batch, and so does the error, for programs."""

from __future__ import annotations

import pickle

import pytest

from cgid.train.memory import largest_that_fits, out_of_memory


def test_the_sentence_names_half_the_batch_and_so_does_the_suggestion():
    error = out_of_memory("The graphics card's", 48, 224)
    assert str(error) == (
        "The graphics card's memory is too small for 48 images of 224 px in one step; "
        "use a smaller --batch-size (try 24) or --image-size."
    )
    assert (error.code, error.suggestion) == ("out_of_memory", {"batch_size": 24})


def test_one_image_that_does_not_fit_has_no_smaller_batch():
    error = out_of_memory("The", 1, 512)
    assert (error.code, error.suggestion) == ("out_of_memory", None) and "try" not in str(error)


def test_code_and_suggestion_survive_the_way_between_processes():
    again = pickle.loads(pickle.dumps(out_of_memory("The", 8, 64)))
    assert (str(again), again.code, again.suggestion) == (
        str(out_of_memory("The", 8, 64)),
        "out_of_memory",
        {"batch_size": 4},
    )


@pytest.mark.parametrize(("room", "found"), [(64, 64), (63, 32), (9, 8), (1, 1), (0, 0)])
def test_halving_finds_the_first_batch_that_fits(room, found):
    asked = []
    assert largest_that_fits(64, lambda size: asked.append(size) or size <= room) == found
    assert asked == sorted(asked, reverse=True) and 0 not in asked
