"""Look at one file as a data set must: is it an image that opens, which one is it, and what does it look like?"""

from __future__ import annotations

import hashlib
import os
import warnings
from dataclasses import dataclass

from cgid.imaging.image_file import ImageFile, UnreadableImage, read_bytes, unreadable_as_sentence
from cgid.imaging.perceptual_hash import phash


@dataclass(frozen=True, slots=True)
class Probe:
    """What one file is. problem: "" or why it is no usable image, one sentence; then the rest is empty.

    reason: "", `missing` or `unreadable`. sha256: hex, of the content. phash: 16 hex digits, "" for a picture too flat
    to be told from others. width, height: pixels as stored. format: `JPEG`, `PNG`, … bytes: file size.
    """

    reason: str = ""
    problem: str = ""
    sha256: str = ""
    phash: str = ""
    width: int = 0
    height: int = 0
    format: str = ""
    bytes: int = 0


def probe_files(paths: list[str]) -> list[Probe]:
    """`probe` for each path, in order: one chunk of parallel work."""
    return [probe(path) for path in paths]


def probe(path: str) -> Probe:
    """Read, judge the header, decode: as features do, with the same limits and sentences.

    Never raises for a bad file: the reason is in the result.
    """
    try:
        return _decode(read_bytes(path, regular=True), os.path.basename(path))
    except UnreadableImage as problem:
        return Probe("missing" if problem.code == "missing" else "unreadable", str(problem))


def _decode(data: bytes, name: str) -> Probe:
    with unreadable_as_sentence(name), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # broken tags cost nothing: Pillow need not warn of each
        header, image = ImageFile.decode(data, name)
        look = phash(image)
    size = (header.width, header.height)
    return Probe("", "", hashlib.sha256(data).hexdigest(), look, *size, header.format, len(data))
