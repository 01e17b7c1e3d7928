"""Small data sets for format matching: photographs as JPEG of many qualities, AI images as PNG, larger than the crop."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from cgid.data.manifest import write_manifest


def picture(seed: int, size: tuple[int, int] = (80, 64)) -> Image.Image:
    """Smooth colours with fine grain: as different from another seed's as photographs are."""
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (9, 9, 3), dtype=np.uint8))
    smooth = np.asarray(small.resize(size, Image.Resampling.BICUBIC), float)
    return Image.fromarray((smooth + rng.normal(0, 6, smooth.shape)).clip(0, 255).astype(np.uint8))


def leaky(folder: Path, each: int = 8, swap: bool = False) -> Path:
    """`each` camera-like JPEGs with EXIF and `each` PNGs; splits and groups set. swap: the labels the other way round."""
    folder.mkdir(parents=True, exist_ok=True)
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    rows = []
    for i in range(2 * each):
        image, real = picture(i, (80 + 8 * (i % 3), 64 + i % 5)), i % 2 == 0
        path = folder / (f"photo_{i}.jpg" if real else f"render_{i}.png")
        if real:
            image.save(path, quality=70 + i % 25, subsampling="4:2:2", exif=exif, comment=b"hello")
        else:
            image.save(path)
        rows.append(
            {"path": str(path), "label": "real" if real != swap else "ai", "source": "s", "generator": f"g{i % 3}"}
            | {"split": ("train", "val", "test")[i % 3], "group": f"group{i // 2}", "note": f"n{i}"}
        )
    import pandas as pd

    write_manifest(pd.DataFrame(rows), folder / "manifest.csv")
    return folder / "manifest.csv"
