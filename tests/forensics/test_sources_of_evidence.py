"""Who agrees with whom is told side by side: a model that is unsure, silent or absent speaks for neither side."""

from __future__ import annotations

from cgid.forensics.agreement import agreement
from cgid.schema import ModelAnswer, RuleHit, RuleResult


def said(verdict: str, p: float = 0.9, **more) -> ModelAnswer:
    return ModelAnswer("run", p, verdict, 0.3, 0.8, **more)


NOTHING: dict = {"declares": "", "statements": []}
QUIET = RuleResult(0.1)


def test_models_that_say_the_same_agree() -> None:
    told = agreement(NOTHING, said("likely_ai"), said("likely_ai"), QUIET, "model_b")
    assert told.agree is True
    assert told.sentence == "Model B and Model A agree: both point to AI."
    assert [v.statement for v in told.statements] == ["silent", "likely_ai", "likely_ai", "silent"]


def test_a_conflict_names_both_sides_and_whom_the_answer_follows() -> None:
    told = agreement(NOTHING, said("likely_real"), said("likely_ai"), QUIET, "model_b")
    assert told.agree is False
    assert told.sentence.startswith("The sources disagree: Model B for AI, Model A for a real photo.")
    assert "follows Model B" in told.sentence


def test_what_the_file_declares_against_the_models_is_a_conflict() -> None:
    declared = {"declares": "ai", "by": "It says so.", "statements": []}
    told = agreement(declared, said("likely_real"), said("likely_real"), QUIET, "provenance")
    assert told.agree is False
    assert "The declared origin for AI, Model B and Model A for a real photo." in told.sentence
    assert told.sentence.endswith("follows the declared origin, which outranks statistical evidence.")


def test_models_that_know_nothing_of_the_picture_are_quoted_and_speak_for_no_side() -> None:
    told = agreement(NOTHING, said("likely_real"), said("likely_ai"), QUIET, out_of_domain=True)
    assert told.agree is None and told.sentence == "None of the four sources points to a side."
    assert [v.statement for v in told.statements][1:3] == ["likely_ai", "likely_real"]
    assert all("No finding here" in v.explanation for v in told.statements[1:3])


def test_who_is_unsure_speaks_for_no_side() -> None:
    told = agreement(NOTHING, said("inconclusive"), said("likely_ai"), QUIET, "model_b")
    assert told.agree is None
    assert told.sentence == "Only one of the four sources points to a side: Model B."
    assert agreement(NOTHING, None, None, RuleResult()).sentence == "None of the four sources points to a side."


def test_rules_from_one_half_point_to_ai_and_forged_credentials_warn() -> None:
    forged = {"declares": "", "statements": [], "credentials": {"fits_picture": False}}
    told = agreement(forged, None, said("likely_ai"), RuleResult(None, (RuleHit("watermark", weight=0.5),)), "model_b")
    assert [v.statement for v in told.statements] == ["warns", "likely_ai", "silent", "points_to_ai"]
    assert told.agree is True


def test_rules_that_repeat_the_file_are_no_second_voice_and_signs_of_edits_do_not_point_to_ai() -> None:
    declared = {"declares": "ai", "by": "It says so.", "statements": []}
    twice = RuleResult(0.95, (RuleHit("generator_trace", weight=0.95), RuleHit("thumbnail", weight=0.25)))
    told = agreement(declared, None, None, twice, "provenance")
    assert told.agree is None and told.sentence == "Only one of the four sources points to a side: The declared origin."
    assert told.statements[-1].explanation.startswith("1 rule applies in addition to the declared origin")
    edits = tuple(RuleHit(code, weight=0.4) for code in ("credentials_broken", "thumbnail", "contradictions"))
    assert agreement(NOTHING, None, None, RuleResult(0.78, edits)).statements[-1].statement == "silent"


def test_no_model_is_quoted_with_certainty() -> None:
    told = agreement(NOTHING, said("likely_real", 0.0001), said("likely_ai", 0.99999, trained_on=True), QUIET)
    by = {v.source: v.explanation for v in told.statements}
    assert "under 1 %" in by["model_a"] and "over 99 %" in by["model_b"]
    assert "trained on this exact image" in by["model_b"]
