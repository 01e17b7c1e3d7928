"""Embedded previews of a file compared with the image itself: an outdated thumbnail is a sign of editing.

Alignment and similarity of a thumbnail and its image come from `metadata/thumbnail.py`.
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
from cgid.metadata.thumbnail import align

MAX_PREVIEWS = 12
MAX_PIXELS = 4_000_000  # of an embedded preview that is compared
SHOWN_SIDE = 480  # px, longer side of the images shown
GAIN = 4  # differences are amplified by this factor
SAME_CORRELATION, SIMILAR_CORRELATION = 0.9, 0.5
_ALIGNMENT_NOTES = {
    "whole": "",
    "padded": " The thumbnail has another aspect ratio: its bars were ignored.",
    "trimmed": " The thumbnail has another aspect ratio: the sides are cropped, as cameras with 4:3 thumbnails do.",
}


class Origin(Enum):
    """What a preview belongs to, and why it may legitimately show something else ("" if it should not)."""

    PICTURE = ""
    INGREDIENT = "It belongs to the credentials: the thumbnail of an ingredient, which may be a different image."
    CLAIM = "It belongs to the credentials: the image at the time of signing. Earlier ones may be ingredients."
    APPENDED = "Phones store depth maps, gain maps and second images there."


@dataclass(frozen=True, slots=True)
class Preview:
    """name: where it lies, such as `APP1 Exif`. data: its bytes, a JPEG. at: offset in the file, or None."""

    name: str
    data: bytes
    at: int | None
    origin: Origin = Origin.PICTURE

    @property
    def may_differ(self) -> str:
        """Why it may legitimately show something else; "" if it should show the same."""
        return self.origin.value


@dataclass(frozen=True, slots=True)
class Comparison:
    """picture, thumbnail: uint8 (h, w, 3), at the same scale. difference: uint8 (h, w), absolute luma difference times GAIN.

    similarity: correlation -1..1, NaN if undefined. mean: levels of 255. sentence: the finding in one sentence.
    """

    picture: np.ndarray
    thumbnail: np.ndarray
    difference: np.ndarray
    size: tuple[int, int]
    similarity: float
    mean: float
    sentence: str


def embedded_previews(structure: Structure) -> list[Preview]:
    """Embedded JPEG images in file order: EXIF and Photoshop thumbnails, MPF images, further images."""
    collected: list[Preview] = []
    path: list[Node] = []
    for depth, node in structure.nodes():
        path[depth:] = [node]
        own = node.name in ("thumbnail", "second file", "after the end") or node.kind == "preview"
        if own and depth and len(collected) < MAX_PREVIEWS:
            data = structure.bytes_of(node)
            if data.startswith(b"\xff\xd8\xff"):
                within = [n.name for n in path[1:-1] if n.name not in ("bidb", "second file")]
                within = within if len(within) < 3 else [within[0], within[-1]]
                name = " / ".join(within) or "after the end of the image"
                collected.append(Preview(name, data, structure.in_file(node), _origin(within)))
    return collected


def _origin(within: Sequence[str]) -> Origin:
    """within: names of the boxes that contain the preview, () directly after the image. The labels are C2PA's."""
    for label, origin in (("thumbnail.ingredient", Origin.INGREDIENT), ("thumbnail.claim", Origin.CLAIM)):
        if any(label in name for name in within):
            return origin
    return Origin.PICTURE if within and "after the end" not in within else Origin.APPENDED


def xmp_previews(image: ImageFile) -> list[Preview]:
    """Thumbnails that XMP holds as base64 text (xmpGImg:image, XMP Specification part 2)."""
    pairs = metadata_table.xmp_pairs(xmp.packet(image))
    collected: list[Preview] = []
    for path, text in pairs if isinstance(pairs, list) else []:
        if path.endswith("xmpGImg:image") and len(collected) < MAX_PREVIEWS:
            try:
                data = base64.b64decode("".join(text.split()), validate=True)
            except ValueError:
                continue
            collected.append(Preview(f"XMP {path.split('/')[0]}", data, None))
    return collected


def compare(image: ImageFile, preview: Preview) -> Comparison | None:
    """Image and preview aligned and compared; None if the preview cannot be decoded or is too large."""
    import cv2

    small = decode_preview(preview.data, MAX_PIXELS)
    if small is None:
        return None
    match = align(image.stored, small)
    height, width = match.small.shape[:2]
    scale = min(1.0, SHOWN_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    picture, thumbnail = (
        cv2.resize(np.ascontiguousarray(p), size, interpolation=cv2.INTER_AREA) for p in (match.full, match.small)
    )
    levels = np.abs(luma(picture.astype(np.float32) - thumbnail))
    mean = float(levels.mean())
    difference = (levels * GAIN).clip(0, 255).astype(np.uint8)
    sentence = _sentence(match.similarity, mean, preview.may_differ) + _ALIGNMENT_NOTES[match.alignment]
    return Comparison(picture, thumbnail, difference, small.shape[1::-1], match.similarity, mean, sentence)


def _sentence(correlation: float, mean: float, may_differ: str) -> str:
    difference = f"on average {mean:.0f} of 255 levels apart"
    if math.isnan(correlation):
        return f"Too small or too even to compare; {difference}."
    if correlation >= SAME_CORRELATION:
        return f"It shows the same image (correlation {correlation:.2f}), {difference}."
    if correlation >= SIMILAR_CORRELATION:
        return (
            f"It resembles the image (correlation {correlation:.2f}), {difference}: look where the map is bright, something "
            "may have been changed there after the thumbnail was made."
        )
    other = f"It shows something else than the image does (correlation {correlation:.2f})."
    return f"{other} {may_differ or 'An edit that forgot the thumbnail does that, and so does copied metadata.'}"
