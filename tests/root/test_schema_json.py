"""Results that cross rooms are serialised with the keys, the order and the values of `check --json` and of the files."""

from __future__ import annotations

import json

import pytest

from cgid.schema import (
    Agreement,
    ErrorRate,
    FeatureContribution,
    FusionAnswer,
    Interval,
    NetworkAnswer,
    RuleHit,
    RuleResult,
    SourceStatement,
)

# As recorded from `cgid check --json` and thresholds.json before these values had types.
RECORDED = {
    "model_a": (
        NetworkAnswer("a", 0.75, "inconclusive", 0.25, 0.875, raw=0.5, trained_on=True),
        '{"run": "a", "probability": 0.75, "raw": 0.5, "verdict": "inconclusive", "band": {"low": 0.25, "high": 0.875}, '
        '"trained_on": true}',
    ),
    "model_b": (
        FusionAnswer(
            *("b", 0.875, "likely_ai", 0.25, 0.75),
            variant="content_only",
            kind="linear",
            base_value=-0.5,
            logit=2.0,
            contributions=(FeatureContribution("noise_variance", None, 1.5),),
        ),
        '{"run": "b", "variant": "content_only", "probability": 0.875, "kind": "linear", "verdict": "likely_ai", '
        '"band": {"low": 0.25, "high": 0.75}, "start": -0.5, "logit": 2.0, '
        '"contributions": [{"feature": "noise_variance", "value": null, "contribution": 1.5}]}',
    ),
    "rules": (
        RuleResult(0.25, (RuleHit("thumbnail", "The thumbnail differs.", 0.25),)),
        '{"score": 0.25, "fired": [{"code": "thumbnail", "reason": "The thumbnail differs.", "weight": 0.25}]}',
    ),
    "agreement": (
        Agreement((SourceStatement("rules", "Fixed rules", "silent", "No rule applies."),), None, "None of the four."),
        '{"voices": [{"who": "rules", "title": "Fixed rules", "says": "silent", "why": "No rule applies."}], '
        '"agree": null, "sentence": "None of the four."}',
    ),
    "metric": (Interval(0.5, 0.25, None), '{"value": 0.5, "low": 0.25, "high": null}'),
    "error_rate": (
        ErrorRate(Interval(0.5, 0.25, 0.75), 4),
        '{"value": 0.5, "low": 0.25, "high": 0.75, "n": 4}',
    ),
}


@pytest.mark.parametrize("name", RECORDED)
def test_keys_order_and_values_are_those_recorded(name: str) -> None:
    value, recorded = RECORDED[name]
    assert json.dumps(value.to_dict()) == recorded
