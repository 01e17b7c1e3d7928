"""Converts decoded images to upright 8-bit RGB, one strip at a time to limit memory."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

STRIP_PIXELS = 4_000_000
INVERSE_ORIENTATION = {6: 8, 8: 6}  # inverse of an EXIF orientation; those not listed are their own inverse


def to_rgb8(image: Image.Image) -> np.ndarray:
    """uint8 (H, W, 3), contiguous, in the file's own orientation.

    Transparent pixels are composited over white. 16-bit grey is divided by 257; 32-bit integer and floating-point grey
    is read as 0..1, 0..255 or 0..65535 if its range suggests so, otherwise scaled from its minimum to its maximum.
    """
    to_rgb = _converter(image)
    width, height = image.size
    rows = max(1, STRIP_PIXELS // width)
    if rows >= height:
        return np.asarray(to_rgb(image))
    pixels = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        pixels[top:bottom] = np.asarray(to_rgb(image.crop((0, top, width, bottom))))
    return pixels


def apply_orientation(stored: np.ndarray, orientation: int) -> np.ndarray:
    """View of the pixels turned upright by EXIF orientation 1..8; (H, W, …) of any type."""
    if orientation in (5, 6, 7, 8):
        stored = stored.swapaxes(0, 1)
    # After the swap every orientation is a flip of rows, columns, both or neither.
    rows = -1 if orientation in (3, 4, 7, 8) else 1
    columns = -1 if orientation in (2, 3, 6, 7) else 1
    return stored[::rows, ::columns]


def _converter(image: Image.Image) -> Callable[[Image.Image], Image.Image]:
    """Function that converts a strip of this image to RGB; ranges and profiles are determined once for the whole image."""
    if image.mode == "RGB" and "transparency" not in image.info:
        return lambda strip: strip
    if image.mode.startswith("I;16"):
        return lambda strip: Image.fromarray(_from_sixteen_bits(np.asarray(strip))).convert("RGB")
    if image.mode in ("I", "F"):
        scale, offset = _range(image)
        return lambda strip: Image.fromarray(_scaled(np.asarray(strip), scale, offset)).convert("RGB")
    if image.mode == "LAB":
        from PIL import ImageCms

        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        transform = ImageCms.buildTransform(lab, srgb, "LAB", "RGB")
        return transform.apply
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        return _over_white
    return lambda strip: strip.convert("RGB")


def _over_white(strip: Image.Image) -> Image.Image:
    strip = strip.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", strip.size, "white"), strip).convert("RGB")


def _from_sixteen_bits(values: np.ndarray) -> np.ndarray:
    return ((values.astype(np.uint32) + 128) // 257).astype(np.uint8)


def _range(image: Image.Image) -> tuple[float, float]:
    """(scale, offset) that map integer or floating-point grey to 0..255; non-finite values count as 0."""
    width, height = image.size
    rows = max(1, STRIP_PIXELS // width)
    low, high = np.inf, -np.inf
    for top in range(0, height, rows):
        strip = _finite(np.asarray(image.crop((0, top, width, min(top + rows, height)))))
        low, high = min(low, float(strip.min())), max(high, float(strip.max()))
    if image.mode == "F" and low >= 0 and high <= 1:
        return 255.0, 0.0
    if low >= 0 and high <= 255:
        return 1.0, 0.0
    if low >= 0 and high <= 65535:
        return 1 / 257, 0.0
    return (255.0 / (high - low) if high > low else 0.0), low


def _scaled(values: np.ndarray, scale: float, offset: float) -> np.ndarray:
    return np.round((_finite(values) - offset) * scale).clip(0, 255).astype(np.uint8)


def _finite(values: np.ndarray) -> np.ndarray:
    return np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
