"""Finds every filter of the bench: a file in filters/ that holds FILTER is on it by being there."""

from __future__ import annotations

from functools import cache

from cgid.bench import filters
from cgid.bench.filter import SHELVES, Filter
from cgid.registry import load


@cache
def all_filters() -> dict[str, Filter]:
    """{name: filter}, by shelf, then title. Raises ValueError on an unknown shelf."""
    found = load(filters, "FILTER", entry_points="cgid.filters")
    if wrong := [name for name, each in found.items() if each.shelf not in SHELVES]:
        raise ValueError(f"unknown shelf in filters {wrong}")
    return dict(sorted(found.items(), key=lambda item: (SHELVES.index(item[1].shelf), item[1].title)))
