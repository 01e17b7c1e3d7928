"""Hashes of a file: cryptographic ones of its bytes, one of its pixels, and perceptual ones that survive recompression."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass

import numpy as np

from cgid.imaging.image_file import ImageFile
from cgid.imaging.perceptual_hash import perceptual_hashes


@dataclass(frozen=True, slots=True)
class Hash:
    """name: the usual one. of: `bytes`, `pixels` or `look` (perceptual). value: hexadecimal. what: its purpose."""

    name: str
    of: str
    value: str
    what: str


def byte_hashes(data: bytes) -> list[Hash]:
    """Cryptographic hashes of the file's bytes: one changed bit changes them all."""
    exact = "Equal only for identical files"
    weak = "For databases that still require it; collisions can be constructed"
    return [
        Hash("SHA-256", "bytes", hashlib.sha256(data).hexdigest(), exact),
        Hash("SHA-512", "bytes", hashlib.sha512(data).hexdigest(), exact),
        Hash("SHA-1", "bytes", hashlib.sha1(data, usedforsecurity=False).hexdigest(), weak),
        Hash("MD5", "bytes", hashlib.md5(data, usedforsecurity=False).hexdigest(), weak),
        Hash("CRC32", "bytes", f"{zlib.crc32(data):08x}", "A checksum, for archives"),
    ]


def pixel_hash(image: ImageFile) -> Hash:
    """SHA-256 over width, height (4 bytes each, big-endian) and the upright 8-bit RGB values, row by row."""
    height, width = image.rgb.shape[:2]
    digest = hashlib.sha256(width.to_bytes(4, "big") + height.to_bytes(4, "big"))
    digest.update(np.ascontiguousarray(image.rgb).data)
    what = "Equal if only metadata or the lossless container changed; for a JPEG it also depends on the decoder"
    return Hash("SHA-256 of the pixels", "pixels", digest.hexdigest(), what)


def image_hashes(image: ImageFile) -> list[Hash]:
    """Perceptual hashes, 64 bits each: few bits differ after recompression or resizing. Manifests hold the same pHash.

    The pHash of an image too uniform to distinguish is "", as in manifests.
    """
    _, decoded = ImageFile.decode(image.data, image.name)
    what = "Similar images differ in few of its 64 bits"
    flat = "None: the image is too uniform to distinguish from others"
    return [Hash(name, "look", value, what if value else flat) for name, value in perceptual_hashes(decoded).items()]


def hamming_distance(one: str, other: str) -> int:
    """Number of bits in which two hexadecimal hashes of equal length differ. Raises ValueError on anything else."""
    if len(one) != len(other) or not one:
        raise ValueError("the two hashes are of different lengths")
    return (int(one, 16) ^ int(other, 16)).bit_count()
