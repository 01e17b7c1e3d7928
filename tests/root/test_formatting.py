"""Figures are told with their interval, the same way everywhere; what is not known is said."""

import pytest

from cgid.formatting import decimal, difference, percentage, probability

FIGURE = {"value": 0.912, "low": 0.874, "high": 0.94}


def test_no_probability_is_a_certainty() -> None:
    said = [probability(p) for p in (0.0, 0.009, 0.01, 0.876, 0.99, 0.994, 1.0)]
    assert said == ["under 1 %", "under 1 %", "1 %", "88 %", "99 %", "over 99 %", "over 99 %"]


def test_value_and_interval() -> None:
    assert decimal(FIGURE) == "0.91 (0.87 to 0.94)"
    assert decimal(FIGURE, 3) == "0.912 (0.874 to 0.940)"
    assert percentage(FIGURE) == "91 % (87 to 94 %)"
    assert percentage(FIGURE, 1) == "91.2 % (87.4 to 94.0 %)"
    assert difference({"difference": 0.03, "low": -0.01, "high": 0.07}) == "+0.030 (-0.010 to +0.070)"


def test_a_figure_without_an_interval_says_so() -> None:
    assert decimal({"value": 0.5, "low": None, "high": None}) == "0.50 (no interval)"
    assert percentage({"value": 0.5}) == "50 % (no interval)"
    assert percentage({"value": 0.5, "low": float("nan"), "high": 1.0}) == "50 % (no interval)"


@pytest.mark.parametrize("nothing", [None, {}, {"value": None}, {"value": float("nan")}])
def test_no_figure_is_no_number(nothing) -> None:
    assert (decimal(nothing), percentage(nothing), difference(nothing)) == ("n/a",) * 3
    assert decimal(nothing, unknown="not defined") == "not defined"
