"""The picture a visit is about, decoded once: every part of the page asks here for its pixels.

Names of strangers' files, fit for sentences, tables and alternative texts; and sizes in words.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath

from cgid.escape import plain
from cgid.imaging.image_file import ImageFile
from cgid.metadata import c2pa_sidecar

MOST_BYTES = 600_000_000  # of pictures kept for all visits together: files and decoded pixels
AT_ONCE = min(
    4, os.cpu_count() or 1
)  # pictures decoded at the same time: each takes several times its pixels meanwhile


@dataclass(frozen=True)
class Subject:
    """data: the file's bytes. name: as the person calls it. origin: `upload`, `camera`, `paste`, `sample`, `handed`.

    beside, credentials: name and content of the .c2pa file that came with it, empty without one; `with_credentials`
    makes such a one.
    """

    data: bytes
    name: str
    origin: str = "upload"
    beside: str = ""
    credentials: bytes = b""

    @classmethod
    def with_credentials(cls, data: bytes, name: str, origin: str, beside: str, credentials: bytes) -> Subject:
        """The name tells which credentials: everything that is kept of a picture is kept by its name and content."""
        mark = hashlib.sha256(credentials).hexdigest()[:8]
        return cls(data, f"credentials {mark} + {name}", origin, beside, credentials)

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def image(self) -> ImageFile:
        """Decoded, from memory where a visit asked for it lately. Raises UnreadableImage."""
        return _kept(self)


_lock = threading.Lock()
_decoding = threading.Semaphore(AT_ONCE)
_images: OrderedDict[tuple[str, str], ImageFile] = OrderedDict()


def _kept(subject: Subject) -> ImageFile:
    key = (subject.sha256, subject.name)
    if (image := _known(key)) is not None:
        return image
    with _decoding:
        if (image := _known(key)) is not None:  # another visit decoded the same picture meanwhile
            return image
        image = ImageFile.from_bytes(subject.data, subject.name)
        if subject.credentials:
            c2pa_sidecar.attach(image, subject.beside, subject.credentials)
        with _lock:
            _images[key] = image
            while len(_images) > 1 and sum(map(_weight, _images.values())) > MOST_BYTES:
                _images.popitem(last=False)
        return image


def _known(key: tuple[str, str]) -> ImageFile | None:
    with _lock:
        if key in _images:
            _images.move_to_end(key)
        return _images.get(key)


def _weight(image: ImageFile) -> int:
    """Bytes: a tiny picture can lie in a file of many megabytes."""
    return len(image.data) + image.stored.nbytes


LONGEST = 90


def named(name: str, otherwise: str = "picture") -> str:
    """One line without control or direction characters, cut in its middle so that the extension stays."""
    flat = plain(PurePath(str(name)[-4000:].replace("\\", "/")).name, 4000)
    if len(flat) > LONGEST:
        flat = f"{flat[: LONGEST - 21]}…{flat[-20:]}"
    return flat or otherwise


def size(count: int) -> str:
    """Bytes as people read them."""
    if count < 1000:
        return f"{count} bytes"
    return f"{count / 1000:.0f} kB" if count < 999_500 else f"{count / 1e6:.1f} MB"
