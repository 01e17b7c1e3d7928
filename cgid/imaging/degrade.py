"""Degrades pixels as sharing on the web does: resizing, blur, noise and recompression, identical for both classes.

Tiers: `web` (long side at most 768 px, JPEG quality 60) and `hard` (512 px, quality 40); `clean` leaves
images unchanged.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from cgid.errors import InputError
from cgid.imaging.jpeg_encode import reencode

# {tier: (longest side in px, JPEG quality)}; None: unchanged.
TIERS: dict[str, tuple[int, int] | None] = {"clean": None, "web": (768, 60), "hard": (512, 40)}


def parse_tiers(names: str) -> list[str]:
    """Tiers from comma-separated names, without duplicates. Raises InputError if one is unknown or none is given."""
    chosen = list(dict.fromkeys(name.strip() for name in names.split(",") if name.strip()))
    if unknown := [name for name in chosen if name not in TIERS]:
        raise InputError(f"No tier is called {', '.join(unknown)}; there are {', '.join(TIERS)}.")
    if not chosen:
        raise InputError(f"Name at least one tier: {', '.join(TIERS)}.")
    return chosen


def degrade(rgb: np.ndarray, tier: str) -> np.ndarray:
    """uint8 (H, W, 3) to uint8 (h, w, 3): never enlarged, aspect ratio preserved, 4:2:0 chroma as is usual on the web."""
    recipe = TIERS[tier]
    if recipe is None:
        return rgb
    longest, quality = recipe
    scale = longest / max(rgb.shape[:2])
    if scale < 1:
        image = Image.fromarray(rgb)
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        rgb = np.asarray(image.resize(size, Image.Resampling.LANCZOS))
    return reencode(rgb, quality)


def gaussian_blur(rgb: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian of `sigma` px, truncated at 4 sigma, edges mirrored, as in scipy.ndimage.gaussian_filter."""
    import cv2

    side = 2 * int(4 * sigma + 0.5) + 1
    blurred = cv2.GaussianBlur(rgb.astype(np.float32), (side, side), sigma, borderType=cv2.BORDER_REFLECT)
    return np.rint(blurred).clip(0, 255).astype(np.uint8)


def gaussian_noise(rgb: np.ndarray, deviation: float, random: np.random.Generator) -> np.ndarray:
    """Normal noise of `deviation` grey levels, independent in every pixel and channel."""
    noise = random.standard_normal(rgb.shape, np.float32) * np.float32(deviation)
    noisy: np.ndarray = np.rint(rgb + noise).clip(0, 255).astype(np.uint8)
    return noisy
