"""One image's answer from Model B: right against scikit-learn, calm about missing and wild values, and it adds up."""

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression

from cgid.errors import InputError
from cgid.evaluate.calibration import sigmoid
from cgid.files import write_json
from cgid.model_b.linear import INTERCEPT, LinearModel
from cgid.model_b.preparation import CLIP, Preparation, fit_preparation

NAMES = ("noise_a", "ela_b", "spectrum_c")


def raw_table(n=200, missing=0.2):
    random = np.random.default_rng(0)
    raw = random.normal([5, -3, 100], [1, 2, 30], size=(n, 3))
    raw[random.random(n) < missing, 1] = np.nan
    return raw


def block(**changes):
    made = fit_preparation(raw_table(), NAMES).to_json()
    made |= {"coefficients": [1.5, -0.5, 0.25, 0.75], "intercept": -0.2, "temperature": 2.0, "bias": 0.3}
    return made | changes


MODEL = LinearModel.from_json("all", block())


def test_missing_values_get_the_median_as_scikit_learn_does():
    raw = raw_table()
    made = fit_preparation(raw, NAMES)
    assert np.allclose(made.medians, SimpleImputer(strategy="median").fit(raw).statistics_)
    assert made.columns == (*NAMES, "ela_b is missing")
    assert np.isfinite(made.matrix(raw)).all()


def test_an_indicator_that_repeats_the_groups_own_flag_is_left_out():
    raw = raw_table()
    raw[:, 2] = np.where(np.isnan(raw[:, 1]), np.nan, raw[:, 2])
    assert fit_preparation(raw, NAMES).indicators == ("ela_b",)
    assert fit_preparation(raw, NAMES, np.isnan(raw[:, [1]]).astype(float)).indicators == ()


def test_one_wild_training_value_does_not_set_the_scale():
    raw = raw_table(missing=0)
    calm = fit_preparation(raw, NAMES)
    raw[0, 0] = 1e12
    assert np.allclose(fit_preparation(raw, NAMES).std, calm.std, rtol=0.05)


def test_a_rare_flag_keeps_its_scale():
    raw = raw_table(1000, missing=0)
    raw[:, 0] = 0
    raw[:3, 0] = 1
    made = fit_preparation(raw, NAMES)
    assert made.std[0] == pytest.approx(raw[:, 0].std())


def test_the_answer_is_the_hand_calculation():
    values = {"noise_a": 6.0, "ela_b": -2.0, "spectrum_c": 90.0}
    made = MODEL.preparation
    z = [(v - m) / s for v, m, s in zip([6.0, -2.0, 90.0, 0.0], made.mean, made.std)]
    logit = sum(c * x for c, x in zip([1.5, -0.5, 0.25, 0.75], z)) - 0.2
    assert MODEL.raw(values) == pytest.approx(1 / (1 + math.exp(-logit)))
    assert MODEL.probability(values) == pytest.approx(1 / (1 + math.exp(-(logit / 2 + 0.3))))


numbers = st.one_of(
    st.none(), st.floats(), st.integers(), st.sampled_from(["", "x", "1e5", "nan"]), st.just([]), st.booleans()
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from([*NAMES, "unknown_feature"]), numbers))
def test_whatever_the_values_the_contributions_sum_to_the_logit(values):
    parts = MODEL.contributions(values)
    assert {name for name, *_ in parts} == {*NAMES, INTERCEPT}
    assert math.fsum(part for *_, part in parts) == MODEL.logit(values)
    assert MODEL.logit(values) == pytest.approx(MODEL.raw_logit(values) / 2 + 0.3, abs=1e-9)
    assert 0 <= MODEL.probability(values) <= 1
    assert all(value is None or math.isfinite(value) for _, value, _ in parts)


@pytest.mark.parametrize("wild", [1e300, -1e300, math.inf, math.nan])
def test_one_wild_value_cannot_decide_alone(wild):
    values = {"noise_a": wild, "ela_b": -3, "spectrum_c": 100}
    moved = abs(MODEL.raw_logit(values) - MODEL.raw_logit(values | {"noise_a": 5}))
    assert moved <= CLIP * 1.5 + 0.5


def test_missing_and_absent_and_null_are_the_same():
    answers = {
        MODEL.probability(v) for v in ({"noise_a": 5}, {"noise_a": 5, "ela_b": None}, {"noise_a": 5, "ela_b": math.nan})
    }
    assert len(answers) == 1
    assert next(value for name, value, _ in MODEL.contributions({}) if name == "ela_b") is None


def test_scikit_learn_agrees_on_prepared_rows():
    raw = raw_table()
    label = (raw[:, 0] + np.random.default_rng(1).normal(0, 0.5, len(raw)) > 5).astype(int)
    made = fit_preparation(raw, NAMES)
    other = LogisticRegression().fit(made.matrix(raw), label)
    model = LinearModel.from_json(
        "all", block(coefficients=other.coef_[0].tolist(), intercept=float(other.intercept_[0]))
    )
    theirs = other.predict_proba(made.matrix(raw))[:, 1]
    ours = [model.raw(dict(zip(NAMES, row))) for row in raw]
    assert np.allclose(ours, theirs)


def test_content_only_is_used_unless_told_otherwise(tmp_path):
    write_json(tmp_path / "model_b.json", block(variants={"content_only": block(intercept=9.0)}))
    assert LinearModel.load(tmp_path).intercept == 9.0
    assert LinearModel.load(tmp_path, variant="all").intercept == -0.2
    write_json(tmp_path / "model_b.json", block())
    assert LinearModel.load(tmp_path).variant == "all"


@pytest.mark.parametrize(
    "changes",
    [
        {"coefficients": [1.0]},
        {"coefficients": ["x"] * 4},
        {"coefficients": [None] * 4},
        {"temperature": 0},
        {"medians": [1]},
        {"std": []},
        {"indicators": ["nobody"]},
        {"intercept": None},
    ],
)
def test_a_damaged_model_file_is_told_in_one_sentence(tmp_path, changes):
    write_json(tmp_path / "model_b.json", block(**changes))
    with pytest.raises(InputError, match="train Model B again"):
        LinearModel.load(tmp_path)


@pytest.mark.parametrize("content", ["", "[]", '"x"', "{"])
def test_a_file_that_is_no_model_is_told_in_one_sentence(tmp_path, content):
    (tmp_path / "model_b.json").write_text(content)
    with pytest.raises(InputError, match="train Model B again"):
        LinearModel.load(tmp_path)


def test_preparation_survives_being_written(tmp_path):
    made = fit_preparation(raw_table(), NAMES)
    again = Preparation.from_json(made.to_json())
    assert np.array_equal(again.matrix(raw_table()), made.matrix(raw_table()))


@pytest.mark.parametrize("logit", [-1e4, -3.0, 0.0, 3.0, 1e4])
def test_sigmoid_never_overflows(logit):
    assert sigmoid(logit) + sigmoid(-logit) == pytest.approx(1)


def test_the_check_path_loads_nothing_heavy():
    code = (
        "import sys, cgid.model_b.linear, cgid.model_b.estimators, cgid.runs.store;"
        "print([m for m in ('torch', 'sklearn', 'pandas', 'scipy', 'joblib') if m in sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )
