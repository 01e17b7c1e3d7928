"""Invariants of every structure tree, for the tests of the parsers."""

from __future__ import annotations

from itertools import pairwise

from cgid.fileformat.tree import Structure


def assert_valid_tree(structure: Structure) -> None:
    """Children lie within their parent, in order, without overlap; the top level covers the file."""
    for _, node in structure.nodes():
        assert 0 <= node.at <= node.end <= len(structure.streams[node.stream].data)
        at = node.at
        for child in node.children:
            if child.stream == node.stream:
                assert child.at >= at and child.end <= node.end, (node.name, child.name)
                at = child.end
    top = [c for c in structure.root.children if c.stream == 0]
    if top:
        assert (top[0].at, top[-1].end) == (0, structure.root.length)
        assert all(a.end == b.at for a, b in pairwise(top))
