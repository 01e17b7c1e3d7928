"""The parser of one kind of container, and their registry: a file in the package of parsers is known by being there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from cgid.bench.structure.guess import identify_bytes
from cgid.bench.structure.node import Node, Span, close_gaps


@dataclass(frozen=True, slots=True)
class ContainerParser:
    """name: of the container. title: human-readable. matches: do these first 64 bytes begin such a container?

    parse: (parts in order, offset after the container's own end) of a span. It never raises, whatever the bytes.
    """

    name: str
    title: str
    matches: Callable[[bytes], bool]
    parse: Callable[[Span], tuple[list[Node], int]]


@cache
def all_parsers() -> dict[str, ContainerParser]:
    """{name: parser}."""
    from cgid.bench.structure import walkers
    from cgid.registry import load

    return load(walkers, "PARSER")


def parser_for(head: bytes) -> ContainerParser | None:
    """The parser of what begins with these bytes (64 are enough); None where no kind begins so."""
    return next((p for p in all_parsers().values() if p.matches(head[:64])), None)


def embedded(span: Span, at: int, end: int, name: str, what: str, kind: str = "preview") -> Node:
    """A whole file that lies within another one: a thumbnail, a second picture, a film."""
    node = span.node(name, at, end, what, kind)
    parser = parser_for(span.take(at, 64))
    if parser and not span.deep and not span.context.is_full:
        inner = span.inner(at, end)
        children, own_end = parser.parse(inner)
        node.what = f"{what}: {parser.title}"
        node.children = close_gaps(children + after_end(inner, own_end, name), inner)
    return node


def after_end(span: Span, at: int, of: str = "picture") -> list[Node]:
    """What lies behind a container's own end: zeros, further pictures or films, or anything at all."""
    nodes: list[Node] = []
    if span.context.is_full:  # it is unknown where the picture ends
        return [span.node("the rest", at, span.end, "Not taken apart", "unknown")] if at < span.end else []
    while at < span.end and not span.context.is_full and not span.deep:
        parser = parser_for(span.take(at, 64))
        if parser is None or parser.name == "bmp":  # "BM" begins too many things
            break
        inner = span.inner(at, span.end)
        children, end = parser.parse(inner)
        if end <= at:
            break
        node = span.node("second file", at, end, f"After the end of the {of}: {parser.title}", "after")
        node.children = close_gaps(children, span.inner(at, end))
        nodes.append(node)
        at = end
    if at < span.end:
        content = identify_bytes(span.data, at, span.end)
        nodes.append(span.node("after the end", at, span.end, f"Bytes after the end of the {of}: {content}", "after"))
    for node in nodes:
        count = f"{node.length:,} bytes" if node.length > 1 else "1 byte"
        if node.what.endswith("zeros"):
            node.problem = f"{count} of value zero lie after the end of the {of}."
        else:
            content = node.what.split(": ", 1)[-1]
            node.problem = f"{count} lie after the end of the {of}; they look like {content}."
    return nodes
