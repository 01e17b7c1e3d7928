"""Ablation plans: the presets, one configuration per family or group, or a YAML file.

A plan is {name: {"exclude_prefixes": […], "exclude_features": […], "only_prefixes": […], "only_features": […]}}; the
configuration `all` is always first. YAML is untrusted input: errors name the line.
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

    Configurations equal to another one (a family of one group) or without features are left out.
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


def selected_columns(configuration: Mapping[str, Sequence[str]], columns: Sequence[str]) -> list[str]:
    """Columns that a configuration selects, in their order."""
    prefixes, features = (
        tuple(configuration.get("exclude_prefixes", ())),
        set(configuration.get("exclude_features", ())),
    )
    selected = [c for c in columns if not c.startswith(prefixes) and c not in features]
    if "only_prefixes" in configuration or "only_features" in configuration:
        prefixes, features = tuple(configuration.get("only_prefixes", ())), set(configuration.get("only_features", ()))
        selected = [c for c in selected if c.startswith(prefixes) or c in features]
    return selected


MAX_PLAN_CHARS, MAX_CONFIGURATIONS = 200_000, 500  # characters, configurations
NAME = re.compile(r"[^\W_][\w .+-]{0,59}")
EXAMPLE = "no_jpeg: {exclude_prefixes: [jpeg_]}"
Plan = dict[str, dict[str, list[str]]]


def read_plan_text(text: str, where: str) -> Plan:
    """Configurations of a plan, `all` first. where: name of the source, for error messages.

    Raises InputError, with the line, where it is not YAML, names a configuration or key twice, has an unknown key, or
    something other than a list of names under a key.
    """
    import yaml

    if len(text) > MAX_PLAN_CHARS:
        raise InputError(f"{where}: a plan has at most {MAX_PLAN_CHARS} characters, this one {len(text)}.")
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
        raise InputError(f"{where}{_line(root)}: a plan is a list of named configurations, such as `{EXAMPLE}`.")
    if len(root.value) > MAX_CONFIGURATIONS:
        raise InputError(
            f"{where}: a plan has at most {MAX_CONFIGURATIONS} configurations, this one {len(root.value)}."
        )
    plan: Plan = {"all": {}}
    seen: set[str] = set()
    for key, node in root.value:
        place, name = f"{where}{_line(key)}", _scalar_text(key)
        if name is None or not NAME.fullmatch(name):
            raise InputError(
                f"{place}: the name of a configuration is up to 60 letters, digits, spaces or _ . + -, not `{_short(name)}`."
            )
        if name in seen:
            raise InputError(f"{place}: configuration `{name}` occurs twice.")
        seen.add(name)
        configuration = _configuration(loader, node, name, where)
        if name == "all" and configuration:
            raise InputError(f"{place}: `all` selects every feature; give the configuration another name.")
        plan[name] = configuration
    return plan


def unmatched(plan: Mapping[str, Mapping[str, Sequence[str]]], columns: Sequence[str]) -> list[str]:
    """A sentence for each prefix or feature of a plan that matches no column of the table."""
    notes = []
    for name, configuration in plan.items():
        for key, values in configuration.items():
            fits = str.startswith if key.endswith("prefixes") else str.__eq__
            lost = [w for w in values if not any(fits(c, w) for c in columns)]
            what = "begins with" if key.endswith("prefixes") else "is called"
            notes += [f"Configuration `{name}`: no feature of this table {what} `{_short(w)}`." for w in lost]
    return notes


def _configuration(loader: Any, node: Any, name: str, where: str) -> dict[str, list[str]]:
    import yaml

    if isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null"):
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise InputError(f"{where}{_line(node)}: configuration `{name}` is not a mapping; keys are {', '.join(KEYS)}.")
    try:
        loader.flatten_mapping(node)  # `<<: *other`
    except (yaml.YAMLError, RecursionError) as problem:
        raise InputError(f"{where}{_line(node)}: configuration `{name}` cannot be merged.") from problem
    result: dict[str, list[str]] = {}
    for key, value in node.value:
        word, place = _scalar_text(key), f"{where}{_line(key)}"
        if word not in KEYS:
            raise InputError(
                f"{place}: configuration `{name}` has the unknown key `{_short(word)}`; keys are {', '.join(KEYS)}."
            )
        items = value.value if isinstance(value, yaml.SequenceNode) else [None]
        values = [text for item in items if (text := _scalar_text(item))]
        if len(values) < len(items):
            raise InputError(
                f"{place}: `{word}` of configuration `{name}` is not a list of names, such as [jpeg_, metadata_]."
            )
        result[word] = values
    return result


def _scalar_text(node: Any) -> str | None:
    value = getattr(node, "value", None)
    return value if isinstance(value, str) else None


def _short(word: str | None) -> str:
    """Untrusted text, shortened to one line of a message."""
    return " ".join(str(word).split())[:60]


def _line(node: Any) -> str:
    return f" line {node.start_mark.line + 1}" if node is not None else ""
