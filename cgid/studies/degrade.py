"""Robustness tiers: what becomes of images on their way through the web, done to both classes alike.

SCIENCE: `web` (long side at most 768 px, JPEG quality 60) and `hard` (512 px, quality 40); `clean` leaves them alone.
"""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image

from cgid.errors import InputError

# {tier: (longest side in px, JPEG quality)}; None: the image as it is.
TIERS: dict[str, tuple[int, int] | None] = {"clean": None, "web": (768, 60), "hard": (512, 40)}


def tiers_of(names: str) -> list[str]:
    """Tiers by comma-separated names, each once. Raises InputError on an unknown or missing one."""
    chosen = list(dict.fromkeys(name.strip() for name in names.split(",") if name.strip()))
    if unknown := [name for name in chosen if name not in TIERS]:
        raise InputError(f"No tier is called {', '.join(unknown)}; there are {', '.join(TIERS)}.")
    if not chosen:
        raise InputError(f"Name at least one tier: {', '.join(TIERS)}.")
    return chosen


def degrade(rgb: np.ndarray, tier: str) -> np.ndarray:
    """uint8 (H, W, 3) to uint8 (h, w, 3): never enlarged, aspect kept, 4:2:0 chroma as cameras and the web use."""
    recipe = TIERS[tier]
    if recipe is None:
        return rgb
    longest, quality = recipe
    image = Image.fromarray(rgb)
    scale = longest / max(image.size)
    if scale < 1:
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image = image.resize(size, Image.Resampling.LANCZOS)
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=quality, subsampling="4:2:0")
    return np.asarray(Image.open(buffer))
