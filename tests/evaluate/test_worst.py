"""The gallery of mistakes by hand: most confident first, both kinds, not many of one thing."""

from __future__ import annotations

import numpy as np

from cgid.evaluate.worst_errors import worst


def test_both_kinds_most_confident_first_by_hand():
    label = [0, 0, 0, 0, 1, 1, 1, 1]
    score = [0.1, 0.7, 0.9, 0.5, 0.4, 0.1, 0.6, 0.3]
    assert worst(label, score, 0.5, 4) == {"accused": [2, 1], "missed": [5, 7]}
    assert worst(label, score, 0.5) == {"accused": [2, 1, 3], "missed": [5, 7, 4]}
    assert worst(label, score, 0.95) == {"accused": [], "missed": [5, 7, 4, 6]}


def test_one_kind_fills_up_what_the_other_lacks():
    label, score = [0] * 5 + [1] * 5, [0.9, 0.8, 0.7, 0.6, 0.55] + [0.9] * 4 + [0.2]
    assert worst(label, score, 0.5, 4) == {"accused": [0, 1, 2], "missed": [9]}


def test_a_logit_orders_what_rounds_to_certainty():
    found = worst([0, 0, 0], [1.0, 1.0, 1.0], 0.5, strength=np.array([40.0, 60.0, 50.0]))
    assert found["accused"] == [1, 2, 0]


def test_two_of_one_group_and_images_without_a_group_all():
    score = [0.9, 0.89, 0.88, 0.87, 0.86, 0.85]
    assert worst([0] * 6, score, 0.5, groups=["a", "a", "a", "", "", ""])["accused"] == [0, 1, 3, 4, 5]


def test_four_of_one_origin_while_others_have_some_and_more_where_room_is_left():
    score = [0.99 - i / 100 for i in range(8)]
    origins = [("x", "")] * 6 + [("y", "")] * 2
    label = [0] * 8
    assert worst(label, score, 0.5, 6, origins=origins)["accused"] == [0, 1, 2, 3, 6, 7]
    assert worst(label, score, 0.5, 7, origins=origins)["accused"] == [0, 1, 2, 3, 4, 6, 7]


def test_rows_without_a_number_are_never_shown():
    assert worst([0, 1, np.nan], [np.nan, np.nan, 0.9], 0.5) == {"accused": [], "missed": []}
