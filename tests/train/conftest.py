"""Tiny coloured images in two classes, listed in manifests: enough for a network to learn something in seconds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from cgid.data.manifest import write_manifest


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


@pytest.fixture(scope="session")
def tiny(tmp_path_factory) -> dict[str, Path]:
    """{"train", "val", "test", "other"}: manifests of 32, 24, 24 and 16 images."""
    folder = tmp_path_factory.mktemp("tiny")
    made = {}
    for seed, (name, count) in enumerate({"train": 32, "val": 24, "test": 24, "other": 16}.items()):
        made[name] = folder / f"{name}.csv"
        write_manifest(make_images(folder / name, count, seed), made[name])
    return made
