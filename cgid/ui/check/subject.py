"""The uploaded image of a session, decoded once for all parts of the page.

Also file names made safe for sentences, tables and alternative texts, and file sizes as text.
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

MAX_CACHE_BYTES = 600_000_000  # of images cached for all sessions together: files and decoded pixels
MAX_DECODERS = min(
    4, os.cpu_count() or 1
)  # images decoded at the same time: each needs several times its pixels meanwhile


@dataclass(frozen=True)
class Subject:
    """data: the file's bytes. name: the file name. origin: `upload`, `camera`, `paste`, `sample`, `handed`.

    beside, credentials: name and content of the .c2pa file that came with it, empty without one; see
    `with_credentials`.
    """

    data: bytes
    name: str
    origin: str = "upload"
    beside: str = ""
    credentials: bytes = b""

    @classmethod
    def with_credentials(cls, data: bytes, name: str, origin: str, beside: str, credentials: bytes) -> Subject:
        """The name includes a hash of the credentials, because caches are keyed by name and content."""
        mark = hashlib.sha256(credentials).hexdigest()[:8]
        return cls(data, f"credentials {mark} + {name}", origin, beside, credentials)

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def image(self) -> ImageFile:
        """Decoded, from the cache if it was used lately. Raises UnreadableImage."""
        return _decoded(self)


_lock = threading.Lock()
_decoding = threading.Semaphore(MAX_DECODERS)
_images: OrderedDict[tuple[str, str], ImageFile] = OrderedDict()


def _decoded(subject: Subject) -> ImageFile:
    key = (subject.sha256, subject.name)
    if (image := _cached(key)) is not None:
        return image
    with _decoding:
        if (image := _cached(key)) is not None:  # another session decoded the same image meanwhile
            return image
        image = ImageFile.from_bytes(subject.data, subject.name)
        if subject.credentials:
            c2pa_sidecar.attach(image, subject.beside, subject.credentials)
        with _lock:
            _images[key] = image
            while len(_images) > 1 and sum(map(_weight, _images.values())) > MAX_CACHE_BYTES:
                _images.popitem(last=False)
        return image


def _cached(key: tuple[str, str]) -> ImageFile | None:
    with _lock:
        if key in _images:
            _images.move_to_end(key)
        return _images.get(key)


def _weight(image: ImageFile) -> int:
    """Bytes of file and pixels: a tiny image can be in a file of many megabytes."""
    return len(image.data) + image.stored.nbytes


MAX_CHARS = 90


def named(name: str, otherwise: str = "picture") -> str:
    """One line without control or direction characters, shortened in the middle so that the extension stays."""
    flat = plain(PurePath(str(name)[-4000:].replace("\\", "/")).name, 4000)
    if len(flat) > MAX_CHARS:
        flat = f"{flat[: MAX_CHARS - 21]}…{flat[-20:]}"
    return flat or otherwise


def size(count: int) -> str:
    """A number of bytes as text."""
    if count < 1000:
        return f"{count} bytes"
    return f"{count / 1000:.0f} kB" if count < 999_500 else f"{count / 1e6:.1f} MB"
