"""What a column of the feature table is called for people: the feature's title, and the group it belongs to."""

from __future__ import annotations

from functools import cache

MISSING = " is missing"


def name_of(column: str) -> str:
    """`Noise level (Noise residual)`; a column nobody registered keeps its own name. Plain text, not Markdown."""
    if column.endswith(MISSING):
        return f"{name_of(column.removesuffix(MISSING))}: no value"
    return _names().get(column, column)


@cache
def _names() -> dict[str, str]:
    from cgid.features.registry import all_groups

    names = {}
    for group in all_groups().values():
        names |= {column: f"Not measured ({group.title})" for column in group.columns}
        names |= {group.column(f.name): f"{f.title} ({group.title})" for f in group.features}
    return names
