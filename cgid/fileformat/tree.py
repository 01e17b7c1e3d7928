"""The tree of a file: every segment, chunk, box and tag with its offset, length and meaning. Nothing raises.

The parser of one kind of container, and their registry: a file in the package of parsers is known by being there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from cgid.fileformat.node import Node, ParseContext, Span, Stream, close_gaps, identify_bytes


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
    from cgid.fileformat import trees
    from cgid.registry import load

    return load(trees, "PARSER")


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


MAX_DUMP_BYTES = 4096  # bytes a part's dump shows


@dataclass(frozen=True)
class Structure:
    """root: the whole file. streams: the file, then what was joined or unpacked. container: `JPEG file`, or ""."""

    root: Node
    streams: list[Stream]
    container: str

    def nodes(self) -> Iterator[tuple[int, Node]]:
        """(depth, node) of every part, as a reader goes through them."""
        pending = [(0, self.root)]
        while pending:
            depth, node = pending.pop()
            yield depth, node
            pending += [(depth + 1, child) for child in reversed(node.children)]

    def problems(self) -> list[tuple[Node, str]]:
        """What is wrong, in the order of the file."""
        return [(node, node.problem) for _, node in self.nodes() if node.problem]

    def bytes_of(self, node: Node) -> bytes:
        return self.streams[node.stream].data[node.at : node.end]

    def in_file(self, node: Node) -> int | None:
        """The offset in the file of a part's first byte; None where it lies packed there."""
        return self.streams[node.stream].in_file(node.at)


def structure(data: bytes) -> Structure:
    """The parts of a file of any kind; of an unknown one, the file alone with a problem. Never raises."""
    context = ParseContext(data)
    span = Span(context, 0, 0, len(data))
    root = Node("file", 0, len(data), "The whole file")
    parser = parser_for(data)
    if parser is None:
        root.add_problem("The first bytes belong to no kind of picture that is taken apart here.")
        return Structure(root, context.streams, "")
    try:
        children, end = parser.parse(span)
        root.children = close_gaps(children + after_end(span, end), span)
    except Exception as problem:  # the edge where one file defeats its parser and the page goes on
        logging.getLogger(__name__).warning("%s parser: %r", parser.name, problem)
        root.add_problem(f"This file could not be taken apart ({type(problem).__name__}).")
    _accept_announced(root)
    if context.stop_reason:
        root.add_problem(context.stop_reason)
    root.what = f"The whole file: {parser.title}"
    return Structure(root, context.streams, parser.title)


def _accept_announced(root: Node) -> None:
    """Pictures after a JPEG's end are in order where its multi-picture list (MPF) announces them."""
    if any(child.name.endswith(" MPF") for child in root.children):
        for child in root.children:
            if child.name == "second file" and child.what.endswith("JPEG picture"):
                child.what, child.kind = "Further picture that the MPF list announces: JPEG picture", "preview"
                child.problem = ""


def dump(data: bytes, start: int = 0, max_bytes: int = MAX_DUMP_BYTES) -> str:
    """Offset, 16 bytes in hexadecimal and as ASCII, a line each; at most `max_bytes` bytes. start: of the first byte."""
    lines = []
    for at in range(0, min(len(data), max_bytes), 16):
        row = data[at : min(at + 16, max_bytes)]
        text = "".join(chr(b) if 32 <= b < 127 else "." for b in row)
        lines.append(f"{start + at:08X}  {row[:8].hex(' '):<23}  {row[8:].hex(' '):<23}  {text}")
    return "\n".join(lines)
