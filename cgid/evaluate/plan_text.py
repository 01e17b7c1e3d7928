"""Reads an ablation plan from YAML text, with the line of every mistake: a plan is foreign input."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cgid.errors import InputError
from cgid.evaluate.plans import KEYS

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
