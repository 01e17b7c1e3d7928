"""A Model A run without training: an imported detector with a known answer, and the images it was evaluated on."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from cgid.data.manifest import write_manifest
from cgid.external.import_detector import import_detector
from cgid.external.params import ImportDetectorParams
from cgid.progress import silent
from detectors import SIZE, detector

SIDECAR = {"input_size": SIZE, "output": "logit", "positive_class": "ai", "mean": [0.5, 0.4, 0.3], "std": [0.2] * 3}


def images(folder: Path, name: str, count: int, seed: int, each: int = 2) -> Path:
    """Manifest of reddish AI and bluish real images, `each` to a group; classes overlap."""
    random, rows = np.random.default_rng(seed), []
    (folder / name).mkdir(parents=True)
    for i in range(count):
        label = ("real", "ai")[i % 2]
        pixels = random.integers(40, 180, (20, 24, 3))
        pixels[..., 0 if label == "ai" else 2] += random.integers(-20, 60)
        path = folder / name / f"{i}.png"
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(path)
        generator = f"g{i % 4 // 2}" if label == "ai" else ""
        rows.append({"path": str(path), "label": label, "source": f"s{i % 3}", "generator": generator})
    write_manifest(
        pd.DataFrame(rows).assign(group=[f"{name}{i // each}" for i in range(count)]), folder / f"{name}.csv"
    )
    return folder / f"{name}.csv"


def run_of(folder: Path, output_dir: Path | None = None, count: int = 40) -> Path:
    """A run folder with model.onnx and predictions_test.parquet of `count` images."""
    val, test = images(folder, "val", 24, 1), images(folder, "test", count, 2)
    detector(folder / "d.onnx")
    (folder / "d.json").write_text(json.dumps(SIDECAR))
    run = output_dir or folder / "run"
    import_detector(ImportDetectorParams(folder / "d.onnx", folder / "d.json", val, test, run), silent)
    return run
