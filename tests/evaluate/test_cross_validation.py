"""Folds keep groups whole and classes in balance."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cgid.evaluate.cross_validation import grouped_folds, possible_folds


@given(st.integers(0, 1000), st.integers(2, 5))
@settings(max_examples=40, deadline=None)
def test_groups_stay_whole_and_every_fold_has_both_classes(seed, folds):
    random = np.random.default_rng(seed)
    codes = random.integers(0, 40, 150)
    codes = np.unique(codes, return_inverse=True)[1]
    label = (codes % 2 == 0).astype(int)
    fold = grouped_folds(label, codes, folds, seed)
    assert all(len(set(fold[codes == g])) == 1 for g in set(codes))
    for f in range(folds):
        assert set(label[fold == f]) == {0, 1}
        assert abs(label[fold == f].mean() - label.mean()) < 0.3
    assert (fold == grouped_folds(label, codes, folds, seed)).all()


def test_seeds_differ():
    label, codes = np.arange(60) % 2, np.arange(60)
    assert (grouped_folds(label, codes, 5, 1) != grouped_folds(label, codes, 5, 2)).any()


def test_fewer_groups_make_fewer_folds():
    label, codes = np.array([0, 0, 0, 0, 1, 1, 1, 1]), np.array([0, 0, 1, 2, 3, 4, 5, 6])
    assert possible_folds(label, codes, 5) == 3
    assert possible_folds(label[:4], codes[:4], 5) == 0
    assert possible_folds(np.array([0, 1, 1]), np.array([0, 1, 2]), 5) == 0
