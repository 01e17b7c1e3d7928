"""Fingerprints of a file: cryptographic ones of its bytes, one of its pixels, and perceptual ones that survive a re-save."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass

import numpy as np

from cgid.imaging.image_file import ImageFile
from cgid.imaging.perceptual_hash import perceptual_hashes


@dataclass(frozen=True, slots=True)
class Hash:
    """name: as people know it. of: `bytes`, `pixels` or `look`. value: hexadecimal. what: what it is good for."""

    name: str
    of: str
    value: str
    what: str


def of_bytes(data: bytes) -> list[Hash]:
    """Of the file as it lies there: one changed bit changes them all."""
    exact = "The same only for the very same file"
    weak = "For databases that still ask for it; collisions can be made on purpose"
    return [
        Hash("SHA-256", "bytes", hashlib.sha256(data).hexdigest(), exact),
        Hash("SHA-512", "bytes", hashlib.sha512(data).hexdigest(), exact),
        Hash("SHA-1", "bytes", hashlib.sha1(data, usedforsecurity=False).hexdigest(), weak),
        Hash("MD5", "bytes", hashlib.md5(data, usedforsecurity=False).hexdigest(), weak),
        Hash("CRC32", "bytes", f"{zlib.crc32(data):08x}", "A checksum, for archives"),
    ]


def of_pixels(image: ImageFile) -> Hash:
    """SHA-256 over width, height (4 bytes each, big-endian) and the 8-bit RGB values as people see them, row by row."""
    height, width = image.rgb.shape[:2]
    digest = hashlib.sha256(width.to_bytes(4, "big") + height.to_bytes(4, "big"))
    digest.update(np.ascontiguousarray(image.rgb))
    what = "The same where only metadata or the lossless container changed; a JPEG's also hangs on the decoder"
    return Hash("SHA-256 of the pixels", "pixels", digest.hexdigest(), what)


def of_look(image: ImageFile) -> list[Hash]:
    """Perceptual hashes, 64 bits each: few bits differ after a re-save or a resize. The pHash is the one of manifests.

    The pHash of a picture too flat to be told from others is "", as it is there.
    """
    _, decoded = ImageFile.decode(image.data, image.name)
    what = "Pictures that look alike differ in few of its 64 bits"
    flat = "None: the picture is too flat to be told from others"
    return [Hash(name, "look", value, what if value else flat) for name, value in perceptual_hashes(decoded).items()]


def bits_apart(one: str, other: str) -> int:
    """In how many bits two hexadecimal hashes of equal length differ. Raises ValueError on anything else."""
    if len(one) != len(other) or not one:
        raise ValueError("the two hashes are of different lengths")
    return (int(one, 16) ^ int(other, 16)).bit_count()
