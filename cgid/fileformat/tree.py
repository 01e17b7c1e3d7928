"""The structure tree of a file: every segment, chunk, box and tag with its offset, length and meaning.

A module in `trees/` that holds a `PARSER` is registered by being there. Nothing raises, whatever the bytes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from cgid.fileformat.node import Node, ParseContext, Span, Stream, close_gaps, identify_bytes


@dataclass(frozen=True, slots=True)
class ContainerParser:
    """name: of the container. title: display name. matches: whether the first 64 bytes begin such a container.

    parse: span -> (nodes in order, offset after the end of the container). It never raises, whatever the bytes.
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
    """The parser for data that begin with these bytes (64 suffice); None if the type is unknown."""
    return next((p for p in all_parsers().values() if p.matches(head[:64])), None)


def embedded_file(span: Span, at: int, end: int, name: str, what: str, kind: str = "preview") -> Node:
    """A file embedded in another one: a thumbnail, a further image, a video."""
    node = span.node(name, at, end, what, kind)
    parser = parser_for(span.take(at, 64))
    if parser and not span.deep and not span.context.is_full:
        inner = span.inner(at, end)
        children, own_end = parser.parse(inner)
        node.what = f"{what}: {parser.title}"
        node.children = close_gaps(children + trailing_nodes(inner, own_end, name), inner)
    return node


def trailing_nodes(span: Span, at: int, of: str = "image") -> list[Node]:
    """Nodes for the bytes after the end of a container: zeros, further images or videos, or unknown data."""
    nodes: list[Node] = []
    if span.context.is_full:  # the end of the image is unknown
        return [span.node("the rest", at, span.end, "Not parsed", "unknown")] if at < span.end else []
    while at < span.end and not span.context.is_full and not span.deep:
        parser = parser_for(span.take(at, 64))
        if parser is None or parser.name == "bmp":  # "BM" is too common
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


MAX_DUMP_BYTES = 4096  # bytes shown of a node


@dataclass(frozen=True)
class Structure:
    """root: the whole file. streams: the file, then joined or decompressed data. container: `JPEG image`, or ""."""

    root: Node
    streams: list[Stream]
    container: str

    def nodes(self) -> Iterator[tuple[int, Node]]:
        """(depth, node) of every node, depth first."""
        pending = [(0, self.root)]
        while pending:
            depth, node = pending.pop()
            yield depth, node
            pending += [(depth + 1, child) for child in reversed(node.children)]

    def problems(self) -> list[tuple[Node, str]]:
        """(node, problem) pairs in file order."""
        return [(node, node.problem) for _, node in self.nodes() if node.problem]

    def bytes_of(self, node: Node) -> bytes:
        return self.streams[node.stream].data[node.at : node.end]

    def in_file(self, node: Node) -> int | None:
        """Offset in the file of a node's first byte; None if it lies in decompressed data."""
        return self.streams[node.stream].in_file(node.at)


def parse_structure(data: bytes) -> Structure:
    """The structure of any file; for an unknown type, the root alone with a problem. Never raises."""
    context = ParseContext(data)
    span = Span(context, 0, 0, len(data))
    root = Node("file", 0, len(data), "The whole file")
    parser = parser_for(data)
    if parser is None:
        root.add_problem("The first bytes do not belong to a supported image format.")
        return Structure(root, context.streams, "")
    try:
        children, end = parser.parse(span)
        root.children = close_gaps(children + trailing_nodes(span, end), span)
    except Exception as problem:  # a parser error must not fail the page
        logging.getLogger(__name__).warning("%s parser: %r", parser.name, problem)
        root.add_problem(f"This file could not be parsed ({type(problem).__name__}).")
    _accept_announced(root)
    if context.stop_reason:
        root.add_problem(context.stop_reason)
    root.what = f"The whole file: {parser.title}"
    return Structure(root, context.streams, parser.title)


def _accept_announced(root: Node) -> None:
    """Images after the end of a JPEG are legitimate if its multi-image list (MPF) announces them."""
    if any(child.name.endswith(" MPF") for child in root.children):
        for child in root.children:
            if child.name == "second file" and child.what.endswith("JPEG image"):
                child.what, child.kind = "Further image that the MPF list announces: JPEG image", "preview"
                child.problem = ""


def hex_dump(data: bytes, start: int = 0, max_bytes: int = MAX_DUMP_BYTES) -> str:
    """Hexadecimal dump: offset, 16 bytes in hexadecimal and ASCII per line; at most `max_bytes`. start: offset of the
    first byte.
    """
    lines = []
    for at in range(0, min(len(data), max_bytes), 16):
        row = data[at : min(at + 16, max_bytes)]
        text = "".join(chr(b) if 32 <= b < 127 else "." for b in row)
        lines.append(f"{start + at:08X}  {row[:8].hex(' '):<23}  {row[8:].hex(' '):<23}  {text}")
    return "\n".join(lines)
