"""What every structure tree keeps, of whatever bytes; for the tests of the parsers."""

from __future__ import annotations

from itertools import pairwise

from cgid.fileformat.tree import Structure


def assert_a_proper_tree(found: Structure) -> None:
    """Children lie within their parent, in order, apart; the top level covers the file."""
    for _, node in found.nodes():
        assert 0 <= node.at <= node.end <= len(found.streams[node.stream].data)
        at = node.at
        for child in node.children:
            if child.stream == node.stream:
                assert child.at >= at and child.end <= node.end, (node.name, child.name)
                at = child.end
    top = [c for c in found.root.children if c.stream == 0]
    if top:
        assert (top[0].at, top[-1].end) == (0, found.root.length)
        assert all(a.end == b.at for a, b in pairwise(top))
