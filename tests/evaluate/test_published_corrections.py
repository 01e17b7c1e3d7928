"""The corrected t and Holm's correction against published figures and against a procedure written another way."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t as student
from scipy.stats import ttest_1samp

from cgid.evaluate.significance import corrected_t, holm

SHARES = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def test_equals_the_published_comparison_of_two_kernels():
    """scikit-learn's example "Statistical comparison of models using grid search" compares the kernels rbf and linear
    over 100 folds: corrected t 0.750, one-sided p 0.227; uncorrected 2.611 and 0.005."""
    from sklearn.datasets import make_moons
    from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score
    from sklearn.svm import SVC

    x, y = make_moons(noise=0.352, random_state=1, n_samples=100)
    folds = RepeatedStratifiedKFold(n_splits=10, n_repeats=10, random_state=0)
    rbf, linear = (
        cross_val_score(SVC(kernel=kernel, random_state=0), x, y, scoring="roc_auc", cv=folds)
        for kernel in ("rbf", "linear")
    )
    found = corrected_t(rbf - linear, 10 / 90)
    assert round(found["t"], 3) == 0.750
    assert round(found["p"] / 2, 3) == 0.227
    plain = corrected_t(rbf - linear, 0)
    assert round(plain["t"], 3) == 2.611
    assert round(plain["p"] / 2, 3) == 0.005


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=30), st.floats(0, 1))
def test_without_a_correction_it_is_the_usual_t_test_and_with_one_its_formula(values, ratio):
    x = np.array(values)
    if x.std(ddof=1) < 1e-6:
        return
    plain, usual = corrected_t(x, 0), ttest_1samp(x, 0)
    assert plain["t"] == pytest.approx(usual.statistic, abs=1e-9)
    assert plain["p"] == pytest.approx(usual.pvalue, abs=1e-9)
    assert [plain["low"], plain["high"]] == pytest.approx(list(usual.confidence_interval()), abs=1e-9)
    n = len(x)
    t = x.mean() / np.sqrt((1 / n + ratio) * np.sum((x - x.mean()) ** 2) / (n - 1))
    found = corrected_t(x, ratio)
    assert found["t"] == pytest.approx(t, rel=1e-9, abs=1e-12)
    assert found["p"] == pytest.approx(2 * student.sf(abs(t), n - 1), abs=1e-9)


def test_holm_equals_the_documented_example_of_r():
    """`p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05), "holm")` is 0.05 0.08 0.09 0.09 0.09."""
    assert holm([0.01, 0.02, 0.03, 0.04, 0.05]) == pytest.approx([0.05, 0.08, 0.09, 0.09, 0.09])


@given(SHARES, st.floats(0.001, 0.5))
def test_holm_rejects_what_the_step_down_procedure_rejects(p, alpha):
    """Holm (1979): the smallest p against alpha / m, the next against alpha / (m - 1), until the first that stands."""
    order = sorted(range(len(p)), key=lambda i: p[i])
    rejected = set()
    for step, index in enumerate(order):
        if p[index] * (len(p) - step) > alpha:
            break
        rejected.add(index)
    assert set(np.flatnonzero(holm(p) <= alpha)) == rejected


@given(SHARES)
def test_holm_keeps_the_order_and_never_lowers_a_p_value(p):
    found = holm(p)
    assert (found >= np.array(p)).all() and (found <= 1).all()
    assert (np.diff(found[np.argsort(p, kind="stable")]) >= 0).all()
