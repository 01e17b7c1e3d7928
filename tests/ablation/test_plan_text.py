"""A plan in YAML is read as written, and every mistake is named with its line."""

import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cgid.ablation.plans import KEYS, read_plan_text, selected_columns, unmatched
from cgid.errors import InputError

COLUMNS = ["jpeg_quality", "noise_a", "ela_b"]
WORDS = st.text(st.characters(codec="ascii", categories=("Ll", "Nd")), min_size=1, max_size=8)
NAMES = st.from_regex(r"[a-z][a-z0-9_ .+-]{0,20}", fullmatch=True).filter(lambda n: n != "all" and n == n.strip())
PLANS = st.dictionaries(
    NAMES, st.dictionaries(st.sampled_from(KEYS), st.lists(WORDS, max_size=4), max_size=4), min_size=1, max_size=6
)


def test_a_plan_is_read_and_all_comes_first():
    plan = read_plan_text("pixels:\n  only_prefixes: [noise_, ela_]\nall:\n", "p.yaml")
    assert list(plan) == ["all", "pixels"] and plan["all"] == {}
    assert selected_columns(plan["pixels"], COLUMNS) == ["noise_a", "ela_b"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "p.yaml: a plan is a list of named configurations"),
        ("[a, b]", "line 1: a plan is a list of named configurations"),
        ("a: {}\nb: [", "line 2: not YAML"),
        (
            "a: {}\nb: {exclude_prefix: [x]}",
            "line 2: configuration `b` has the unknown key `exclude_prefix`; keys are exclude_",
        ),
        ("a:\n  only_prefixes: jpeg_", "line 2: `only_prefixes` of configuration `a` is not a list of names"),
        ("a:\n  only_features: [[x]]", "line 2: `only_features` of configuration `a` is not a list"),
        ("a:\n  only_features: ['']", "line 2: `only_features` of configuration `a` is not a list"),
        ("a: {}\nb: 3", "line 2: configuration `b` is not a mapping"),
        ("a: {}\na: {}", "line 2: configuration `a` occurs twice"),
        ("a: {}\n'<b>x</b>': {}", "line 2: the name of a configuration is up to 60 letters"),
        ("? [x]\n: {}", "line 1: the name of a configuration"),
        ("all: {exclude_prefixes: [jpeg_]}", "line 1: `all` selects every feature"),
        ("a: {}\n---\nb: {}", "line 2: not YAML"),
        ("a: \x00", "not YAML"),
        ("a: *nobody", "line 1: not YAML"),
        ("a: {}\n\tb: {}", "line 2: not YAML"),
        ("[" * 20_000, "p.yaml"),
        ('a: {"x\\ny": [b]}', "unknown key `x y`"),
        ("x" * 300_000, "at most 200000 characters"),
    ],
)
def test_a_mistake_is_named_with_its_line(text, words):
    with pytest.raises(InputError) as caught:
        read_plan_text(text, "p.yaml")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_one_arm_may_take_over_another():
    plan = read_plan_text("a: &a {only_prefixes: [noise_]}\nb:\n  <<: *a\n  exclude_features: [noise_a]\n", "p")
    assert plan["b"] == {"only_prefixes": ["noise_"], "exclude_features": ["noise_a"]}


def test_aliases_that_would_fill_the_memory_are_refused_at_once():
    lines = ["a0: &a0 [x, x]"] + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30)]
    began = time.process_time()
    with pytest.raises(InputError, match="line 1: configuration `a0` is not a mapping"):
        read_plan_text("\n".join(lines), "p")
    assert time.process_time() - began < 2


def test_words_that_fit_no_feature_are_said():
    plan = read_plan_text(
        "a: {exclude_prefixes: [jpge_]}\nb: {only_features: [noise, ela_b]}\nc: {only_features: [q]}", "p"
    )
    assert unmatched(plan, COLUMNS) == [
        "Configuration `a`: no feature of this table begins with `jpge_`.",
        "Configuration `b`: no feature of this table is called `noise`.",
        "Configuration `c`: no feature of this table is called `q`.",
    ]


@given(PLANS)
def test_what_was_written_is_what_is_read(plan):
    assert read_plan_text(yaml.safe_dump(plan), "p") == {"all": {}} | plan


@given(st.text(max_size=60) | st.text("ab:{}[]*&<>-'\"\n ,|", max_size=60))
def test_any_text_is_a_plan_or_one_sentence(text):
    try:
        plan = read_plan_text(text, "p")
    except InputError as error:
        assert str(error).startswith("p") and "\n" not in str(error)
    else:
        assert next(iter(plan)) == "all"


@given(PLANS)
def test_an_arm_keeps_columns_of_the_table_in_its_order(plan):
    for arm in plan.values():
        own = selected_columns(arm, COLUMNS)
        assert own == [c for c in COLUMNS if c in own]
        assert set(selected_columns({k: v for k, v in arm.items() if k.startswith("only")}, COLUMNS)) >= set(own)
