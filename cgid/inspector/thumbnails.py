"""Small pictures that lie in the file beside the picture itself: do they show the same? Forgotten ones tell of edits.

How a thumbnail lies over its picture, and how alike they are, is judged by `metadata/thumbnail.py` alone.
Source: Kee and Farid, Digital Image Authentication from Thumbnails, 2010.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from cgid.fileformat.node import Node
from cgid.fileformat.tree import Structure
from cgid.imaging.decoders import decode_preview
from cgid.imaging.image_file import ImageFile
from cgid.imaging.luma import luma
from cgid.inspector import metadata_table
from cgid.metadata import xmp
from cgid.metadata.thumbnail import best_match

MOST_PREVIEWS = 12
MOST_PIXELS = 4_000_000  # of a picture within the file that is compared
SIDE = 480  # px, the longer side of what is shown
GAIN = 4  # differences are shown so many times as bright
ALIKE, ANOTHER = 0.9, 0.5
_WAYS = {
    "whole": "",
    "padded": " The thumbnail's proportions differ: it has bars, which were left out.",
    "trimmed": " The thumbnail's proportions differ: it lacks the picture's sides, as cameras with 4:3 thumbnails make it.",
}


class Origin(Enum):
    """What a preview belongs to, and why it may show something else without any ill will ("" where it should not)."""

    PICTURE = ""
    INGREDIENT = (
        "It belongs to the credentials: an ingredient as it was when it was taken in, which may be another picture."
    )
    CLAIM = "It belongs to the credentials: a picture as it was when it was signed. Earlier ones may be ingredients."
    APPENDED = "Phones keep depth maps, gain maps and second pictures there."


@dataclass(frozen=True, slots=True)
class Preview:
    """name: where it lies, such as `APP1 Exif`. data: its bytes, a JPEG. at: offset in the file, or None."""

    name: str
    data: bytes
    at: int | None
    origin: Origin = Origin.PICTURE

    @property
    def may_differ(self) -> str:
        """Why it may show something else without any ill will; "" where it should show the same."""
        return self.origin.value


@dataclass(frozen=True, slots=True)
class Comparison:
    """picture, thumbnail: uint8 (h, w, 3), scaled alike. difference: uint8 (h, w), absolute luma difference times GAIN.

    likeness: correlation -1..1, NaN where it cannot be told. mean: levels of 255. sentence: the finding for people.
    """

    picture: np.ndarray
    thumbnail: np.ndarray
    difference: np.ndarray
    size: tuple[int, int]
    likeness: float
    mean: float
    sentence: str


def previews(taken_apart: Structure) -> list[Preview]:
    """JPEG pictures within the file, in its order: EXIF's and Photoshop's thumbnails, those of MPF, second pictures."""
    found: list[Preview] = []
    path: list[Node] = []
    for depth, node in taken_apart.nodes():
        path[depth:] = [node]
        own = node.name in ("thumbnail", "second file", "after the end") or node.kind == "preview"
        if own and depth and len(found) < MOST_PREVIEWS:
            data = taken_apart.bytes_of(node)
            if data.startswith(b"\xff\xd8\xff"):
                within = [n.name for n in path[1:-1] if n.name not in ("bidb", "second file")]
                within = within if len(within) < 3 else [within[0], within[-1]]
                name = " / ".join(within) or "after the end of the picture"
                found.append(Preview(name, data, taken_apart.in_file(node), _origin(within)))
    return found


def _origin(within: Sequence[str]) -> Origin:
    """within: names of the boxes that hold the preview, () right behind the picture. C2PA labels its thumbnails so."""
    for label, origin in (("thumbnail.ingredient", Origin.INGREDIENT), ("thumbnail.claim", Origin.CLAIM)):
        if any(label in name for name in within):
            return origin
    return Origin.PICTURE if within and "after the end" not in within else Origin.APPENDED


def in_xmp(image: ImageFile) -> list[Preview]:
    """Thumbnails that XMP keeps as base64 text (xmpGImg:image, XMP Specification part 2)."""
    pairs = metadata_table.xmp(xmp.packet(image))
    found: list[Preview] = []
    for path, text in pairs if isinstance(pairs, list) else []:
        if path.endswith("xmpGImg:image") and len(found) < MOST_PREVIEWS:
            try:
                data = base64.b64decode("".join(text.split()), validate=True)
            except ValueError:
                continue
            found.append(Preview(f"XMP {path.split('/')[0]}", data, None))
    return found


def compare(image: ImageFile, preview: Preview) -> Comparison | None:
    """Picture and preview laid over each other; None where the preview cannot be decoded or is no small one."""
    import cv2

    small = decode_preview(preview.data, MOST_PIXELS)
    if small is None:
        return None
    match = best_match(image.stored, small)
    height, width = match.small.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    picture, thumbnail = (
        cv2.resize(np.ascontiguousarray(p), size, interpolation=cv2.INTER_AREA) for p in (match.full, match.small)
    )
    apart = np.abs(luma(picture.astype(np.float32) - thumbnail))
    mean = float(apart.mean())
    difference = (apart * GAIN).clip(0, 255).astype(np.uint8)
    sentence = _sentence(match.likeness, mean, preview.may_differ) + _WAYS[match.way]
    return Comparison(picture, thumbnail, difference, small.shape[1::-1], match.likeness, mean, sentence)


def _sentence(likeness: float, mean: float, may_differ: str) -> str:
    apart = f"on average {mean:.0f} of 255 levels apart"
    if math.isnan(likeness):
        return f"Too small or too even to compare; {apart}."
    if likeness >= ALIKE:
        return f"It shows the same picture (correlation {likeness:.2f}), {apart}."
    if likeness >= ANOTHER:
        return (
            f"It resembles the picture (correlation {likeness:.2f}), {apart}: look where the map is bright, something "
            "may have been changed there after the thumbnail was made."
        )
    other = f"It shows something else than the picture does (correlation {likeness:.2f})."
    return f"{other} {may_differ or 'An edit that forgot the thumbnail does that, and so does copied metadata.'}"
