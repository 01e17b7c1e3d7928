"""Which features each arm of an ablation keeps: the presets, one arm per family or group, or a person's own plan.

A plan is {name: {"exclude_prefixes": […], "exclude_features": […], "only_prefixes": […], "only_features": […]}}; the
arm `all` is always first.

Reads an ablation plan from YAML text, with the line of every mistake: a plan is foreign input.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cgid.errors import InputError
from cgid.features.registry import FORMAT_FEATURES, FORMAT_PREFIXES

PRESETS: dict[str, dict[str, list[str]]] = {
    "all": {},
    "no_jpeg": {"exclude_prefixes": ["jpeg_"]},
    "no_format": {"exclude_prefixes": list(FORMAT_PREFIXES), "exclude_features": list(FORMAT_FEATURES)},
}
KEYS = ("exclude_prefixes", "exclude_features", "only_prefixes", "only_features")


def group_plans(families: Mapping[str, str], groups: Mapping[str, str]) -> dict[str, dict[str, list[str]]]:
    """Leave one family or group out, and only one of them, for features present. families, groups: {column: name}.

    An arm that would be the same as another (a family of one group) is left out, as is one that would keep nothing.
    """
    plans: dict[str, dict[str, list[str]]] = {"all": {}}
    seen: set[frozenset[str]] = set()
    for kind, owner in (("family", families), ("group", groups)):
        for name in sorted(set(owner.values())):
            own = sorted(c for c, n in owner.items() if n == name)
            if frozenset(own) in seen or len(own) == len(owner):
                continue
            seen.add(frozenset(own))
            plans[f"without_{kind}_{name}"] = {"exclude_features": own}
            plans[f"only_{kind}_{name}"] = {"only_features": own}
    return plans


def every_plan(families: Mapping[str, str], groups: Mapping[str, str]) -> dict[str, dict[str, list[str]]]:
    """The presets, then all of `group_plans`."""
    return PRESETS | group_plans(families, groups)


def keeps(arm: Mapping[str, Sequence[str]], columns: Sequence[str]) -> list[str]:
    """Columns an arm keeps, in their order."""
    prefixes, features = tuple(arm.get("exclude_prefixes", ())), set(arm.get("exclude_features", ()))
    kept = [c for c in columns if not c.startswith(prefixes) and c not in features]
    if "only_prefixes" in arm or "only_features" in arm:
        prefixes, features = tuple(arm.get("only_prefixes", ())), set(arm.get("only_features", ()))
        kept = [c for c in kept if c.startswith(prefixes) or c in features]
    return kept


LARGEST_TEXT, MOST_ARMS = 200_000, 500  # characters, arms
NAME = re.compile(r"[^\W_][\w .+-]{0,59}")
EXAMPLE = "no_jpeg: {exclude_prefixes: [jpeg_]}"
Plan = dict[str, dict[str, list[str]]]


def read_plan_text(text: str, where: str) -> Plan:
    """Arms of a plan, `all` first. where: name of its place, for the words of a mistake.

    Raises InputError, with the line, where it is no YAML, names an arm or a key twice, has an unknown key, or something
    other than a list of words under a key.
    """
    import yaml

    if len(text) > LARGEST_TEXT:
        raise InputError(f"{where}: a plan has at most {LARGEST_TEXT} characters, this one {len(text)}.")
    try:
        loader = yaml.SafeLoader(text)
        root = loader.get_single_node()
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        place = f" line {mark.line + 1}" if mark else ""
        raise InputError(f"{where}{place}: not YAML: {problem.problem or problem.context}.") from problem
    except (yaml.YAMLError, RecursionError) as problem:
        raise InputError(f"{where}: not YAML: {' '.join(str(problem).split())[:120]}") from problem
    if not isinstance(root, yaml.MappingNode) or not root.value:
        raise InputError(f"{where}{_line(root)}: a plan is a list of named arms, such as `{EXAMPLE}`.")
    if len(root.value) > MOST_ARMS:
        raise InputError(f"{where}: a plan has at most {MOST_ARMS} arms, this one {len(root.value)}.")
    plan: Plan = {"all": {}}
    seen: set[str] = set()
    for key, node in root.value:
        place, name = f"{where}{_line(key)}", _word(key)
        if name is None or not NAME.fullmatch(name):
            raise InputError(
                f"{place}: an arm's name is up to 60 letters, digits, spaces or _ . + -, not `{_short(name)}`."
            )
        if name in seen:
            raise InputError(f"{place}: arm `{name}` stands there twice.")
        seen.add(name)
        arm = _arm(loader, node, name, where)
        if name == "all" and arm:
            raise InputError(f"{place}: `all` keeps every feature; give the arm another name.")
        plan[name] = arm
    return plan


def unmatched(plan: Mapping[str, Mapping[str, Sequence[str]]], columns: Sequence[str]) -> list[str]:
    """A sentence for each prefix or feature of a plan that no column of the table answers to."""
    notes = []
    for name, arm in plan.items():
        for key, words in arm.items():
            fits = str.startswith if key.endswith("prefixes") else str.__eq__
            lost = [w for w in words if not any(fits(c, w) for c in columns)]
            what = "begins with" if key.endswith("prefixes") else "is called"
            notes += [f"Arm `{name}`: no feature of this table {what} `{_short(w)}`." for w in lost]
    return notes


def _arm(loader: Any, node: Any, name: str, where: str) -> dict[str, list[str]]:
    import yaml

    if isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null"):
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise InputError(f"{where}{_line(node)}: arm `{name}` is not a set of keys; keys are {', '.join(KEYS)}.")
    try:
        loader.flatten_mapping(node)  # `<<: *other`
    except (yaml.YAMLError, RecursionError) as problem:
        raise InputError(f"{where}{_line(node)}: arm `{name}` cannot be put together.") from problem
    arm: dict[str, list[str]] = {}
    for key, value in node.value:
        word, place = _word(key), f"{where}{_line(key)}"
        if word not in KEYS:
            raise InputError(f"{place}: arm `{name}` has the unknown key `{_short(word)}`; keys are {', '.join(KEYS)}.")
        words = [_word(item) for item in value.value] if isinstance(value, yaml.SequenceNode) else [None]
        if None in words or "" in words:
            raise InputError(f"{place}: `{word}` of arm `{name}` is not a list of words, such as [jpeg_, metadata_].")
        arm[word] = words
    return arm


def _word(node: Any) -> str | None:
    value = getattr(node, "value", None)
    return value if isinstance(value, str) else None


def _short(word: str | None) -> str:
    """Foreign text for one line of a message."""
    return " ".join(str(word).split())[:60]


def _line(node: Any) -> str:
    return f" line {node.start_mark.line + 1}" if node is not None else ""
