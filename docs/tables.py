"""Writes the tables of the documentation that follow from the program: layers, feature groups and filters.

`python -m docs.tables` rewrites them in their pages, `python -m docs.tables --check` names the pages that are out of date.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path

DOCS = Path(__file__).resolve().parent
LAYERS = DOCS / "layers.toml"


def table(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table."""
    lines = [list(header), *([str(cell).replace("|", "\\|") for cell in row] for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def rooms() -> str:
    """Rooms by layer, from layers.toml."""
    return _by_layer("rooms")


def planned_rooms() -> str:
    """Rooms that are planned, with the layer reserved for each."""
    return _by_layer("planned")


def feature_groups() -> str:
    """Every feature group with its number of features, family, prefix of its columns, and sources."""
    from cgid.features.registry import all_groups

    rows = [
        (f"`{key}`", len(g.features), g.family, f"`{g.prefix}_`", g.cite.rstrip(".")) for key, g in all_groups().items()
    ]
    return table(("group", "features", "family", "prefix", "sources"), sorted(rows))


def filters() -> str:
    """Every filter of the inspector that follows a published method, with its source."""
    from cgid.inspector.filter import all_filters

    rows = [(f"`{name}`", each.cite.rstrip(".")) for name, each in all_filters().items() if each.cite]
    return table(("filter", "source"), sorted(rows))


TABLES: dict[str, tuple[str, Callable[[], str]]] = {
    "rooms": ("architecture.md", rooms),
    "planned_rooms": ("architecture.md", planned_rooms),
    "feature_groups": ("methods.md", feature_groups),
    "filters": ("methods.md", filters),
}
"""{name between the markers: (page, the function that gives its table)}."""


def replaced(text: str, name: str, content: str) -> str:
    """`text` with `content` between `<!-- table: NAME -->` and `<!-- end -->`. Raises ValueError without the markers."""
    before, opening, rest = text.partition(f"<!-- table: {name} -->\n")
    _, closing, after = rest.partition("<!-- end -->")
    if not opening or not closing:
        raise ValueError(f"no markers for the table {name}")
    return f"{before}{opening}\n{content}\n\n{closing}{after}"


def up_to_date() -> dict[Path, tuple[str, str]]:
    """{page: (its text, the text with current tables)}."""
    pages: dict[Path, tuple[str, str]] = {}
    for name, (page, content) in TABLES.items():
        path = DOCS / page
        now, new = pages.get(path) or (path.read_text(encoding="utf-8"),) * 2
        pages[path] = (now, replaced(new, name, content()))
    return pages


def main(arguments: list[str]) -> int:
    stale = {path: new for path, (now, new) in up_to_date().items() if now != new}
    for path, new in stale.items():
        if "--check" in arguments:
            print(f"{path.name} is out of date: python -m docs.tables")
        else:
            path.write_text(new, encoding="utf-8")
            print(f"{path.name} written")
    return int(bool(stale) and "--check" in arguments)


def _by_layer(section: str) -> str:
    entries = tomllib.loads(LAYERS.read_text(encoding="utf-8"))[section]
    rows = sorted((layer, name, text) for name, (layer, text) in entries.items())
    return table(("layer", "room", "what lives there"), [(layer, f"`{name}`", text) for layer, name, text in rows])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
