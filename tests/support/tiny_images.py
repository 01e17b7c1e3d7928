"""Tiny coloured images in two classes, on which a network trains within seconds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image


def make_images(folder: Path, count: int, seed: int, size: int = 40, source: str = "tiny") -> pd.DataFrame:
    """Half real (bluish), half AI (reddish), two images a group, as manifest rows."""
    random = np.random.default_rng(seed)
    rows = []
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        label = ("real", "ai")[i % 2]
        pixels = random.integers(60, 180, (size, size + i % 3, 3))
        pixels[..., 0 if label == "ai" else 2] += 60
        path = folder / f"{label}_{i}.png"
        Image.fromarray(pixels.astype(np.uint8)).save(path)
        generator = f"generator{i % 4 // 2}" if label == "ai" else ""
        rows.append({"path": str(path), "label": label, "source": source, "generator": generator})
        rows[-1]["group"] = f"{folder.name}-{label}-{i // 4}"
    return pd.DataFrame(rows)
