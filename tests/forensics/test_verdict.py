"""One verdict from the evidence, and a reason that says where it comes from and how often it is wrong."""

from __future__ import annotations

import pytest

from cgid.forensics.verdict import NO_MODEL, SIMULATED, decide
from cgid.schema import ModelAnswer, RuleHit, RuleResult

NOTHING = {"declares": "", "by": "", "statements": []}
QUIET = RuleResult(0.0)
RATES = {
    "likely_ai_wrong": {"value": 0.04, "low": 0.01, "high": 0.09, "n": 120},
    "likely_real_wrong": {"value": 0.1, "low": 0.05, "high": 0.2, "n": 80},
}


def model(probability: float, low: float = 0.3, high: float = 0.8, **more) -> ModelAnswer:
    verdict = "likely_ai" if probability >= high else "likely_real" if probability < low else "inconclusive"
    return ModelAnswer("run", probability, verdict, low, high, **more)


def test_without_a_model_it_says_so_and_accuses_nobody() -> None:
    loud = RuleResult(0.9, (RuleHit("upsampling_peaks", "The spectrum peaks."),))
    verdict = decide(NOTHING, None, None, loud)
    assert (verdict.verdict, verdict.probability, verdict.decided_by) == ("inconclusive", None, "")
    assert NO_MODEL in verdict.reason
    assert "The spectrum peaks." in verdict.reason


def test_a_declaration_outweighs_the_models_and_their_word_is_still_told() -> None:
    declared = {"declares": "ai", "by": "Its credentials say so.", "statements": []}
    verdict = decide(declared, model(0.1), model(0.1), QUIET)
    assert (verdict.verdict, verdict.decided_by) == ("declared_ai", "provenance")
    assert verdict.reason.startswith("Its credentials say so.")
    assert "would answer likely real" in verdict.reason


@pytest.mark.parametrize(
    ("p", "expected"),
    [(0.9, "likely_ai"), (0.8, "likely_ai"), (0.5, "inconclusive"), (0.3, "inconclusive"), (0.1, "likely_real")],
)
def test_model_b_decides_before_model_a(p: float, expected: str) -> None:
    verdict = decide(NOTHING, model(0.99), model(p), QUIET)
    assert (verdict.verdict, verdict.probability, verdict.decided_by) == (expected, p, "model_b")


def test_model_a_decides_alone() -> None:
    assert decide(NOTHING, model(0.9), None, QUIET).decided_by == "model_a"


def test_the_share_of_wrongly_accused_photos_stands_in_the_reason() -> None:
    reason = decide(NOTHING, None, model(0.9), QUIET, error_rates=RATES).reason
    assert "real photos wrongly classified as AI was 4 % (of 120, interval 1 % to 9 %)" in reason
    assert (
        "AI images wrongly classified as real was 10 %"
        in decide(NOTHING, None, model(0.1), QUIET, error_rates=RATES).reason
    )
    assert "wrongly" not in decide(NOTHING, None, model(0.5), QUIET, error_rates=RATES).reason


def test_disagreement_is_named() -> None:
    loud = RuleResult(0.7, (RuleHit("credentials_partly_ai", "x", 0.7),))
    reason = decide(NOTHING, model(0.95), model(0.1), loud).reason
    assert "Disagreement: Model A alone would answer likely AI and the rules point to AI." in reason
    assert "do not agree" not in decide(NOTHING, model(0.95), model(0.9), loud).reason


def test_demonstration_models_and_training_images_are_named() -> None:
    assert decide(NOTHING, None, model(0.9), QUIET, simulated=True).reason.startswith(SIMULATED)
    assert "trained on this exact image" in decide(NOTHING, model(0.9, trained_on=True), None, QUIET).reason


def test_a_model_that_cannot_be_used_is_named_in_place_of_none_exists() -> None:
    verdict = decide(NOTHING, None, None, QUIET, problems=["Model A was left out: damaged."])
    assert "Model A was left out" in verdict.reason
    assert NO_MODEL not in verdict.reason


def test_a_watermark_is_likely_ai() -> None:
    marked = RuleResult(0.9, (RuleHit("watermark", "x"),))
    assert decide(NOTHING, None, model(0.1), marked).verdict == "likely_ai"


def test_no_reason_ever_shows_certainty() -> None:
    reason = decide(NOTHING, None, model(0.99999), QUIET).reason
    assert "100 %" not in reason
    assert "over 99 %" in reason
    assert "0 %" not in decide(NOTHING, None, model(0.00001, low=0.15), QUIET).reason.replace("80 %", "")


def test_models_of_simulated_data_are_not_quoted_beside_what_a_file_declares() -> None:
    declared = {"declares": "ai", "by": "Its credentials say so.", "statements": []}
    verdict = decide(declared, None, model(0.9), QUIET, simulated=True, out_of_domain=True)
    assert (verdict.verdict, verdict.reason, verdict.probability) == ("declared_ai", "Its credentials say so.", None)
