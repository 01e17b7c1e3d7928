"""Which features each arm of an ablation keeps: the presets, one arm per family or group, or a person's own plan.

A plan is {name: {"exclude_prefixes": […], "exclude_features": […], "only_prefixes": […], "only_features": […]}}; the
arm `all` is always first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
