"""Inspection of one file for a data set: readability, content hash, perceptual hash, size and format."""

from __future__ import annotations

import hashlib
import os
import warnings
from dataclasses import dataclass

from cgid.imaging.image_file import ImageFile, UnreadableImage, read_bytes, unreadable_as_sentence
from cgid.imaging.perceptual_hash import phash


@dataclass(frozen=True, slots=True)
class FileInspection:
    """Result for one file. problem: "" or one sentence why it is not a usable image; then the rest is empty.

    reason: "", `missing` or `unreadable`. sha256: hex, of the content. phash: 16 hex digits, "" for an image too flat
    to be distinguished from others. width, height: pixels as stored. format: `JPEG`, `PNG`, … bytes: file size.
    """

    reason: str = ""
    problem: str = ""
    sha256: str = ""
    phash: str = ""
    width: int = 0
    height: int = 0
    format: str = ""
    bytes: int = 0


def inspect_files(paths: list[str]) -> list[FileInspection]:
    """`probe` for each path, in order: one chunk of parallel work."""
    return [inspect_file(path) for path in paths]


def inspect_file(path: str) -> FileInspection:
    """Read, check the header and decode, with the same limits and messages as feature extraction.

    Never raises for a bad file: the reason is in the result.
    """
    try:
        return _decode(read_bytes(path, regular=True), os.path.basename(path))
    except UnreadableImage as problem:
        return FileInspection("missing" if problem.code == "missing" else "unreadable", str(problem))


def _decode(data: bytes, name: str) -> FileInspection:
    with unreadable_as_sentence(name), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # broken tags are harmless: suppress Pillow's warnings
        header, image = ImageFile.decode(data, name)
        image_hash = phash(image)
    size = (header.width, header.height)
    return FileInspection("", "", hashlib.sha256(data).hexdigest(), image_hash, *size, header.format, len(data))
