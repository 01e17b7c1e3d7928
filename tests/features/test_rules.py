"""The table of rules: nothing fires on missing values, and the score is what the weights say."""

from __future__ import annotations

import math

import pytest

from cgid.features.groups.rules import GROUP, RULES, compute, fired
from cgid.features.registry import all_groups


def test_nothing_fires_on_nothing() -> None:
    assert fired({}) == []
    columns = [c for g in all_groups().values() for c in g.columns]
    assert fired(dict.fromkeys(columns, math.nan)) == []
    assert compute(None, {}) == {"forensic_score": 0.0, "fired_count": 0.0, "heaviest": 0.0}


def test_every_rule_reads_columns_that_exist() -> None:
    columns = {c for key in GROUP.after for c in all_groups()[key].columns}
    for rule in RULES:
        asked: list[str] = []
        for answer in (0.0, 1.0):
            rule.holds(lambda c, answer=answer, asked=asked: asked.append(c) or answer)
        assert asked and set(asked) <= columns, rule.code


def test_score_combines_the_weights_of_what_fired() -> None:
    values = {"metadata_generator_trace": 1.0, "c2pa_integrity": 0.0}
    weights = {r.code: r.weight for r in RULES}
    held = fired(values)
    assert [f.code for f in held] == ["generator_trace", "credentials_broken"]
    expected = 1 - (1 - weights["generator_trace"]) * (1 - weights["credentials_broken"])
    assert compute(None, values)["forensic_score"] == pytest.approx(expected)


def test_broken_credentials_do_not_declare_anything() -> None:
    values = {"c2pa_ai_flag": 1.0, "c2pa_signature_valid": 1.0, "hashes_match": 0.0, "c2pa_integrity": 0.0}
    assert [f.code for f in fired(values)] == ["credentials_broken"]


def test_codes_are_unique_and_sentences_are_sentences() -> None:
    assert len({r.code for r in RULES}) == len(RULES)
    assert all(r.sentence.endswith(".") and 0 < r.weight < 1 for r in RULES)
