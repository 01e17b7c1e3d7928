"""The picture a visit is about, decoded once: every part of the page asks here for its pixels."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property

from cgid.features.image import ImageFile

MOST_PIXELS = 200_000_000  # decoded pictures kept for all visits together


@dataclass(frozen=True)
class Subject:
    """data: the file's bytes. name: as the person calls it. origin: `upload`, `camera`, `paste`, `sample`, `handed`."""

    data: bytes
    name: str
    origin: str = "upload"

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def image(self) -> ImageFile:
        """Decoded, from memory where a visit asked for it lately. Raises UnreadableImage."""
        return _kept(self)


_lock = threading.Lock()
_images: OrderedDict[tuple[str, str], ImageFile] = OrderedDict()


def _kept(subject: Subject) -> ImageFile:
    key = (subject.sha256, subject.name)
    with _lock:
        if key in _images:
            _images.move_to_end(key)
            return _images[key]
    image = ImageFile.from_bytes(subject.data, subject.name)
    with _lock:
        _images[key] = image
        while len(_images) > 1 and sum(i.width * i.height for i in _images.values()) > MOST_PIXELS:
            _images.popitem(last=False)
    return image
