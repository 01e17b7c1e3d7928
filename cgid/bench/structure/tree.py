"""Takes a file apart: every segment, chunk, box and tag with its offset, length and meaning. Nothing raises."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

from cgid.bench.structure.node import Node, Span, Stream, Walk, settle
from cgid.bench.structure.walker import after, walker_of

MOST_DUMPED = 4096  # bytes a part's dump shows


@dataclass(frozen=True)
class Structure:
    """root: the whole file. streams: the file, then what was joined or unpacked. container: `JPEG file`, or ""."""

    root: Node
    streams: list[Stream]
    container: str

    def nodes(self) -> Iterator[tuple[int, Node]]:
        """(depth, node) of every part, as a reader goes through them."""
        ahead = [(0, self.root)]
        while ahead:
            depth, node = ahead.pop()
            yield depth, node
            ahead += [(depth + 1, child) for child in reversed(node.children)]

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
    walk = Walk(data)
    span = Span(walk, 0, 0, len(data))
    root = Node("file", 0, len(data), "The whole file")
    walker = walker_of(data)
    if walker is None:
        root.wrong("The first bytes belong to no kind of picture that is taken apart here.")
        return Structure(root, walk.streams, "")
    try:
        children, end = walker.walk(span)
        root.children = settle(children + after(span, end), span)
    except Exception as problem:  # the edge where one file defeats its walker and the page goes on
        logging.getLogger(__name__).warning("%s walker: %r", walker.name, problem)
        root.wrong(f"This file could not be taken apart ({type(problem).__name__}).")
    _announced(root)
    if walk.stopped:
        root.wrong(walk.stopped)
    root.what = f"The whole file: {walker.title}"
    return Structure(root, walk.streams, walker.title)


def _announced(root: Node) -> None:
    """Pictures after a JPEG's end are in order where its multi-picture list (MPF) announces them."""
    if any(child.name.endswith(" MPF") for child in root.children):
        for child in root.children:
            if child.name == "second file" and child.what.endswith("JPEG picture"):
                child.what, child.kind = "Further picture that the MPF list announces: JPEG picture", "preview"
                child.problem = ""


def dump(data: bytes, start: int = 0, most: int = MOST_DUMPED) -> str:
    """Offset, 16 bytes in hexadecimal and as ASCII, a line each; at most `most` bytes. start: of the first byte."""
    lines = []
    for at in range(0, min(len(data), most), 16):
        row = data[at : min(at + 16, most)]
        text = "".join(chr(b) if 32 <= b < 127 else "." for b in row)
        lines.append(f"{start + at:08X}  {row[:8].hex(' '):<23}  {row[8:].hex(' '):<23}  {text}")
    return "\n".join(lines)
