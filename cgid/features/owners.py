"""Which family and which group each column of a feature table belongs to, columns of earlier systems included."""

from __future__ import annotations

from collections.abc import Sequence

from cgid.artifacts import all_simulated
from cgid.features import registry


def families(columns: Sequence[str]) -> dict[str, str]:
    """{column: family}; a column nobody registered goes by its prefix, else it is `unknown`."""
    by_prefix = {g.prefix: g.family for g in registry.all_groups().values()}
    found = {c: registry.family_of(c) for c in columns}
    return {c: by_prefix.get(c.split("_")[0], "unknown") if f == "unknown" else f for c, f in found.items()}


def groups(columns: Sequence[str]) -> dict[str, str]:
    """{column: key of its feature group}; a column nobody registered goes by its prefix, else by its first word."""
    owner = {c: g.key for g in registry.all_groups().values() for c in g.columns}
    by_prefix = {g.prefix: g.key for g in registry.all_groups().values()}
    return {c: owner.get(c) or by_prefix.get(c.split("_")[0], c.split("_")[0]) for c in columns}


def simulated(frame) -> bool:
    """Whether every row comes from the embedded demo sets, by its `source`."""
    if "source" not in frame or not len(frame):
        return False
    return all_simulated(frame["source"].fillna("").astype(str))
