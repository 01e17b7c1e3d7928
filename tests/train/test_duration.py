"""The estimate's arithmetic, by hand: what a training does, times what each piece costs."""

from __future__ import annotations

import pytest

from cgid.train.duration import Span, UnitCosts, Work, duration, same_work, span
from cgid.train.estimate import StepClock, TimingComplete


def one(seconds: float) -> Span:
    return Span(seconds, seconds, seconds)


def test_what_a_training_does_is_counted_image_by_image():
    work = Work(train=100, val=41, test=30, external=20, epochs=5, cross_fit=4)
    assert work.read == 191
    assert work.trained == 500
    assert work.cross_fitted == 4 * 5 * 75, "four parts of 75 images, five epochs each"
    assert work.predicted == 5 * 21 + 191 + 100
    assert work.saved == 5 + 5 + 4 * 5, "last.pt and the best weights of the run, last.pt of each part"


def test_without_cross_fit_nothing_is_trained_or_judged_twice():
    work = Work(train=100, val=40, test=30, external=0, epochs=2, cross_fit=0)
    assert (work.cross_fitted, work.predicted, work.saved) == (0, 2 * 20 + 170, 4)


def test_the_whole_is_the_sum_of_its_parts_and_names_the_largest():
    work = Work(train=10, val=4, test=4, external=2, epochs=3, cross_fit=2)
    found = duration(work, UnitCosts(one(0.1), Span(0.5, 1.0, 2.0), one(0.01), one(0.2), one(9.0)))
    assert {name: round(part.expected, 6) for name, part in found.parts.items()} == {
        "reading images": 2.0,  # 20 x 0.1
        "training": 30.0,  # 3 x 10 x 1.0
        "cross-fit": 30.0,  # 2 parts x 3 x 5 x 1.0
        "judging": 0.36,  # (3 x 2 + 20 + 10) x 0.01
        "checkpoints": 2.4,  # (3 + 3 + 2 x 3) x 0.2
        "export": 9.0,
    }
    assert found.total.expected == pytest.approx(73.76)
    assert found.total.low == pytest.approx(43.76) and found.total.high == pytest.approx(133.76)
    assert found.largest == "training" and found.largest_fraction == pytest.approx(30 / 73.76)
    assert found.total.text() == "44 s to 2 min 14 s"
    assert Span(60.0, 970.0, 1020.4).text() == "1 min to 17 min" and Span(7200.0, 7210.0, 7205.0).text() == "2 h 0 min"


def test_a_range_comes_from_the_measured_pieces_and_holds_the_mean():
    found = span([(n / 10, 1) for n in range(1, 12)])  # 0.1 … 1.1 s an image
    assert (found.low, found.expected, found.high) == pytest.approx((0.2, 0.6, 1.0))
    found = span([(1.0, 10), (1.0, 10), (1.0, 10), (97.0, 10)])
    assert found.expected == pytest.approx(2.5) and found.low == pytest.approx(0.1) and found.high >= 2.5
    assert span([]) == Span(0, 0, 0) == span([(1.0, 0)])
    assert span([(3.0, 2)]) == one(1.5)


def test_learning_rate_seed_and_name_take_no_time_but_everything_else_counts():
    here = {"epochs": 3, "lr": 1e-4, "seed": 1, "output_dir": "/a", "resume": False}
    assert same_work(here, here | {"lr": 1e-3, "seed": 2, "output_dir": "/b", "resume": True})
    assert not same_work(here, here | {"epochs": 4}) and not same_work(here, here | {"workers": 2})


def clocked(seconds: list[float], steps_per_sample: int = 1) -> StepClock:
    """A clock that has seen steps of so many seconds, four images each, until it had enough."""
    at = [0.0]
    clock = StepClock(4, steps_per_sample, lambda: None, lambda: at[0])
    for step, each in enumerate(seconds, 1):
        at[0] += each
        try:
            clock.on_progress(step)
        except TimingComplete:
            break
    return clock


def test_steps_are_timed_once_the_batches_made_before_are_used_up():
    assert clocked([9.0, 0.5, 0.5, 1.0, 2.0, 3.0, 4.0]).samples == [(0.5, 4), (0.5, 4), (1.0, 4), (2.0, 4), (3.0, 4)], (
        "a slow first step warms up by itself"
    )
    assert clocked([0.25, 0.25, 0.25, 2.0, 2.0, 2.0, 2.0, 2.0]).samples == [(2.0, 4)] * 4, "ends after six seconds"
    assert clocked([0.25, 0.25, 0.25, 20.0, 20.0]).samples == [(20.0, 4)], "one slow step says enough"


def test_a_device_that_answers_late_is_timed_several_steps_at_once():
    assert clocked([0.25] * 3 + [0.5] * 9, steps_per_sample=4).samples == [(2.0, 16), (2.0, 16)]
