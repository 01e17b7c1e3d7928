"""The blocks of a GIF file in order, up to its trailer, nothing decoded (GIF89a specification).

Both the features' parser and the structure tree are built on this iterator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

HEADER = 13  # bytes of the signature and the logical screen
# Kinds of blocks.
IMAGE, EXTENSION, TRAILER, STRAY = "image", "extension", "trailer", "stray"
_CLOCK_INTERVAL = 65_536  # sub-blocks
_MARKS = {0x2C: IMAGE, 0x21: EXTENSION, 0x3B: TRAILER}


class Block(NamedTuple):
    """kind: one of the constants above. start, end: offsets. complete: False for a truncated image descriptor."""

    kind: str
    start: int
    end: int
    complete: bool = True


def colour_table_size(flags: int) -> int:
    """Bytes of the colour table that these flags declare, 0 if there is none."""
    return (3 << ((flags & 7) + 1)) if flags & 0x80 else 0


def blocks(
    data: bytes, start: int = 0, end: int | None = None, is_late: Callable[[], bool] | None = None
) -> Iterator[Block]:
    """The blocks after the global colour table; the last one is the trailer or a stray block that extends to the end.

    is_late: called every 65,536 sub-blocks; if it returns True, the block ends there. Without a trailer the blocks end
    with the data. Never raises.
    """
    end = len(data) if end is None else end
    flags = data[start + 10] if start + 10 < end else 0
    at = start + HEADER + colour_table_size(flags)
    while at < end:
        kind = _MARKS.get(data[at], STRAY)
        if kind in (TRAILER, STRAY):
            yield Block(kind, at, at + 1 if kind == TRAILER else end)
            return
        complete, sub_blocks = True, at + 2
        if kind == IMAGE:
            complete = at + 9 < end
            sub_blocks = at + 11 + (colour_table_size(data[at + 9]) if complete else 0)
        block_end = sub_blocks_end(data, sub_blocks, end, is_late)
        yield Block(kind, at, block_end, complete)
        at = block_end


def sub_blocks_end(data: bytes, at: int, end: int, is_late: Callable[[], bool] | None = None) -> int:
    """Offset after the sub-blocks that begin at `at`, including their terminator; at most `end`."""
    count = 0
    while at < end and data[at]:
        at += data[at] + 1
        count += 1
        if is_late and count % _CLOCK_INTERVAL == 0 and is_late():
            break
    return min(at + 1, end)


def frames_and_end(data: bytes, max_frames: int) -> tuple[int, int | None]:
    """(number of image descriptors, offset after the trailer or None if there is none). Stops at `max_frames`."""
    count = 0
    for block in blocks(data):
        if block.kind == TRAILER:
            return count, block.end
        if block.kind == STRAY or not block.complete:
            return count, None
        count += block.kind == IMAGE
        if count >= max_frames:
            break
    return count, None
