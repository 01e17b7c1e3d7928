"""Synthetic images of every size and mode that a feature group must support, and files that are no images."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

SIZES = ((1, 1), (7, 5), (64, 64))
MODES = ("RGB", "L", "RGBA", "I;16", "P", "CMYK")


def photo(width: int = 64, height: int = 64, seed: int = 0) -> np.ndarray:
    """uint8 (H, W, 3): slopes, edges and noise that grows with light."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    light = 60 + 120 * x / max(1, width) + 40 * ((x // 9 + y // 13) % 2)
    noisy = light + random.normal(0, 1, light.shape) * np.sqrt(2 + 0.1 * light)
    return np.stack([noisy, noisy * 0.9, noisy * 0.8], -1).clip(0, 255).astype(np.uint8)


def encoded(pixels: np.ndarray | Image.Image, format: str = "PNG", **options) -> bytes:
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def in_mode(mode: str, width: int = 64, height: int = 64) -> tuple[bytes, str]:
    """(bytes, file name) of a picture stored in one of MODES."""
    rgb = Image.fromarray(photo(width, height))
    if mode == "I;16":
        gray = np.asarray(rgb.convert("L")).astype(np.uint16) * 257
        return encoded(Image.fromarray(gray)), "sixteen.png"
    if mode == "CMYK":
        return encoded(rgb.convert("CMYK"), "JPEG", quality=90), "print.jpg"
    return encoded(rgb.convert(mode)), f"{mode.lower()}.png"


def png_of_claimed_size(width: int, height: int) -> bytes:
    """A PNG whose header claims a size and whose pixels are missing."""

    def part(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", zlib.compress(b"\0" * 64)) + part(b"IEND", b"")


def write_manifest(folder, names: list[str], labels: list[str] | None = None, name: str = "m.csv") -> None:
    labels = labels or ["real" if i % 2 else "ai" for i in range(len(names))]
    lines = ["filepath,label,source,generator,split"]
    lines += [f"{n},{label},made,,train" for n, label in zip(names, labels)]
    (folder / name).write_text("\n".join(lines) + "\n")
