"""A step that does not fit: the sentence names a smaller batch, and whoever shows the sentence can read it again."""

from __future__ import annotations

import pytest

from cgid.train.memory import largest_that_fits, smaller_batch, too_small


def test_the_sentence_names_half_the_batch_and_gives_it_back():
    words = too_small("The graphics card's", 48, 224)
    assert words == (
        "The graphics card's memory is too small for 48 images of 224 px in one step; "
        "use a smaller --batch-size (try 24) or --image-size."
    )
    assert smaller_batch(words) == 24


@pytest.mark.parametrize("words", [too_small("The", 1, 512), "", "The loss is no longer a number (try 4)."])
def test_sentences_without_a_smaller_batch_offer_none(words):
    assert smaller_batch(words) is None


@pytest.mark.parametrize(("room", "found"), [(64, 64), (63, 32), (9, 8), (1, 1), (0, 0)])
def test_halving_finds_the_first_batch_that_fits(room, found):
    asked = []
    assert largest_that_fits(64, lambda size: asked.append(size) or size <= room) == found
    assert asked == sorted(asked, reverse=True) and 0 not in asked
