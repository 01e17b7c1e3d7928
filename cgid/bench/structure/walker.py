"""What takes one kind of container apart, and where the kinds are found: a file in walkers/ is known by being there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from cgid.bench.structure.node import Node, Span, settle


@dataclass(frozen=True, slots=True)
class Walker:
    """name: as the file is called. title: for people. starts: do these first 64 bytes begin such a container?

    walk: (parts in order, offset after the container's own end) of a span. It never raises, whatever the bytes.
    """

    name: str
    title: str
    starts: Callable[[bytes], bool]
    walk: Callable[[Span], tuple[list[Node], int]]


@cache
def all_walkers() -> dict[str, Walker]:
    """{name: walker}. Raises ValueError where a file is not named as its walker."""
    from cgid.bench.structure import walkers
    from cgid.found import named_in

    return named_in(walkers, "WALKER")


def walker_of(head: bytes) -> Walker | None:
    """The walker of what begins with these bytes (64 are enough); None where no kind begins so."""
    return next((w for w in all_walkers().values() if w.starts(head[:64])), None)


def embedded(span: Span, at: int, end: int, name: str, what: str, kind: str = "preview") -> Node:
    """A whole file that lies within another one: a thumbnail, a second picture, a film."""
    node = span.node(name, at, end, what, kind)
    walker = walker_of(span.take(at, 64))
    if walker and not span.deep and not span.walk.full:
        inner = span.inner(at, end)
        children, own_end = walker.walk(inner)
        node.what = f"{what}: {walker.title}"
        node.children = settle(children + after(inner, own_end, name), inner)
    return node


def after(span: Span, at: int, of: str = "picture") -> list[Node]:
    """What lies behind a container's own end: zeros, further pictures or films, or anything at all."""
    from cgid.bench.structure.guess import looks_like

    found: list[Node] = []
    if span.walk.full:  # nobody knows where the picture ends
        return [span.node("the rest", at, span.end, "Not taken apart", "unknown")] if at < span.end else []
    while at < span.end and not span.walk.full and not span.deep:
        walker = walker_of(span.take(at, 64))
        if walker is None or walker.name == "bmp":  # "BM" begins too many things
            break
        inner = span.inner(at, span.end)
        children, end = walker.walk(inner)
        if end <= at:
            break
        node = span.node("second file", at, end, f"After the end of the {of}: {walker.title}", "after")
        node.children = settle(children, span.inner(at, end))
        found.append(node)
        at = end
    if at < span.end:
        seen = looks_like(span.data, at, span.end)
        found.append(span.node("after the end", at, span.end, f"Bytes after the end of the {of}: {seen}", "after"))
    for node in found:
        count = f"{node.length:,} bytes" if node.length > 1 else "1 byte"
        if node.what.endswith("zeros"):
            node.problem = f"{count} of value zero lie after the end of the {of}."
        else:
            shown = node.what.split(": ", 1)[-1]
            node.problem = f"{count} lie after the end of the {of}; they look like {shown}."
    return found
