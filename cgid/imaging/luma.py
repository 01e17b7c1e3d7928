"""Luma of RGB pixels (ITU-R BT.601), summed in one fixed order, so that every feature is bit-reproducible."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL import Image

WEIGHTS = (0.299, 0.587, 0.114)  # of red, green and blue


def luma(rgb: np.ndarray) -> np.ndarray:
    """float32 (H, W) of (H, W, 3), uint8 or any other type, on the same scale (0..255 of pixels).

    Summed red, green, blue in this order: the same on every machine.
    """
    import cv2

    red, green, blue = (cv2.extractChannel(rgb, k).reshape(rgb.shape[:2]) for k in range(3))
    gray = red * np.float32(WEIGHTS[0])
    gray += green * np.float32(WEIGHTS[1])
    gray += blue * np.float32(WEIGHTS[2])
    return gray


def luma8(image: Image.Image) -> Image.Image:
    """Pillow's own integer luma (mode `L`): for the perceptual hash only, whose values are stored in manifests."""
    return image.convert("L")
