"""The tree of a file: every segment, chunk, box and tag with its offset, length and meaning. Nothing raises."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

from cgid.bench.structure.node import Node, ParseContext, Span, Stream, close_gaps
from cgid.bench.structure.walker import after_end, parser_for

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
