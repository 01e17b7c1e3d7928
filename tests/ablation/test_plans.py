"""The named plans keep what they say, whatever features a table has."""

from hypothesis import given
from hypothesis import strategies as st

from cgid.ablation.plans import PRESETS, every_plan, group_plans, selected_columns
from cgid.features.registry import FORMAT_PREFIXES

# {column: group}; a group is of one family
TABLES = st.dictionaries(
    st.from_regex(r"(jpeg|noise|metadata|ela|rule)_[a-c]", fullmatch=True),
    st.sampled_from(["g1", "g2", "g3", "g4"]),
    min_size=1,
    max_size=12,
)
FAMILY = {"g1": "content", "g2": "content", "g3": "container", "g4": "model"}


def family(groups: dict[str, str]) -> dict[str, str]:
    return {c: FAMILY[g] for c, g in groups.items()}


@given(TABLES)
def test_without_one_and_only_that_one_share_out_all_features(groups):
    plan, columns = group_plans(family(groups), groups), list(groups)
    assert next(iter(plan)) == "all" and selected_columns(plan["all"], columns) == columns
    for name in plan:
        if name.startswith("only_"):
            mine = selected_columns(plan[name], columns)
            rest = selected_columns(plan["without_" + name.removeprefix("only_")], columns)
            assert mine and rest and sorted(mine + rest) == sorted(columns) and not set(mine) & set(rest)


@given(TABLES)
def test_every_family_and_group_has_an_arm_unless_it_is_everything(groups):
    plan, columns = group_plans(family(groups), groups), list(groups)
    alone = [set(selected_columns(arm, columns)) for arm in plan.values()]
    for owner in (family(groups), groups):
        for name in set(owner.values()):
            assert {c for c in columns if owner[c] == name} in alone


@given(TABLES)
def test_no_two_arms_alone_keep_the_same(groups):
    plan, columns = group_plans(family(groups), groups), list(groups)
    alone = [tuple(selected_columns(arm, columns)) for name, arm in plan.items() if name.startswith("only_")]
    assert len(set(alone)) == len(alone)


@given(TABLES)
def test_everything_is_the_presets_first_then_the_groups(groups):
    plan = every_plan(family(groups), groups)
    assert list(plan)[:3] == list(PRESETS)
    assert set(plan) == set(PRESETS) | set(group_plans(family(groups), groups))


@given(TABLES)
def test_no_format_keeps_nothing_of_the_file(groups):
    kept = selected_columns(PRESETS["no_format"], list(groups))
    assert not [c for c in kept if c.startswith(FORMAT_PREFIXES)]
    assert kept == [c for c in groups if not c.startswith(FORMAT_PREFIXES)]
